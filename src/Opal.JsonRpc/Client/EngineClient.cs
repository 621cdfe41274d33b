using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>The Engine API of an execution client, typed.</summary>
/// <remarks>
/// The overloads without a version choose it by the fork that is active at the block's time. Engine errors arrive as
/// <see cref="RpcCallException"/> with the codes of <see cref="RpcErrorCode"/> (-38001 and so on).
/// </remarks>
/// <param name="rpc">The connection; it must authenticate.</param>
/// <param name="forks">The L2's upgrades, which decide the versions.</param>
public sealed class EngineClient(IRpcClient rpc, OptimismForkTimes forks)
{
    /// <summary>The methods this client may use.</summary>
    public static IReadOnlyList<string> Capabilities { get; } =
    [
        "engine_forkchoiceUpdatedV1", "engine_forkchoiceUpdatedV2", "engine_forkchoiceUpdatedV3", "engine_newPayloadV1", "engine_newPayloadV2",
        "engine_newPayloadV3", "engine_newPayloadV4", "engine_getPayloadV1", "engine_getPayloadV2", "engine_getPayloadV3", "engine_getPayloadV4", "engine_getPayloadV5",
    ];

    /// <summary>The connection.</summary>
    public IRpcClient Rpc => rpc;

    /// <summary>Sets the heads, and begins to build a block when attributes are given.</summary>
    public Task<ForkchoiceResult> ForkchoiceUpdatedAsync(ForkchoiceState state, PayloadAttributes? attributes = null, CancellationToken cancellation = default) =>
        ForkchoiceUpdatedAsync(attributes is null ? 3 : EngineVersions.At(forks, attributes.Timestamp).ForkchoiceUpdated, state, attributes, cancellation);

    /// <summary>Sets the heads with a version of the method, and begins to build a block when attributes are given.</summary>
    public Task<ForkchoiceResult> ForkchoiceUpdatedAsync(int version, ForkchoiceState state, PayloadAttributes? attributes, CancellationToken cancellation = default) =>
        rpc.CallAsync($"engine_forkchoiceUpdatedV{version}", writer =>
        {
            EngineJson.WriteForkchoiceState(writer, state);
            if (attributes is null) writer.WriteNullValue();
            else EngineJson.WriteAttributes(writer, attributes);
        }, EngineJson.ReadForkchoiceResult, cancellation);

    /// <summary>Hands over a block to be executed.</summary>
    /// <param name="payload">The block.</param>
    /// <param name="parentBeaconBlockRoot">From Ecotone on; null before.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<PayloadStatus> NewPayloadAsync(ExecutionPayload payload, Hash256? parentBeaconBlockRoot, CancellationToken cancellation = default) =>
        NewPayloadAsync(EngineVersions.At(forks, payload.Timestamp).NewPayload, payload, parentBeaconBlockRoot, [], [], cancellation);

    /// <summary>Hands over a block with a version of the method.</summary>
    public Task<PayloadStatus> NewPayloadAsync(
        int version, ExecutionPayload payload, Hash256? parentBeaconBlockRoot, IReadOnlyList<Hash256> blobVersionedHashes, IReadOnlyList<byte[]> executionRequests,
        CancellationToken cancellation = default) =>
        rpc.CallAsync($"engine_newPayloadV{version}", writer =>
        {
            EngineJson.WritePayload(writer, payload);
            if (version < 3) return;
            writer.WriteStartArray();
            foreach (Hash256 hash in blobVersionedHashes) writer.WriteHashValue(hash);
            writer.WriteEndArray();
            if (parentBeaconBlockRoot is { } root) writer.WriteHashValue(root);
            else writer.WriteNullValue();
            if (version < 4) return;
            writer.WriteStartArray();
            foreach (byte[] request in executionRequests) writer.WriteDataValue(request);
            writer.WriteEndArray();
        }, EngineJson.ReadStatus, cancellation);

    /// <summary>Ends the building of a block and takes it.</summary>
    /// <param name="id">The block being built.</param>
    /// <param name="timestamp">Its time in seconds.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<PayloadEnvelope> GetPayloadAsync(PayloadId id, ulong timestamp, CancellationToken cancellation = default) =>
        GetPayloadAsync(EngineVersions.At(forks, timestamp).GetPayload, id, cancellation);

    /// <summary>Ends the building of a block and takes it, with a version of the method.</summary>
    public Task<PayloadEnvelope> GetPayloadAsync(int version, PayloadId id, CancellationToken cancellation = default) =>
        rpc.CallAsync($"engine_getPayloadV{version}", writer => writer.WriteStringValue(id.ToString()), value => EngineJson.ReadEnvelope(value, version), cancellation);

    /// <summary>Tells the server what this client can do and learns what the server can.</summary>
    public Task<string[]> ExchangeCapabilitiesAsync(CancellationToken cancellation = default) =>
        rpc.CallAsync("engine_exchangeCapabilities", static writer =>
        {
            writer.WriteStartArray();
            foreach (string method in Capabilities) writer.WriteStringValue(method);
            writer.WriteEndArray();
        }, static value => value.AsArray(static v => v.AsString()), cancellation);
}
