using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>Reads the prices of the moment from L1.</summary>
internal sealed class FeeEstimator(EthClient l1, TxManagerOptions options)
{
    /// <summary>Asks for base fee and tip, and for the blob base fee when <paramref name="isBlob"/>; none is below the configured least.</summary>
    public async Task<(TxPrices Prices, BlockHeader Head)> EstimateAsync(bool isBlob, CancellationToken cancellation)
    {
        BlockHeader head = await l1.FindHeaderAsync(BlockParameter.Latest, cancellation)
            ?? throw new RpcTransportException("eth_getBlockByNumber", l1.Rpc.Endpoint, "L1 has no latest block", isTransient: true);
        UInt256 baseFee = head.BaseFeePerGas ?? throw new RpcTransportException("eth_getBlockByNumber", l1.Rpc.Endpoint, "L1's blocks have no base fee: it is before London, which is not supported", isTransient: false);
        UInt256 tip = await TipAsync(baseFee, cancellation);
        UInt256 blobBaseFee = isBlob ? UInt256.Max(await BlobBaseFeeAsync(head, cancellation), options.MinBlobBaseFee) : UInt256.Zero;
        return (new TxPrices(UInt256.Max(baseFee, options.MinBaseFee), UInt256.Max(tip, options.MinTip), blobBaseFee), head);
    }

    private async Task<UInt256> TipAsync(UInt256 baseFee, CancellationToken cancellation)
    {
        try
        {
            return await l1.MaxPriorityFeePerGasAsync(cancellation);
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.MethodNotFound)
        {
            UInt256 price = await l1.GasPriceAsync(cancellation);
            return price > baseFee ? price - baseFee : UInt256.Zero;
        }
    }

    private async Task<UInt256> BlobBaseFeeAsync(BlockHeader head, CancellationToken cancellation)
    {
        try
        {
            return await l1.BlobBaseFeeAsync(cancellation);
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.MethodNotFound && head.ExcessBlobGas is { } excess)
        {
            BlobParameters parameters = BlobSchedule.TryGetKnown(await l1.ChainIdAsync(cancellation), out BlobSchedule schedule)
                && schedule.TryGet(head.Timestamp, out BlobParameters known) ? known : BlobParameters.Cancun;
            return BlobGas.BaseFee(excess, parameters);
        }
    }
}
