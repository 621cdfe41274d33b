using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Finds out whether a channel costs less in blobs or in calldata at L1's prices.</summary>
public sealed class CarrierChoice(EthClient l1)
{
    private const ulong TransactionGas = 21_000;

    /// <summary>Gas for a byte of compressed data, nearly none of which is zero (EIP-7623).</summary>
    private const ulong CalldataByteGas = 40;

    /// <summary>Asks L1 for its prices and compares.</summary>
    /// <param name="blobs">The blobs a full channel takes.</param>
    /// <param name="calldataBytes">The bytes of a calldata transaction.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<bool> BlobsAreCheaperAsync(int blobs, int calldataBytes, CancellationToken cancellation)
    {
        BlockHeader? head = await l1.FindHeaderAsync(BlockParameter.Latest, cancellation);
        if (head?.BaseFeePerGas is not { } baseFee || head.ExcessBlobGas is null) return false;
        UInt256 gasPrice = baseFee + await l1.MaxPriorityFeePerGasAsync(cancellation);
        return BlobsAreCheaper(blobs, calldataBytes, gasPrice, await l1.BlobBaseFeeAsync(cancellation));
    }

    /// <summary>Compares what the same data costs: full blobs in one transaction, or transactions of full calldata.</summary>
    internal static bool BlobsAreCheaper(int blobs, int calldataBytes, in UInt256 gasPrice, in UInt256 blobBaseFee)
    {
        ulong data = (ulong)blobs * BatcherOptions.BlobDataBytes;
        ulong transactions = (data + (ulong)calldataBytes - 1) / (ulong)calldataBytes;
        UInt256 inBlobs = (gasPrice * TransactionGas) + (blobBaseFee * BlobGas.GasPerBlob * (ulong)blobs);
        UInt256 inCalldata = gasPrice * ((transactions * TransactionGas) + (data * CalldataByteGas));
        return inBlobs < inCalldata;
    }
}
