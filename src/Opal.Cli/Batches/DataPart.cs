using Opal.Primitives;

namespace Opal.Cli.Batches;

/// <summary>What carries a piece of batcher data.</summary>
internal enum Carrier
{
    /// <summary>The calldata of a transaction.</summary>
    Calldata,

    /// <summary>A blob.</summary>
    Blob,

    /// <summary>Frames that a file lists one by one.</summary>
    Frames,

    /// <summary>A whole channel, its frames joined already.</summary>
    Channel,
}

/// <summary>A piece of batcher data: version byte and frames, or a whole channel.</summary>
/// <param name="Carrier">What it came in.</param>
/// <param name="Data">The data; empty where there is a problem.</param>
/// <param name="CarriedBytes">The bytes it takes where it came from: calldata, or what a blob says it holds.</param>
/// <param name="Blob">The versioned hash of the blob, where it is known.</param>
/// <param name="Problem">Why there are no data; null when there are.</param>
internal sealed record DataPart(Carrier Carrier, ReadOnlyMemory<byte> Data, int CarriedBytes, Hash256? Blob = null, string? Problem = null);
