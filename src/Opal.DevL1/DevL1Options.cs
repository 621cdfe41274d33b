using Opal.Execution;
using Opal.Primitives;

namespace Opal.DevL1;

/// <summary>How an embedded L1 behaves.</summary>
public sealed record DevL1Options
{
    /// <summary>Seconds between blocks, which is also the length of a beacon slot.</summary>
    public ulong BlockTimeSeconds { get; init; } = 2;

    /// <summary>Whether blocks are produced by the clock. If not, only <see cref="DevL1Node.Mine"/> makes them.</summary>
    public bool ProduceBlocks { get; init; } = true;

    /// <summary>Who gets the tips.</summary>
    public Address FeeRecipient { get; init; }

    /// <summary>Blocks that the safe head trails the head by.</summary>
    public ulong SafeDistance { get; init; } = 4;

    /// <summary>Blocks that the finalized head trails the head by.</summary>
    public ulong FinalizedDistance { get; init; } = 8;

    /// <summary>The address both endpoints listen on.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The JSON-RPC port (HTTP and WebSocket); 0 takes any free one.</summary>
    public int RpcPort { get; init; }

    /// <summary>The Beacon API's port; 0 takes any free one.</summary>
    public int BeaconPort { get; init; }

    /// <summary>Blobs kept for the Beacon API and the pool, oldest dropped first.</summary>
    public int MaxStoredBlobs { get; init; } = 2048;

    /// <summary>Where and how much of the chain is kept on disk; null keeps it in memory.</summary>
    public StorageOptions? Storage { get; init; }

    /// <summary>The directory of the blobs, so that the Beacon API has them after a restart; null keeps them in memory.</summary>
    public string? BlobDirectory { get; init; }

    /// <summary>Blocks whose state is kept.</summary>
    public int KeptStates { get; init; } = 8192;
}
