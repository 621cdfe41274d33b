using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The Engine API: what a rollup node (or, on L1, a beacon node) tells the client to do. Typed; <see cref="EngineRpc"/> puts JSON around it.</summary>
/// <remarks>
/// Spec: execution-apis engine (paris to osaka), exec-engine.md#engine-api. Errors of the protocol are <see cref="EngineException"/>s;
/// invalid payloads are statuses. As on op-geth, a rollup's node may move the head back to an ancestor.
/// </remarks>
public sealed class EngineApi(Blockchain chain, PayloadBuilder builder, ILogger logger, HaltLevel haltLevel = HaltLevel.None)
{
    private const int MaxBodies = 1024;

    private readonly Lock _forkchoice = new();

    /// <summary>Raised when the rollup node signals a required protocol version this client is too far behind; the program should stop. The text says why.</summary>
    public event Action<string>? HaltRequested;

    /// <summary>Names the heads and, if there are attributes, begins a block on the new head.</summary>
    /// <param name="state">The three heads; a zero safe or finalized hash leaves that head as it is.</param>
    /// <param name="attributes">The block to begin, or null.</param>
    /// <param name="version">1 to 4: the version of the call. The fourth is good for naming heads only: no fork here has its attributes.</param>
    /// <exception cref="EngineException">-38002: safe or finalized is not an ancestor of the head, and nothing moved. -38003, -38005: the attributes are refused, and the heads stay moved.</exception>
    public ForkchoiceResult ForkchoiceUpdated(ForkchoiceState state, PayloadAttributes? attributes, int version)
    {
        if (state.Head.IsZero) return new ForkchoiceResult(EngineStatus.Invalid(null, "forkchoice requested update to zero hash"), null);
        if (chain.IsInvalid(state.Head, out string error, out ExecutedBlock? latestValid))
        {
            return new ForkchoiceResult(EngineStatus.Invalid(latestValid?.Hash, error), null);
        }

        if (chain.Find(state.Head) is not { } head) return new ForkchoiceResult(EngineStatus.Syncing, null);
        lock (_forkchoice)
        {
            bool isOldHead = chain.Head.Hash != head.Hash && chain.IsCanonical(head);
            if (isOldHead && !chain.Spec.IsOptimism)
            {
                // Ethereum's clients ignore a head that is already behind
                logger.LogDebug("Forkchoice names block {Number}, which is behind the head; ignored", head.Number);
                return new ForkchoiceResult(EngineStatus.Valid(head.Hash), null);
            }

            CheckAncestor(state.Finalized, head, "final");
            CheckAncestor(state.Safe, head, "safe");
            if (!chain.TrySetHead(head.Hash)) return new ForkchoiceResult(EngineStatus.Syncing, null);
            if (!state.Finalized.IsZero && !chain.TrySetFinalized(state.Finalized)) throw EngineException.InvalidForkchoice("final block not in canonical chain");
            if (!state.Safe.IsZero && !chain.TrySetSafe(state.Safe)) throw EngineException.InvalidForkchoice("safe block not in canonical chain");
        }

        if (attributes is null) return new ForkchoiceResult(EngineStatus.Valid(head.Hash), null);

        CheckVersion(head, attributes, version);
        if (AttributeRules.Check(chain.Spec, head, attributes) is { } wrong) throw EngineException.InvalidAttributes(wrong);
        if (!builder.TryStart(head, attributes, (byte)version, out PayloadId id, out error))
        {
            logger.LogWarning("A block on {Number} {Hash} could not be begun: {Reason}", head.Number, head.Hash, error);
            throw EngineException.InvalidAttributes(error);
        }

        return new ForkchoiceResult(EngineStatus.Valid(head.Hash), id);
    }

