using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Finds out whether the next channel costs less in blobs or in calldata at L1's prices, and keeps to its choice while that is not clear.</summary>
public sealed class CarrierChoice(EthClient l1, CarrierSwitch? carrierSwitch = null)
{
    private readonly CarrierSwitch _switch = carrierSwitch ?? new CarrierSwitch();
    private long? _channelBytes;

    /// <summary>Tells of a channel that was closed: the next one is taken to be about as long. Without it a full one is reckoned with.</summary>
    /// <param name="bytes">Its compressed bytes.</param>
    public void ChannelClosed(long bytes) => _channelBytes = bytes;

    /// <summary>Asks L1 for its prices and chooses.</summary>
    /// <param name="blobs">The blobs a full channel takes.</param>
    /// <param name="calldataBytes">The bytes of a calldata transaction.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RpcTransportException">L1 did not answer.</exception>
    public async Task<bool> BlobsAreCheaperAsync(int blobs, int calldataBytes, CancellationToken cancellation)
    {
        BlockHeader? head = await l1.FindHeaderAsync(BlockParameter.Latest, cancellation);
        if (head?.BaseFeePerGas is not { } baseFee || head.ExcessBlobGas is null) return false; // this L1 has no blobs
        UInt256 gasPrice = baseFee + await l1.MaxPriorityFeePerGasAsync(cancellation);
        var prices = new L1Prices(gasPrice, await l1.BlobBaseFeeAsync(cancellation), HasCalldataFloor: head.RequestsHash is not null);
        return Choose(blobs, calldataBytes, prices, head.Number);
    }

    /// <summary>Chooses at given prices.</summary>
    internal bool Choose(int blobs, int calldataBytes, in L1Prices prices, ulong l1Block)
    {
        long bytes = _channelBytes ?? (blobs * (long)BatcherOptions.BlobDataBytes);
        return _switch.Choose(CarrierCost.InBlobs(bytes, blobs, prices), CarrierCost.InCalldata(bytes, calldataBytes, prices), l1Block);
    }
}
