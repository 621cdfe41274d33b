using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>What it costs to post a channel in wei, by where its frames go.</summary>
public static class CarrierCost
{
    private const ulong TransactionGas = 21_000;

    /// <summary>Gas for a byte that is not zero; compressed data have nearly no zeros (EIP-2028).</summary>
    private const ulong CalldataByteGas = 16;

    /// <summary>The same by EIP-7623's floor, which holds where nothing is executed.</summary>
    private const ulong CalldataByteFloorGas = 40;

    /// <summary>A carrier's version byte and its frame's own fields.</summary>
    private const int CarrierOverhead = 1 + Frame.Overhead;

    /// <summary>In blobs: as many as the channel needs, each paid for in full.</summary>
    /// <param name="channelBytes">The compressed channel.</param>
    /// <param name="blobsPerTransaction">Blobs of a transaction.</param>
    /// <param name="prices">L1's prices.</param>
    public static UInt256 InBlobs(long channelBytes, int blobsPerTransaction, in L1Prices prices)
    {
        ulong blobs = Pieces(channelBytes, BatcherOptions.BlobDataBytes - CarrierOverhead);
        ulong transactions = Pieces((long)blobs, blobsPerTransaction);
        return (prices.GasPrice * (transactions * TransactionGas)) + (prices.BlobBaseFee * (blobs * BlobGas.GasPerBlob));
    }

    /// <summary>In calldata: every byte is paid for.</summary>
    /// <param name="channelBytes">The compressed channel.</param>
    /// <param name="transactionBytes">The most calldata of a transaction.</param>
    /// <param name="prices">L1's prices.</param>
    public static UInt256 InCalldata(long channelBytes, int transactionBytes, in L1Prices prices)
    {
        ulong transactions = Pieces(channelBytes, transactionBytes - CarrierOverhead);
        ulong bytes = (ulong)channelBytes + (transactions * CarrierOverhead);
        return prices.GasPrice * ((transactions * TransactionGas) + (bytes * (prices.HasCalldataFloor ? CalldataByteFloorGas : CalldataByteGas)));
    }

    private static ulong Pieces(long total, int each)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(each);
        return (ulong)Math.Max(1, (total + each - 1) / each);
    }
}
