using System.Text.Json;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.BadDays.Tests;

/// <summary>An L1 provider that may lie: it says sent and loses, tells another chain id or blob fee, holds blob transactions back, or does not answer.</summary>
/// <remarks>What it was given is kept, so that transactions can be put back after a reorg.</remarks>
internal sealed class FaultyRpc(IRpcClient inner) : IRpcClient
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Hash256, PooledTransaction> _seen = [];
    private readonly List<PooledTransaction> _heldBack = [];
    private int _inFlight;

    public string Endpoint => inner.Endpoint;

    /// <summary>Requests on their way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>All requests so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    private int _calls;

    /// <summary>Transactions that it still takes, names the hash of, and throws away.</summary>
    public int Loses { get; set; }

    /// <summary>Whether nothing is answered.</summary>
    public bool IsDown { get; set; }

    /// <summary>The chain id that it tells in place of its own.</summary>
    public ulong? ChainId { get; set; }

    /// <summary>The blob base fee that it tells in place of its own; blob transactions that offer less are held back.</summary>
    public UInt256? BlobBaseFee { get; set; }

    /// <summary>Every transaction that it was given, in the order in which they came; the same one once.</summary>
    public IReadOnlyList<PooledTransaction> Given
    {
        get
        {
            lock (_gate) return [.. _given];
        }
    }

    private readonly List<PooledTransaction> _given = [];

    /// <summary>A transaction that it was given.</summary>
    public PooledTransaction? Find(Hash256 hash)
    {
        lock (_gate) return _seen.GetValueOrDefault(hash);
    }

    /// <summary>Hands on the blob transactions that offer enough now.</summary>
    public async Task ReleaseAsync()
    {
        PooledTransaction[] due;
        lock (_gate)
        {
            due = [.. _heldBack.Where(held => BlobBaseFee is not { } fee || held.Transaction.MaxFeePerBlobGas >= fee)];
            _heldBack.RemoveAll(due.Contains);
        }

        foreach (PooledTransaction transaction in due) await inner.SendAsync([SendRequest(transaction)], CancellationToken.None);
    }

    /// <summary>Forgets what is held back.</summary>
    public void DropHeldBack()
    {
        lock (_gate) _heldBack.Clear();
    }

    public async Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _inFlight);
        Interlocked.Increment(ref _calls);
        try
        {
            if (IsDown) throw new RpcTransportException(requests[0].Method, Endpoint, "nothing listens there (connection refused)", isTransient: true);
            if (!requests.Any(static request => request.Method is "eth_sendRawTransaction" or "eth_chainId" or "eth_blobBaseFee")) return await inner.SendAsync(requests, cancellation);
            var replies = new RpcReply[requests.Count];
            for (int i = 0; i < replies.Length; i++) replies[i] = Lie(requests[i]) ?? (await inner.SendAsync([requests[i]], cancellation))[0];
            return replies;
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private RpcReply? Lie(RpcRequest request) => request.Method switch
    {
        "eth_chainId" => ChainId is { } id ? Quoted(Hex.Quantity(id)) : null,
        "eth_blobBaseFee" => BlobBaseFee is { } fee ? Quoted(fee.ToQuantity()) : null,
        "eth_sendRawTransaction" => Take(request),
        _ => null,
    };

    private RpcReply? Take(RpcRequest request)
    {
        Assert.True(PooledTransaction.TryDecode(Hex.Decode(Parameters(request)[0].GetString()!), NativeCrypto.Instance, out PooledTransaction? pooled, out TransactionError error), error.ToString());
        Hash256 hash = pooled!.Transaction.Hash;
        lock (_gate)
        {
            if (_seen.TryAdd(hash, pooled)) _given.Add(pooled);
            if (Loses > 0)
            {
                Loses--;
                return Quoted(hash.ToString());
            }

            if (pooled.Sidecar is null || BlobBaseFee is not { } fee || pooled.Transaction.MaxFeePerBlobGas >= fee) return null;
            // the pool's replacement rule holds for what is held back, too
            PooledTransaction? old = _heldBack.Find(held => held.Transaction.Nonce == pooled.Transaction.Nonce);
            if (old is not null && old.Transaction.Hash != hash && pooled.Transaction.MaxFeePerBlobGas < old.Transaction.MaxFeePerBlobGas * 2UL)
            {
                return new RpcReply(default, new RpcError(-32000, "replacement transaction underpriced"));
            }

            if (old is not null) _heldBack.Remove(old);
            _heldBack.Add(pooled);
            return Quoted(hash.ToString());
        }
    }

    /// <summary>The request that sends a transaction.</summary>
    public static RpcRequest SendRequest(PooledTransaction transaction) => new("eth_sendRawTransaction", writer => writer.WriteDataValue(transaction.Encode()));

    private static RpcReply Quoted(string text) => new(JsonElement.Parse($"\"{text}\""), null);

    private static JsonElement[] Parameters(RpcRequest request)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartArray();
            request.WriteParameters?.Invoke(writer);
            writer.WriteEndArray();
        }

        return [.. JsonElement.Parse(stream.ToArray()).EnumerateArray()];
    }
}
