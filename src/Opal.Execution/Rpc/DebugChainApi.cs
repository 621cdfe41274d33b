using System.Text.Json;
using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The part of the <c>debug</c> namespace about the chain as such: moving the head back, invalid blocks, ranges of traces.</summary>
/// <param name="chain">The chain.</param>
/// <param name="blocks">Finds blocks.</param>
/// <param name="timeout">Most time for one traced transaction, unless the request says otherwise.</param>
/// <param name="logger">Where faults of subscriptions are told.</param>
public sealed class DebugChainApi(Blockchain chain, BlockSelector blocks, TimeSpan timeout, ILogger logger)
{
    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("debug_setHead", SetHead);
        registry.Register("debug_getBadBlocks", _ => RpcResult.Json(WriteBadBlocks));
        registry.Register("debug_traceBadBlock", TraceBadBlock);
        registry.RegisterSubscription("debug", "traceChain", TraceChain);
    }

    private RpcResult SetHead(RpcParams parameters)
    {
        ulong number = parameters.GetQuantity(0);
        if (number > chain.Head.Number) return RpcResult.Fail(RpcErrorCode.ServerError, $"block {number} is above the head, {chain.Head.Number}: the head moves forward by the Engine API alone");
        return chain.TryRewindHead(number)
            ? RpcResult.Null
            : RpcResult.Fail(RpcErrorCode.ServerError, $"the head cannot move back to block {number}: this node keeps blocks from {chain.OldestBlock} and states from {chain.OldestState} on");
    }

    private void WriteBadBlocks(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (Block block in chain.BadBlocks)
        {
            json.WriteStartObject();
            json.WriteHash("hash"u8, block.Hash);
            json.WritePropertyName("block"u8);
            EthJson.WriteBlock(json, block, fullTransactions: true, chain.Crypto);
            json.WriteData("rlp"u8, block.Encode());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private RpcResult TraceBadBlock(RpcParams parameters)
    {
        Hash256 hash = parameters.GetHash(0);
        TraceOptions options = parameters.GetOrNull(1, TraceOptions.Read) ?? TraceOptions.Default;
        Block block = chain.BadBlocks.FirstOrDefault(b => b.Hash == hash) ?? throw RpcException.Refused($"bad block {hash} not found");
        TransactionTracer?[] tracers = Trace(block, options);
        return RpcResult.Json(json => DebugTraceApi.WriteTraces(json, block, tracers));
    }

    private TransactionTracer?[] Trace(Block block, TraceOptions options) =>
        BlockTracing.Trace(chain, block, budget => TransactionTracer.Create(options, budget), only: null, options.Timeout ?? timeout);

    /// <summary>Traces of the blocks after the first one up to the last one, one notification a block that has transactions; the last block is told in any case.</summary>
    private ValueTask TraceChain(RpcParams parameters, RpcSubscription subscription, CancellationToken cancellation)
    {
        ExecutedBlock first = blocks.Get(parameters.GetBlock(0)), last = blocks.Get(parameters.GetBlock(1));
        TraceOptions options = parameters.GetOrNull(2, TraceOptions.Read) ?? TraceOptions.Default;
        if (first.Number >= last.Number) throw RpcException.Refused($"end block (#{last.Number}) needs to come after start block (#{first.Number})");
        _ = Task.Run(() => SendTraces(subscription, first.Number + 1, last.Number, options), CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    private void SendTraces(RpcSubscription subscription, ulong from, ulong to, TraceOptions options)
    {
        try
        {
            for (ulong number = from; number <= to && !subscription.Closed.IsCancellationRequested; number++)
            {
                if (chain.FindCanonical(number) is not { } block) return; // the chain moved back
                if (block.Transactions.Count == 0 && number < to) continue;
                TransactionTracer?[] tracers = Trace(block.Block, options);
                subscription.TryNotify(json =>
                {
                    json.WriteStartObject();
                    json.WriteQuantity("block"u8, number);
                    json.WriteHash("hash"u8, block.Hash);
                    json.WritePropertyName("traces"u8);
                    DebugTraceApi.WriteTraces(json, block.Block, tracers);
                    json.WriteEndObject();
                });
            }
        }
        catch (RpcException refused)
        {
            // a subscription has no way to answer with an error: it ends
            logger.LogWarning("The traces of blocks {From} to {To} ended early: {Reason}", from, to, refused.Message);
        }
        catch (Exception error)
        {
            logger.LogError(error, "The traces of blocks {From} to {To} could not be made", from, to);
        }
    }
}
