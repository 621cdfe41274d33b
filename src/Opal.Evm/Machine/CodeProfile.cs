namespace Opal.Evm;

/// <summary>What is known of one code under one set of rules: the gas it used and its machine code.</summary>
/// <remarks>
/// Shared by machines on several threads without locks. <see cref="Compiled"/> is one reference, read once when a frame begins;
/// <see cref="Gas"/> is a rough count that may lose an addition.
/// </remarks>
internal sealed class CodeProfile
{
    /// <summary>The machine code; null while there is none.</summary>
    public ICompiledCode? Compiled;

    /// <summary>Gas that frames of this code used themselves, their callees' and that of failed frames left out.</summary>
    public long Gas;

    /// <summary>The count of <see cref="Gas"/> from which the compiler wants to be told.</summary>
    public long ReportAt = long.MaxValue;
}

/// <summary>The profiles under one set of rules, owned by the compiler.</summary>
internal abstract class CodeProfiles
{
    /// <summary>The profile of a code with a hash.</summary>
    public abstract CodeProfile Open(Bytecode code);

    /// <summary>Tells that <see cref="CodeProfile.Gas"/> has reached <see cref="CodeProfile.ReportAt"/>. Returns at once and never throws.</summary>
    public abstract void Report(CodeProfile profile, Bytecode code);
}
