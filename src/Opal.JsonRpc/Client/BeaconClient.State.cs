namespace Opal.JsonRpc;

/// <summary>The constants of a beacon chain that a rollup depends on. What a node does not state is null.</summary>
/// <param name="SecondsPerSlot">The length of a slot.</param>
/// <param name="SlotsPerEpoch">Slots in an epoch.</param>
/// <param name="ExecutionChainId">The chain id of its execution layer (DEPOSIT_CHAIN_ID).</param>
/// <param name="BlobRetentionEpochs">For how many epochs blobs must be served (MIN_EPOCHS_FOR_BLOB_SIDECARS_REQUESTS).</param>
public sealed record BeaconSpec(ulong SecondsPerSlot, ulong? SlotsPerEpoch, ulong? ExecutionChainId, ulong? BlobRetentionEpochs);

/// <summary>How far a beacon node has come.</summary>
/// <param name="HeadSlot">Its newest slot.</param>
/// <param name="IsSyncing">Whether it is behind.</param>
/// <param name="HasExecution">Whether its execution client answers it.</param>
public sealed record BeaconSyncState(ulong HeadSlot, bool IsSyncing, bool HasExecution);

public sealed partial class BeaconClient
{
    /// <summary>The node's constants.</summary>
    public Task<BeaconSpec> SpecAsync(CancellationToken cancellation = default) =>
        GetAsync("eth/v1/config/spec", static data => new BeaconSpec(
            data.TryGet("SECONDS_PER_SLOT", out JsonValue seconds) ? seconds.AsLooseUInt64() : data["SLOT_DURATION_MS"].AsLooseUInt64() / 1000,
            data.OrNull("SLOTS_PER_EPOCH", static v => v.AsLooseUInt64()),
            data.OrNull("DEPOSIT_CHAIN_ID", static v => v.AsLooseUInt64()),
            data.OrNull("MIN_EPOCHS_FOR_BLOB_SIDECARS_REQUESTS", static v => v.AsLooseUInt64())), cancellation);

    /// <summary>How far the node has come.</summary>
    public Task<BeaconSyncState> SyncStateAsync(CancellationToken cancellation = default) =>
        GetAsync("eth/v1/node/syncing", static data => new BeaconSyncState(
            data["head_slot"].AsLooseUInt64(), data["is_syncing"].AsBool(), !(data.TryGet("el_offline", out JsonValue offline) && offline.AsBool())), cancellation);
}
