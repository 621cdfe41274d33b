using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>The versions of the Engine API's methods that fit an L2 block, by its time.</summary>
/// <param name="ForkchoiceUpdated">engine_forkchoiceUpdatedV…</param>
/// <param name="NewPayload">engine_newPayloadV…</param>
/// <param name="GetPayload">engine_getPayloadV…</param>
public readonly record struct EngineVersions(int ForkchoiceUpdated, int NewPayload, int GetPayload)
{
    /// <summary>The versions for a block at a time in seconds. Spec: exec-engine.md#engine-api.</summary>
    public static EngineVersions At(OptimismForkTimes forks, ulong timestamp) =>
        forks.IsActive(OptimismFork.Karst, timestamp) ? new EngineVersions(3, 4, 5)
        : forks.IsActive(OptimismFork.Isthmus, timestamp) ? new EngineVersions(3, 4, 4)
        : forks.IsActive(OptimismFork.Ecotone, timestamp) ? new EngineVersions(3, 3, 3)
        : new EngineVersions(2, 2, 2);
}
