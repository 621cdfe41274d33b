using Opal.Batcher;
using Opal.Cli.Batches;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Cli.BatcherReports;

/// <summary>A batcher transaction on L1, with what it cost.</summary>
/// <param name="Source">The transaction and its data.</param>
/// <param name="Result">Its receipt.</param>
internal sealed record PostedTransaction(InboxTransaction Source, TxReceiptInfo Result)
{
    /// <summary>The number of its blobs; 0 with calldata.</summary>
    public int Blobs => Source.Parts.Count(static part => part.Carrier == Carrier.Blob);

    /// <summary>Whether all of its data was read: blobs need the Beacon API.</summary>
    public bool IsRead => Source.Parts.All(static part => part.Problem is null);

    /// <summary>The bytes of batcher data; null when not all was read.</summary>
    public long? Bytes => IsRead ? Source.Parts.Sum(static part => (long)part.CarriedBytes) : null;

    /// <summary>How full its blobs are, percent; null with calldata, or when they were not read.</summary>
    public double? FillPercent => Blobs > 0 && Bytes is { } bytes ? 100.0 * bytes / ((long)Blobs * BatcherOptions.BlobDataBytes) : null;

    /// <summary>L1 gas used.</summary>
    public ulong Gas => Result.Receipt.GasUsed;

    /// <summary>Wei for its gas.</summary>
    public UInt256 ExecutionFee => Result.Receipt.EffectiveGasPrice * Gas;

    /// <summary>Wei for its blobs.</summary>
    public UInt256 BlobFee => Result.Receipt is { BlobGasUsed: { } used, BlobGasPrice: { } price } ? price * used : UInt256.Zero;

    public UInt256 Fee => ExecutionFee + BlobFee;
}
