namespace Opal.Execution;

/// <summary>Where and how much an execution client keeps on disk.</summary>
public sealed record StorageOptions
{
    /// <summary>The client's own directory (<c>DATADIR/geth</c>); created when absent, locked while open.</summary>
    public required string Directory { get; init; }

    /// <summary>Blocks behind the head whose state can be read and proven (<c>history.state</c>); 0 keeps all (<c>gcmode=archive</c>).</summary>
    public ulong StateHistory { get; init; } = 90_000;

    /// <summary>Blocks behind the head whose transactions are found by hash (<c>history.transactions</c>); 0 keeps all.</summary>
    public ulong TransactionHistory { get; init; } = 2_350_000;

    /// <summary>Free bytes on the disk below which the client stops, cleanly and saying so (<c>datadir.minfreedisk</c>).</summary>
    public long MinFreeDisk { get; init; } = 2L << 30;

    /// <summary>Memory for states that are not on disk yet, in bytes.</summary>
    public long LayerBudget { get; init; } = 256L << 20;

    /// <summary>How fast the state on disk is checked in the background, once the client has started; null does not check it.</summary>
    public StateCheckOptions? StateCheck { get; init; } = new();
}
