using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// The execution engine as the rollup node sees it: the Engine API, and reads of L2 blocks.
/// Commands answer with a verdict and never throw but for cancellation; reads throw <see cref="SourceException"/> when there is no answer.
/// </summary>
public interface IEngine
{
    /// <summary>Sets the heads, and with attributes starts building a block on the new head.</summary>
    Task<ForkchoiceAnswer> ForkchoiceUpdatedAsync(ForkchoiceState state, PayloadAttributes? attributes, CancellationToken cancellation);

    /// <summary>Ends a building job and returns its block. <paramref name="timestampSeconds"/> selects the method's version.</summary>
    Task<PayloadAnswer> GetPayloadAsync(PayloadId payload, ulong timestampSeconds, CancellationToken cancellation);

    /// <summary>Executes and stores a block; it does not become canonical yet.</summary>
    Task<ImportAnswer> NewPayloadAsync(PayloadEnvelope payload, CancellationToken cancellation);

    /// <summary>The block a label points at; null when the engine has none.</summary>
    Task<Block?> BlockByLabelAsync(L2Label label, CancellationToken cancellation);

    /// <summary>The canonical block of a height; null when there is none.</summary>
    Task<Block?> BlockByNumberAsync(ulong number, CancellationToken cancellation);

    /// <summary>A block by its hash, canonical or not; null when unknown.</summary>
    Task<Block?> BlockByHashAsync(Hash256 hash, CancellationToken cancellation);

    /// <summary>Whether the engine says that it is syncing itself (eth_syncing).</summary>
    Task<bool> IsSyncingAsync(CancellationToken cancellation) => Task.FromResult(false);

    /// <summary>
    /// Storage root of the L2ToL1MessagePasser in the state after a block, proven against the block's state root; null when the engine does not keep that state.
    /// </summary>
    Task<Hash256?> WithdrawalStorageRootAsync(BlockHeader header, CancellationToken cancellation);
}
