using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The part of the <c>eth</c> namespace that tells fees.</summary>
public sealed class EthFeeApi(Blockchain chain, BlockSelector blocks, FeeOracle oracle)
{
    private const ulong MaxHistory = 1024;
    private const int MaxPercentiles = 100;

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("eth_gasPrice", _ => RpcResult.Quantity(oracle.SuggestTip() + (chain.Head.Header.BaseFeePerGas ?? UInt256.Zero)));
        registry.Register("eth_maxPriorityFeePerGas", _ => RpcResult.Quantity(oracle.SuggestTip()));
        registry.Register("eth_blobBaseFee", _ => BlobBaseFee());
        registry.Register("eth_feeHistory", FeeHistory);
    }

    private RpcResult BlobBaseFee() => RpcResult.Quantity(NextFees.BlobBaseFee(chain.Spec, chain.Head.Header) ?? UInt256.Zero);

    private RpcResult FeeHistory(RpcParams parameters)
    {
        ulong count = parameters.GetNumber(0);
        ulong newest = blocks.NumberOf(parameters.GetBlock(1));
        double[] percentiles = parameters.Has(2) ? parameters.Get(2, static v => v.AsArray(static p => p.Element.ValueKind == JsonValueKind.Number ? p.Element.GetDouble() : throw p.Fault("expected a number"))) : [];
        if (CheckPercentiles(percentiles) is { } fault) return RpcResult.Fail(RpcErrorCode.InvalidParams, fault);
        ulong head = chain.Head.Number;
        if (newest > head) return RpcResult.Fail(RpcErrorCode.InvalidParams, $"request beyond head block: requested {newest}, head {head}");
        count = Math.Min(Math.Min(count, MaxHistory), newest + 1);

        List<ExecutedBlock> range = [];
        for (ulong number = newest + 1 - count; number <= newest; number++)
        {
            if (chain.FindCanonical(number) is not { } block) break;
            range.Add(block);
        }

        return RpcResult.Json(json => Write(json, range, newest + 1 - count, percentiles));
    }

    private static string? CheckPercentiles(double[] percentiles)
    {
        if (percentiles.Length > MaxPercentiles) return $"over the query limit {MaxPercentiles}";
        for (int i = 0; i < percentiles.Length; i++)
        {
            if (!(percentiles[i] >= 0 && percentiles[i] <= 100)) return $"invalid reward percentile: {percentiles[i]:0.######}";
            if (i > 0 && percentiles[i] <= percentiles[i - 1]) return $"invalid reward percentile: #{i - 1}:{percentiles[i - 1]:0.######} >= #{i}:{percentiles[i]:0.######}";
        }

        return null;
    }

    private void Write(Utf8JsonWriter json, List<ExecutedBlock> range, ulong oldest, double[] percentiles)
    {
        json.WriteStartObject();
        json.WriteQuantity("oldestBlock"u8, range.Count == 0 ? 0 : oldest);
        if (percentiles.Length > 0 && range.Count > 0)
        {
            json.WriteStartArray("reward"u8);
            foreach (ExecutedBlock block in range) WriteRewards(json, block, percentiles);
            json.WriteEndArray();
        }

        if (range.Count > 0)
        {
            json.WriteStartArray("baseFeePerGas"u8);
            foreach (ExecutedBlock block in range) json.WriteQuantityValue(block.Header.BaseFeePerGas ?? UInt256.Zero);
            json.WriteQuantityValue(NextFees.BaseFee(chain.Spec, range[^1].Header) ?? UInt256.Zero);
            json.WriteEndArray();
        }

        json.WriteStartArray("gasUsedRatio"u8);
        foreach (ExecutedBlock block in range) json.WriteNumberValue(block.Header.GasLimit == 0 ? 0 : (double)block.Header.GasUsed / block.Header.GasLimit);
        json.WriteEndArray();

        if (range.Count > 0)
        {
            json.WriteStartArray("baseFeePerBlobGas"u8);
            foreach (ExecutedBlock block in range) json.WriteQuantityValue(NextFees.OwnBlobBaseFee(chain.Spec, block.Header) ?? UInt256.Zero);
            json.WriteQuantityValue(NextFees.BlobBaseFee(chain.Spec, range[^1].Header) ?? UInt256.Zero);
            json.WriteEndArray();
            json.WriteStartArray("blobGasUsedRatio"u8);
            foreach (ExecutedBlock block in range)
            {
                ulong limit = NextFees.BlobGasLimit(chain.Spec, block.Header);
                json.WriteNumberValue(limit == 0 ? 0 : (double)(block.Header.BlobGasUsed ?? 0) / limit);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Tips at these percentiles of the block's gas, cheapest first.</summary>
    private static void WriteRewards(Utf8JsonWriter json, ExecutedBlock block, double[] percentiles)
    {
        UInt256 baseFee = block.Header.BaseFeePerGas ?? UInt256.Zero;
        (UInt256 Tip, ulong Gas)[] paid = [.. block.Transactions
            .Select((t, i) => (Tip: TransactionFees.EffectiveTip(t, baseFee), Gas: block.Receipts[i].GasUsed))
            .OrderBy(static p => p.Tip)];
        json.WriteStartArray();
        int at = 0;
        ulong sum = paid.Length > 0 ? paid[0].Gas : 0;
        foreach (double percentile in percentiles)
        {
            var threshold = (ulong)(block.Header.GasUsed * percentile / 100);
            while (at < paid.Length - 1 && sum < threshold) sum += paid[++at].Gas;
            json.WriteQuantityValue(paid.Length == 0 ? UInt256.Zero : paid[at].Tip);
        }

        json.WriteEndArray();
    }
}
