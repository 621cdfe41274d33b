using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>A rollup node's <c>optimism</c> and <c>admin</c> namespaces, typed.</summary>
public sealed class RollupNodeClient(IRpcClient rpc)
{
    /// <summary>The connection.</summary>
    public IRpcClient Rpc => rpc;

    /// <summary>How far the node has come.</summary>
    public Task<SyncStatus> SyncStatusAsync(CancellationToken cancellation = default) =>
        rpc.CallAsync("optimism_syncStatus", null, RollupJson.ReadSyncStatus, cancellation);

    /// <summary>The output of an L2 block.</summary>
    public Task<OutputAtBlock> OutputAtBlockAsync(ulong number, CancellationToken cancellation = default) =>
        rpc.CallAsync("optimism_outputAtBlock", writer => writer.WriteQuantityValue(number), RollupJson.ReadOutput, cancellation);

    /// <summary>The rollup's configuration.</summary>
    public Task<RollupConfig> RollupConfigAsync(CancellationToken cancellation = default) =>
        rpc.CallAsync("optimism_rollupConfig", null, static value => RollupConfigFile.ReadValue(value, tolerant: true), cancellation);

    /// <summary>The node's version.</summary>
    public Task<string> VersionAsync(CancellationToken cancellation = default) => rpc.CallAsync("optimism_version", null, static v => v.AsString(), cancellation);

    /// <summary>The safe head as derived from L1 up to a block, and the L1 block at which it last moved.</summary>
    public Task<(BlockId L1Block, BlockId SafeHead)> SafeHeadAtL1BlockAsync(ulong l1Number, CancellationToken cancellation = default) =>
        rpc.CallAsync("optimism_safeHeadAtL1Block", writer => writer.WriteQuantityValue(l1Number),
            static value => (RollupJson.ReadBlockId(value["l1Block"]), RollupJson.ReadBlockId(value["safeHead"])), cancellation);

    /// <summary>Whether the node is sequencing.</summary>
    public Task<bool> SequencerActiveAsync(CancellationToken cancellation = default) => rpc.CallAsync("admin_sequencerActive", null, static v => v.AsBool(), cancellation);

    /// <summary>Starts sequencing on a block, which must be the unsafe head.</summary>
    public Task StartSequencerAsync(Hash256 unsafeHead, CancellationToken cancellation = default) =>
        rpc.CallAsync("admin_startSequencer", writer => writer.WriteHashValue(unsafeHead), static _ => true, cancellation);

    /// <summary>Stops sequencing and gives the unsafe head.</summary>
    public Task<Hash256> StopSequencerAsync(CancellationToken cancellation = default) => rpc.CallAsync("admin_stopSequencer", null, static v => v.AsHash(), cancellation);

    /// <summary>Makes the node derive anew from the sync start.</summary>
    public Task ResetDerivationPipelineAsync(CancellationToken cancellation = default) =>
        rpc.CallAsync("admin_resetDerivationPipeline", null, static _ => true, cancellation);
}
