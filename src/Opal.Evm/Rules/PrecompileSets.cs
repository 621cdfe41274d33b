namespace Opal.Evm;

/// <summary>The precompile sets of the forks.</summary>
public static class PrecompileSets
{
    public static PrecompileSet Berlin { get; } = PrecompileSet.Empty;
    public static PrecompileSet Cancun { get; } = Berlin;
    public static PrecompileSet Prague { get; } = Cancun;
    public static PrecompileSet Osaka { get; } = Prague;
    public static PrecompileSet OpFjord { get; } = Cancun;
    public static PrecompileSet OpGranite { get; } = OpFjord;
    public static PrecompileSet OpIsthmus { get; } = Prague;
    public static PrecompileSet OpJovian { get; } = OpIsthmus;
    public static PrecompileSet OpKarst { get; } = OpJovian;
}
