using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Which version of a call fits which fork, and which parameters it must have.</summary>
/// <remarks>On the OP Stack Isthmus takes the place of Prague, and getPayloadV5 (Karst) answers as V4 does.</remarks>
internal static class PayloadVersions
{
    /// <exception cref="EngineException">-32602 or -38005.</exception>
    public static void Check(
        ChainSpec spec, ExecutionPayload payload, IReadOnlyList<Hash256>? versionedHashes, Hash256? parentBeaconBlockRoot, IReadOnlyList<byte[]>? requests, int version)
    {
        Rules rules = spec.At(payload.BlockNumber, payload.Timestamp);
        if (version >= 5) throw EngineException.UnsupportedFork($"newPayloadV{version} must not be called for this payload's fork ({rules.Name})");
        bool hasWithdrawals = rules.Withdrawals != WithdrawalsRule.None, hasBlobs = rules.HasBeaconRoot, hasRequests = rules.Requests != RequestsRule.None;
        if (version >= 3)
        {
            Require(payload.Withdrawals is not null, "nil withdrawals post-shanghai");
            Require(payload.ExcessBlobGas is not null, "nil excessBlobGas post-cancun");
            Require(payload.BlobGasUsed is not null, "nil blobGasUsed post-cancun");
            Require(versionedHashes is not null, "nil versionedHashes post-cancun");
            Require(parentBeaconBlockRoot is not null, "nil beaconRoot post-cancun");
            Require(version < 4 || requests is not null, "nil executionRequests post-prague");
            bool fits = version == 3 ? hasBlobs && !hasRequests : hasRequests;
            if (!fits) throw EngineException.UnsupportedFork($"newPayloadV{version} must not be called for this payload's fork ({rules.Name})");
            if (version >= 4) CheckRequests(rules, payload, requests!);
            return;
        }

        Require(payload.Withdrawals is null || hasWithdrawals, "non-nil withdrawals pre-shanghai");
        if (version == 1) Require(payload.Withdrawals is null, "withdrawals not supported in V1");
        if (hasBlobs) throw EngineException.UnsupportedFork($"newPayloadV{version} must not be called for this payload's fork ({rules.Name})");
        Require(version == 1 || !hasWithdrawals || payload.Withdrawals is not null, "nil withdrawals post-shanghai");
        Require(payload.ExcessBlobGas is null, "non-nil excessBlobGas pre-cancun");
        Require(payload.BlobGasUsed is null, "non-nil blobGasUsed pre-cancun");
    }

    private static void CheckRequests(Rules rules, ExecutionPayload payload, IReadOnlyList<byte[]> requests)
    {
        if (rules.IsOptimism)
        {
            Require(requests.Count == 0, "executionRequests must be empty on an L2");
            Require(payload.WithdrawalsRoot is not null, "nil withdrawalsRoot post-isthmus");
            return;
        }

        for (int i = 0; i < requests.Count; i++)
        {
            Require(requests[i].Length > 1, "empty execution request");
            Require(i == 0 || requests[i][0] > requests[i - 1][0], "execution requests are not in ascending order of type");
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition) throw EngineException.InvalidParameters(otherwise);
    }

    /// <summary>Whether a payload begun by that version of forkchoiceUpdated may be asked for by this version of getPayload.</summary>
    public static bool MayBegin(byte begunBy, int version) => version switch
    {
        1 => begunBy == 1,
        2 => begunBy is 1 or 2,
        _ => begunBy == 3,
    };

    /// <exception cref="EngineException">-38005.</exception>
    public static void CheckGet(Rules rules, int version)
    {
        bool fits = version switch
        {
            <= 2 => !rules.HasBeaconRoot,
            3 => rules.HasBeaconRoot && rules.Requests == RequestsRule.None,
            4 => rules.Requests != RequestsRule.None && (rules.IsOptimism || !rules.Evm.HasCountLeadingZeros),
            _ => rules.Requests != RequestsRule.None && (rules.IsOptimism || rules.Evm.HasCountLeadingZeros),
        };
        if (!fits) throw EngineException.UnsupportedFork($"getPayloadV{version} must not be called for this payload's fork ({rules.Name})");
    }
}
