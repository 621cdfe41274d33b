namespace Opal.Compiler;

/// <summary>When code is compiled.</summary>
public enum CompilationMode
{
    /// <summary>When it has earned it, on a background thread.</summary>
    Background,

    /// <summary>When it has earned it and somebody calls <see cref="CodeCompiler.CompileNext"/>.</summary>
    Manual,

    /// <summary>At once, on the thread that wants to run it: for tests and benchmarks.</summary>
    FirstSight,
}
