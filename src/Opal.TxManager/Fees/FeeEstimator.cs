using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>Reads the prices of the moment from L1.</summary>
internal sealed class FeeEstimator(L1Endpoints l1, L1Head watch, LiveOptions live, TxMetrics metrics)
{
    private readonly BlobTips _blobTips = new();

    /// <summary>Asks for base fee and tip, and for the blob base fee when <paramref name="isBlob"/>; none is below the configured least.</summary>
    public async Task<(TxPrices Prices, BlockHeader Head)> EstimateAsync(bool isBlob, CancellationToken cancellation)
    {
        (TxPrices prices, BlockHeader head) = await l1.ReadAsync((client, token) => EstimateAsync(client, isBlob, token), cancellation);
        watch.Seen(head.Number);
        metrics.Prices(prices);
        return (prices, head);
    }

    private async Task<(TxPrices Prices, BlockHeader Head)> EstimateAsync(EthClient client, bool isBlob, CancellationToken cancellation)
    {
        TxManagerOptions options = live.Current;
        BlockHeader head = await client.FindHeaderAsync(BlockParameter.Latest, cancellation)
            ?? throw new RpcTransportException("eth_getBlockByNumber", client.Rpc.Endpoint, "L1 has no latest block", isTransient: true);
        UInt256 baseFee = head.BaseFeePerGas ?? throw new RpcTransportException("eth_getBlockByNumber", client.Rpc.Endpoint, "L1's blocks have no base fee: it is before London, which is not supported", isTransient: false);
        UInt256 tip = isBlob && options.BlobTipDynamic
            ? await _blobTips.SuggestAsync(client, head, options.BlobTipRange, options.BlobTipPercentile, cancellation) ?? options.MinTip
            : UInt256.Max(await TipAsync(client, baseFee, cancellation), options.MinTip);
        UInt256 half = (options.MinBlobFee + UInt256.One) / 2UL; // the offer is twice the blob base fee
        UInt256 blobBaseFee = isBlob ? UInt256.Max(await BlobBaseFeeAsync(client, head, cancellation), half) : UInt256.Zero;
        return (new TxPrices(UInt256.Max(baseFee, options.MinBaseFee), tip, blobBaseFee), head);
    }

    private static async Task<UInt256> TipAsync(EthClient client, UInt256 baseFee, CancellationToken cancellation)
    {
        try
        {
            return await client.MaxPriorityFeePerGasAsync(cancellation);
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.MethodNotFound)
        {
            UInt256 price = await client.GasPriceAsync(cancellation);
            return price > baseFee ? price - baseFee : UInt256.Zero;
        }
    }

    private async Task<UInt256> BlobBaseFeeAsync(EthClient client, BlockHeader head, CancellationToken cancellation)
    {
        try
        {
            return await client.BlobBaseFeeAsync(cancellation);
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.MethodNotFound && head.ExcessBlobGas is { } excess)
        {
            BlobParameters parameters = l1.ChainId is { } chain && BlobSchedule.TryGetKnown(chain, out BlobSchedule schedule)
                && schedule.TryGet(head.Timestamp, out BlobParameters known) ? known : BlobParameters.Cancun;
            return BlobGas.BaseFee(excess, parameters);
        }
    }
}
