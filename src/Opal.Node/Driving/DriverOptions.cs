namespace Opal.Node;

/// <summary>How the driver derives.</summary>
public sealed record DriverOptions
{
    /// <summary>L1 blocks kept between derivation and L1's head (verifier.l1-confs).</summary>
    public ulong VerifierConfirmations { get; init; }

    /// <summary>Wait after the first failure of an activity.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest wait between two tries of an activity.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait between two resets without progress in between.</summary>
    public TimeSpan LongestResetWait { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether an engine that has synced nothing yet syncs itself to the newest unsafe block first (syncmode=execution-layer).</summary>
    public bool EngineSync { get; init; }

    /// <summary>Blocks by which safe and finalized head trail the block that the engine has synced to (syncmode.offset).</summary>
    public ulong EngineSyncOffset { get; init; }

    /// <summary>Between two looks at an engine that syncs.</summary>
    public TimeSpan EngineSyncInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an engine may come no closer, without saying that it is syncing, before the chain is derived instead.</summary>
    public TimeSpan EngineSyncPatience { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Keeps over restarts whether the sequencer runs (rpc.admin-state); null keeps it nowhere.</summary>
    public AdminStateFile? AdminState { get; init; }
}
