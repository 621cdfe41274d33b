namespace Opal.Cli.Doctor;

/// <summary>What has to be there before a check means anything.</summary>
[Flags]
internal enum CheckNeeds : byte
{
    None = 0,
    /// <summary>The rollup's configuration.</summary>
    Rollup = 1,
    /// <summary>An L1 that answers.</summary>
    L1 = 2,
    /// <summary>A Beacon API that answers.</summary>
    Beacon = 4,
    /// <summary>An engine that answers and takes the JWT.</summary>
    Engine = 8,
    /// <summary>The SystemConfig contract on L1.</summary>
    Contracts = 16,
    /// <summary>A rollup node that runs at the RPC address of the flags.</summary>
    Node = 32,
}
