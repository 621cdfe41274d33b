using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// Unsafe blocks waiting for their turn, lowest first. They may arrive in any order and with gaps; only the block right above the unsafe head is ever taken.
/// Bounded by bytes: when full, the highest blocks go first, since the lowest are the next to be used.
/// </summary>
/// <remarks>Spec: protocol/derivation.md#processing-unsafe-payload-attributes.</remarks>
/// <param name="maxBytes">Bytes of transactions kept at most.</param>
public sealed class WaitingUnsafePayloads(long maxBytes = 500_000_000)
{
    private const int OverheadPerPayload = 800;
    private readonly SortedDictionary<(ulong Number, Hash256 Hash), (PayloadEnvelope Payload, long Bytes)> _payloads = [];
    private long _bytes;

    /// <summary>Blocks waiting.</summary>
    public int Count => _payloads.Count;

    /// <summary>Adds a block; false when it is there already, or too large for the queue.</summary>
    public bool Add(PayloadEnvelope envelope)
    {
        ExecutionPayload payload = envelope.Payload;
        long bytes = OverheadPerPayload;
        foreach (byte[] transaction in payload.Transactions) bytes += transaction.Length + 24;
        if (bytes > maxBytes || !_payloads.TryAdd((payload.BlockNumber, payload.BlockHash), (envelope, bytes))) return false;
        _bytes += bytes;
        while (_bytes > maxBytes)
        {
            (ulong, Hash256) highest = default;
            foreach (var key in _payloads.Keys) highest = key;
            Remove(highest);
        }

        return true;
    }

    /// <summary>
    /// Takes the block that extends the unsafe head. Blocks at or below the safe head, and blocks at the next height that build on another parent while
    /// being at or below the unsafe head, are stale and dropped on the way.
    /// </summary>
    public bool TryTake(L2BlockRef unsafeHead, L2BlockRef safeHead, out PayloadEnvelope? payload)
    {
        payload = null;
        while (_payloads.Count > 0)
        {
            var first = FirstKey();
            PayloadEnvelope envelope = _payloads[first].Payload;
            ExecutionPayload candidate = envelope.Payload;
            if (candidate.BlockNumber <= safeHead.Number || candidate.BlockNumber <= unsafeHead.Number)
            {
                Remove(first);
                continue;
            }

            if (candidate.BlockNumber != unsafeHead.Number + 1) return false;
            Remove(first);
            if (candidate.ParentHash != unsafeHead.Hash) continue;
            payload = envelope;
            return true;
        }

        return false;
    }

    /// <summary>Takes the highest block and drops all others.</summary>
    public bool TryTakeNewest(out PayloadEnvelope? payload)
    {
        payload = null;
        foreach (var entry in _payloads) payload = entry.Value.Payload;
        Clear();
        return payload is not null;
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        _payloads.Clear();
        _bytes = 0;
    }

    private (ulong Number, Hash256 Hash) FirstKey()
    {
        foreach (var key in _payloads.Keys) return key;
        return default;
    }

    private void Remove((ulong, Hash256) key)
    {
        if (_payloads.Remove(key, out var entry)) _bytes -= entry.Bytes;
    }
}
