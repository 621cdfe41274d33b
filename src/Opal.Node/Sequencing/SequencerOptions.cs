namespace Opal.Node;

/// <summary>How blocks are produced. Flags: sequencer.*.</summary>
public sealed record SequencerOptions
{
    /// <summary>Whether this node may sequence at all (sequencer.enabled).</summary>
    public bool Enabled { get; init; }

    /// <summary>Enabled, but waiting for admin_startSequencer (sequencer.stopped).</summary>
    public bool StartStopped { get; init; }

    /// <summary>L1 blocks between the newest L1 origin adopted and L1's head (sequencer.l1-confs).</summary>
    public ulong L1Confirmations { get; init; } = 4;

    /// <summary>Unsafe blocks above the safe head at which production pauses until the safe head moves; 0 = never (sequencer.max-safe-lag).</summary>
    public ulong MaxSafeLag { get; init; }

    /// <summary>Origins advance as forced empty blocks would have them, and blocks carry no pool transactions (sequencer.recover).</summary>
    public bool Recover { get; init; }

    /// <summary>Whether recover mode goes on by itself while a sequencing window has passed without a batch (sequencer.auto-recover).</summary>
    public bool AutoRecover { get; init; } = true;

    /// <summary>How long before the block's time its building ends.</summary>
    public TimeSpan SealingTime { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long one block waits at most for the next L1 origin while it may keep the current one.</summary>
    public TimeSpan OriginPatience { get; init; } = TimeSpan.FromMilliseconds(300);
}