    private void CheckAncestor(in Hash256 hash, ExecutedBlock head, string name)
    {
        if (hash.IsZero) return;
        if (chain.Find(hash) is not { } block) throw EngineException.InvalidForkchoice($"{name} block not available in database");
        ExecutedBlock? at = head;
        while (at is not null && at.Number > block.Number)
        {
            if (chain.IsCanonical(at))
            {
                // below a canonical block everything is
                if (chain.IsCanonical(block)) return;
                break;
            }

            at = chain.Find(at.Header.ParentHash);
        }

        if (at?.Hash != hash) throw EngineException.InvalidForkchoice($"{name} block not in canonical chain");
    }

    private void CheckVersion(ExecutedBlock head, PayloadAttributes attributes, int version)
    {
        Rules rules = chain.Spec.At(head.Number + 1, attributes.Timestamp);
        if (version >= 4) throw EngineException.UnsupportedFork("forkchoiceUpdatedV4 must only be called for amsterdam payloads");
        if (version == 3)
        {
            if (attributes.Withdrawals is null) throw EngineException.InvalidAttributes("missing withdrawals");
            if (attributes.ParentBeaconBlockRoot is null) throw EngineException.InvalidAttributes("missing beacon root");
            if (!rules.HasBeaconRoot) throw EngineException.UnsupportedFork("forkchoiceUpdatedV3 must only be called for cancun and later payloads");
            return;
        }

        if (attributes.ParentBeaconBlockRoot is not null) throw EngineException.InvalidAttributes($"unexpected beacon root in forkchoiceUpdatedV{version}");
        if (rules.HasBeaconRoot) throw EngineException.UnsupportedFork($"forkchoiceUpdatedV{version} must not be called for cancun and later payloads");
        if (version == 1 && attributes.Withdrawals is not null) throw EngineException.InvalidParameters("withdrawals not supported in V1");
    }

