using Opal.Primitives;

namespace Opal.Compiler;

/// <summary>Hears what the compiler does, on the thread that does it. Must not throw.</summary>
public interface ICodeCompilerObserver
{
    /// <summary>Code was compiled.</summary>
    /// <param name="codeHash">Its hash.</param>
    /// <param name="codeBytes">Its length.</param>
    /// <param name="elapsed">Time spent, rests left out.</param>
    void Compiled(in Hash256 codeHash, int codeBytes, TimeSpan elapsed);

    /// <summary>Code could not be compiled; it stays with the interpreter.</summary>
    void Failed(in Hash256 codeHash, Exception reason);

    /// <summary>Machine code was given up for other code.</summary>
    void Evicted(in Hash256 codeHash);
}
