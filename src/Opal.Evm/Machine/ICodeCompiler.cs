namespace Opal.Evm;

/// <summary>Port to something outside the core that makes machine code of contracts which run much.</summary>
/// <remarks>
/// Optional: a machine without one interprets everything, with the same results. One compiler may serve many machines on
/// different threads; machines themselves know no threads. Implemented by <c>Opal.Compiler</c>.
/// </remarks>
public interface ICodeCompiler
{
    /// <summary>The profiles of code under these rules; the same object each time for rules with the same opcodes.</summary>
    internal CodeProfiles ProfilesFor(EvmRules rules);
}
