using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>The rollup node's public methods: optimism_*, and opp2p_* as far as a node without P2P can answer.</summary>
/// <remarks>Spec: protocol/rollup-node.md#l2-output-rpc-method. Field names and plain JSON numbers as op-node writes them.</remarks>
public sealed class NodeApi(RollupConfig config, IEngine engine, ISafeHeads safeHeads, Func<SyncStatus> status, string version)
{
    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("optimism_syncStatus", parameters =>
        {
            parameters.RequireAtMost(0);
            SyncStatus now = status();
            return RpcResult.Json(writer => RollupJson.WriteSyncStatus(writer, now));
        });
        registry.Register("optimism_outputAtBlock", (parameters, _, cancellation) => OutputAtBlockAsync(parameters, cancellation));
        registry.Register("optimism_rollupConfig", _ => RpcResult.Json(writer => RollupConfigFile.Write(writer, config)));
        registry.Register("optimism_version", _ => RpcResult.String(version));
        registry.Register("optimism_safeHeadAtL1Block", SafeHeadAtL1Block);
        foreach (string method in s_peerMethods) registry.Register($"opp2p_{method}", static _ => RpcResult.Fail(RpcErrorCode.ServerError, P2PDisabled));
        registry.Register("opp2p_peers", _ => RpcResult.Json(static writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("totalConnected", 0);
            writer.WriteStartObject("peers");
            writer.WriteEndObject();
            writer.WriteStartArray("bannedPeers");
            writer.WriteEndArray();
            writer.WriteStartArray("bannedIPS");
            writer.WriteEndArray();
            writer.WriteStartArray("bannedSubnets");
            writer.WriteEndArray();
            writer.WriteEndObject();
        }));
        registry.Register("opp2p_peerStats", _ => RpcResult.Json(static writer =>
        {
            writer.WriteStartObject();
            foreach (string count in (ReadOnlySpan<string>)["connected", "table", "blocksTopic", "blocksTopicV2", "blocksTopicV3", "blocksTopicV4", "banned", "known"])
                writer.WriteNumber(count, 0);
            writer.WriteEndObject();
        }));
    }

    // what changes or lists peers; peers and peerStats, which health checks read, answer that there are none
    private static readonly string[] s_peerMethods =
    [
        "self", "discoveryTable", "connectPeer", "disconnectPeer", "blockPeer", "unblockPeer", "listBlockedPeers", "blockAddr", "unblockAddr", "listBlockedAddrs",
        "blockSubnet", "unblockSubnet", "listBlockedSubnets", "protectPeer", "unprotectPeer",
    ];

    private const string P2PDisabled = "p2p is disabled on this node";

    private async ValueTask<RpcResult> OutputAtBlockAsync(RpcParams parameters, CancellationToken cancellation)
    {
        parameters.RequireAtMost(1);
        ulong number = parameters.GetQuantity(0);
        SyncStatus now = status();
        try
        {
            Block? block = await engine.BlockByNumberAsync(number, cancellation);
            if (block is null) return RpcResult.Fail(RpcErrorCode.ServerError, $"no L2 block {number}");
            if (!L2References.TryCreate(block, config, out L2BlockRef reference, out string? fault)) return RpcResult.Fail(RpcErrorCode.ServerError, fault!);
            Hash256? passer = config.IsActive(OptimismFork.Isthmus, new L2Time(block.Header.Timestamp))
                ? block.Header.WithdrawalsRoot
                : await engine.WithdrawalStorageRootAsync(block.Header, cancellation);
            if (passer is not { } storageRoot) return RpcResult.Fail(RpcErrorCode.ServerError, $"the engine no longer has the state of block {number}");
            var output = new OutputAtBlock
            {
                OutputRoot = OutputRoot.Compute(block.Header.StateRoot, storageRoot, block.Header.Hash),
                Block = reference,
                WithdrawalStorageRoot = storageRoot,
                StateRoot = block.Header.StateRoot,
                Status = now,
            };
            return RpcResult.Json(writer => RollupJson.WriteOutput(writer, output));
        }
        catch (SourceException error)
        {
            return RpcResult.Fail(RpcErrorCode.ServerError, error.Message);
        }
    }

    private RpcResult SafeHeadAtL1Block(RpcParams parameters)
    {
        parameters.RequireAtMost(1);
        ulong number = parameters.GetQuantity(0);
        if (!safeHeads.TryGet(number, out BlockId l1, out BlockId safe)) return RpcResult.Fail(RpcErrorCode.ServerError, "safe head at L1 block not found");
        return RpcResult.Json(writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("l1Block"u8);
            RollupJson.WriteBlockId(writer, l1);
            writer.WritePropertyName("safeHead"u8);
            RollupJson.WriteBlockId(writer, safe);
            writer.WriteEndObject();
        });
    }
}