    /// <summary>Executes a payload and keeps the block when it is valid.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="versionedHashes">The blob hashes the caller expects, in order; null before V3.</param>
    /// <param name="parentBeaconBlockRoot">Null before V3.</param>
    /// <param name="requests">EIP-7685 requests; null before V4.</param>
    /// <param name="version">1 to 5: the version of the call. No fork here has payloads of the fifth.</param>
    /// <exception cref="EngineException">-32602 or -38005: the call does not fit the payload's fork.</exception>
    public PayloadStatus NewPayload(ExecutionPayload payload, IReadOnlyList<Hash256>? versionedHashes, Hash256? parentBeaconBlockRoot, IReadOnlyList<byte[]>? requests, int version)
    {
        PayloadVersions.Check(chain.Spec, payload, versionedHashes, parentBeaconBlockRoot, requests, version);
        Hash256? requestsHash = requests is null ? null : ExecutionRequests.Hash(requests, chain.Crypto);
        if (!payload.TryGetBlock(parentBeaconBlockRoot, requestsHash, out Block? block, out PayloadError error))
        {
            string why = error == PayloadError.BlockHashMismatch ? "blockhash mismatch" : "a transaction does not decode";
            logger.LogWarning("Payload {Number} {Hash} is no block: {Reason}", payload.BlockNumber, payload.BlockHash, why);
            return EngineStatus.Invalid(null, why);
        }

        // only now: a known hash over other contents is not a known block
        if (chain.Find(payload.BlockHash) is not null) return EngineStatus.Valid(payload.BlockHash);
        if (versionedHashes is not null && !HashesMatch(block!, versionedHashes)) return EngineStatus.Invalid(null, "blob versioned hashes do not match the payload's");

        long began = Stopwatch.GetTimestamp();
        InsertResult result = builder.FindTaken(payload.BlockHash) is { } own ? chain.InsertBuilt(own.Built) : chain.Insert(block!);
        switch (result.Status)
        {
            case InsertStatus.UnknownParent:
                return EngineStatus.Syncing;
            case InsertStatus.ParentStateGone:
                return EngineStatus.Accepted;
            case InsertStatus.Invalid:
                return EngineStatus.Invalid(result.LatestValid?.Hash, result.Error!);
            default:
                logger.LogDebug(
                    "Imported block {Number} {Hash}: {Count} transactions, {Gas} gas, {Milliseconds:0.0} ms",
                    block!.Number, block.Hash, block.Transactions.Length, block.Header.GasUsed, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                return EngineStatus.Valid(block.Hash);
        }
    }

    private static bool HashesMatch(Block block, IReadOnlyList<Hash256> expected)
    {
        int at = 0;
        foreach (Transaction transaction in block.Transactions)
        {
            foreach (Hash256 hash in transaction.BlobVersionedHashes)
            {
                if (at >= expected.Count || expected[at] != hash) return false;
                at++;
            }
        }

        return at == expected.Count;
    }

    /// <summary>The finished block of a payload begun before.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="version">1 to 5: the version of the call.</param>
    /// <exception cref="EngineException">-38001: no such payload; -38005: the version does not fit its fork.</exception>
    public BuiltPayload GetPayload(PayloadId id, int version)
    {
        if (!PayloadVersions.MayBegin(PayloadIds.VersionOf(id), version)) throw EngineException.UnsupportedFork($"getPayloadV{version} for a payload begun by forkchoiceUpdatedV{PayloadIds.VersionOf(id)}");
        if (builder.FindTimestamp(id) is not { } begun) throw EngineException.UnknownPayload();
        PayloadVersions.CheckGet(chain.Spec.At(begun.Number, begun.Timestamp), version);
        BuiltPayload payload = builder.Take(id, out string? failure) ?? throw (failure is null ? EngineException.UnknownPayload() : EngineException.NoPayload(failure));
        chain.InsertBuilt(payload.Built); // on disk before anybody gossips it
        return payload;
    }

    /// <summary>Canonical bodies by number; null items are unknown. Ends at the head.</summary>
    /// <exception cref="EngineException">-32602 or -38004.</exception>
    public IReadOnlyList<ExecutedBlock?> GetBodiesByRange(ulong start, ulong count)
    {
        if (start == 0 || count == 0) throw EngineException.InvalidParameters($"invalid start or count, start: {start} count: {count}");
        if (count > MaxBodies) throw EngineException.TooLarge($"requested count too large: {count}");
        ulong last = Math.Min(start + count - 1, chain.Head.Number);
        List<ExecutedBlock?> bodies = [];
        for (ulong number = start; number <= last; number++) bodies.Add(chain.FindCanonical(number));
        return bodies;
    }

    /// <summary>Bodies by hash; null items are unknown.</summary>
    /// <exception cref="EngineException">-38004.</exception>
    public IReadOnlyList<ExecutedBlock?> GetBodiesByHash(IReadOnlyList<Hash256> hashes)
    {
        if (hashes.Count > MaxBodies) throw EngineException.TooLarge($"requested count too large: {hashes.Count}");
        return [.. hashes.Select(hash => chain.Find(hash))];
    }

    /// <summary>Takes note of the protocol versions a rollup node learned from L1, and answers this client's.</summary>
    /// <param name="recommended">The version to run, in the wire form.</param>
    /// <param name="required">The version without which the chain cannot be followed, in the wire form.</param>
    public Hash256 SignalSuperchain(in Hash256 recommended, in Hash256 required)
    {
        ProtocolVersion own = ProtocolVersion.Supported;
        if (!recommended.IsZero && ProtocolVersion.TryRead(recommended, out ProtocolVersion wanted) && own.LagBehind(wanted) != HaltLevel.None)
        {
            logger.LogWarning("Protocol version {Recommended} is recommended, this client has {Own}: update it", wanted, own);
        }

        if (required.IsZero || !ProtocolVersion.TryRead(required, out ProtocolVersion needed)) return own.Encode();
        HaltLevel lag = own.LagBehind(needed);
        if (lag == HaltLevel.None) return own.Encode();
        logger.LogError("Protocol version {Required} is required, this client has {Own}: update it", needed, own);
        if (haltLevel != HaltLevel.None && lag >= haltLevel)
        {
            HaltRequested?.Invoke($"protocol version {needed} is required, this client has {own}, and rollup.halt={haltLevel.ToString().ToLowerInvariant()} asks to stop then");
        }

        return own.Encode();
    }
}
