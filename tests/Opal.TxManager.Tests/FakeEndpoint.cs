using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

/// <summary>A node of <see cref="FakeL1"/>: a pool that keeps geth's rules, and the moods that providers have.</summary>
internal sealed class FakeEndpoint
{
    private readonly FakeL1 _l1;

    public FakeEndpoint(FakeL1 l1, string name)
    {
        _l1 = l1;
        var registry = new RpcRegistry()
            .Register("eth_chainId", _ => IsUnreachable ? RpcResult.Fail(RpcErrorCode.ServerError, "unreachable") : RpcResult.Quantity(ChainId))
            .Register("eth_blockNumber", _ => Answer(() => RpcResult.Quantity(Head)))
            .Register("eth_maxPriorityFeePerGas", _ => Answer(() => RpcResult.Quantity(l1.Tip)))
            .Register("eth_blobBaseFee", _ => Answer(() => RpcResult.Quantity(l1.BlobBaseFee)))
            .Register("eth_getBlockByNumber", _ => Answer(() => RpcResult.Json(w => EthJson.WriteBlock(w, new Block { Header = l1.HeaderAt(Head) }, false, NativeCrypto.Instance))))
            .Register("eth_getTransactionCount", p => Answer(() => RpcResult.Quantity(CountOf(p.GetAddress(0), p.GetBlock(1)))))
            .Register("eth_getBalance", p => Answer(() => RpcResult.Quantity(l1.Balance(p.GetAddress(0)))))
            .Register("eth_estimateGas", _ => Answer(() => l1.EstimateFailure is { } error ? RpcResult.Fail(error) : RpcResult.Quantity(100_000UL)))
            .Register("eth_sendRawTransaction", p => Send(p.GetData(0)))
            .Register("eth_getTransactionByHash", p => Answer(() => Find(p.GetHash(0))))
            .Register("eth_getTransactionReceipt", p => Answer(() => HidesReceipts ? RpcResult.Fail(RpcErrorCode.ServerError, "receipts are rate-limited") : ReceiptOf(p.GetHash(0))));
        Registry = registry;
        Client = new EthClient(new SilentRpc(new InProcessRpcClient(registry, name), () => IsSilent));
    }

    public RpcRegistry Registry { get; }

    public EthClient Client { get; }

    public Dictionary<(Address Sender, ulong Nonce), PooledTransaction> Pool { get; } = [];

    public ulong ChainId { get; set; } = FakeL1.ChainId;

    public Queue<RpcError> SendFailures { get; } = new();

    /// <summary>Every call but that of the chain id fails.</summary>
    public bool IsDown { get; set; }

    /// <summary>Every call fails.</summary>
    public bool IsUnreachable { get; set; }

    /// <summary>No call is answered: the connection stays open, and nothing comes.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Tells everything but receipts.</summary>
    public bool HidesReceipts { get; set; }

    /// <summary>Says that it took a transaction, and loses it.</summary>
    public bool DropsEverything { get; set; }

    /// <summary>Takes a transaction, and answers with an error that says nothing of it.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Blocks it is behind.</summary>
    public ulong Lag { get; set; }

    /// <summary>Does not tell nonces of blocks that are not the latest.</summary>
    public bool IsPruned { get; set; }

    public int Published { get; private set; }

    private ulong Head => _l1.Head > Lag ? _l1.Head - Lag : 0;

    private RpcResult Answer(Func<RpcResult> answer) => IsDown || IsUnreachable ? RpcResult.Fail(RpcErrorCode.ServerError, "L1 is down") : answer();

    private ulong CountOf(Address sender, BlockParameter block)
    {
        if (block.Kind == BlockParameterKind.Number)
        {
            if (IsPruned) throw new RpcException(RpcErrorCode.ServerError, "missing trie node");
            return _l1.CountAt(sender, block.Number);
        }

        ulong next = _l1.CountAt(sender, Head);
        while (block.Kind == BlockParameterKind.Pending && Pool.ContainsKey((sender, next))) next++;
        return next;
    }

    private RpcResult Send(byte[] encoded)
    {
        Assert.True(PooledTransaction.TryDecode(encoded, NativeCrypto.Instance, out PooledTransaction? pooled, out TransactionError error), error.ToString());
        Transaction transaction = pooled!.Transaction;
        Address sender = FakeL1.SenderOf(pooled);
        _l1.Offered.Add(pooled);
        if (IsDown || IsUnreachable) return RpcResult.Fail(RpcErrorCode.ServerError, "L1 is down");
        if (SendFailures.TryDequeue(out RpcError? failure)) return RpcResult.Fail(failure);
        if (Refusal(transaction, sender) is { } refusal) return RpcResult.Fail(-32000, refusal);
        _l1.Sent.Add(pooled);
        Published++;
        if (!DropsEverything) Pool[(sender, transaction.Nonce)] = pooled;
        return LosesAnswers ? RpcResult.Fail(-32000, "request timed out") : RpcResult.Hash(transaction.Hash);
    }

    private string? Refusal(Transaction transaction, Address sender)
    {
        ulong next = _l1.CountAt(sender, Head);
        if (transaction.Nonce < next) return $"nonce too low: next nonce {next}, tx nonce {transaction.Nonce}";
        bool isBlob = transaction.Type == TransactionType.Blob;
        if (Pool.Any(p => p.Key.Sender == sender && (p.Value.Transaction.Type == TransactionType.Blob) != isBlob)) return "address already reserved";
        if (Pool.TryGetValue((sender, transaction.Nonce), out PooledTransaction? old))
        {
            if (old.Transaction.Hash == transaction.Hash) return "already known";
            uint percent = isBlob ? 100u : 10u;
            bool more = More(old.Transaction.MaxFeePerGas, transaction.MaxFeePerGas, percent) && More(old.Transaction.MaxPriorityFeePerGas, transaction.MaxPriorityFeePerGas, percent)
                && (!isBlob || More(old.Transaction.MaxFeePerBlobGas, transaction.MaxFeePerBlobGas, percent));
            if (!more) return "replacement transaction underpriced";
        }
        else if (isBlob)
        {
            while (Pool.ContainsKey((sender, next))) next++;
            if (transaction.Nonce > next) return $"nonce too high: tx nonce {transaction.Nonce}, gapped nonce {next}";
        }

        UInt256 cost = FakeL1.MostCost(transaction);
        foreach ((var key, PooledTransaction other) in Pool)
        {
            if (key.Sender == sender && key.Nonce != transaction.Nonce) cost += FakeL1.MostCost(other.Transaction);
        }

        return _l1.Balance(sender) < cost ? "insufficient funds for gas * price + value" : null;
    }

    private static bool More(in UInt256 old, in UInt256 offered, uint percent) => offered * 100UL >= old * (100UL + percent);

    /// <summary>Takes out of the pool what is mined, and what mined ones replaced.</summary>
    public void ForgetMined()
    {
        foreach ((Address Sender, ulong Nonce) key in Pool.Keys.Where(key => key.Nonce < _l1.CountAt(key.Sender, _l1.Head)).ToList()) Pool.Remove(key);
    }

    private RpcResult Find(Hash256 hash)
    {
        Transaction? found = Pool.Values.Concat(_l1.Blocks.Take((int)Head + 1).SelectMany(b => b.Transactions)).FirstOrDefault(t => t.Transaction.Hash == hash)?.Transaction;
        return found is null ? RpcResult.Null : RpcResult.Json(w => EthJson.WriteTransaction(w, found, NativeCrypto.Instance, null));
    }

    private RpcResult ReceiptOf(Hash256 hash)
    {
        for (ulong number = 0; number <= Head; number++)
        {
            FakeBlock block = _l1.Blocks[(int)number];
            for (int i = 0; i < block.Transactions.Count; i++)
            {
                Transaction transaction = block.Transactions[i].Transaction;
                if (transaction.Hash != hash) continue;
                BlockHeader header = _l1.HeaderAt(number);
                var place = new TransactionPlace(header.Hash, header.Number, header.Timestamp, (ulong)i, block.BaseFee);
                bool isBlob = transaction.Type == TransactionType.Blob;
                var receipt = new Receipt
                {
                    Type = transaction.Type, Succeeded = true, CumulativeGasUsed = 21_000, GasUsed = 21_000, EffectiveGasPrice = transaction.EffectiveGasPrice(block.BaseFee),
                    BlobGasUsed = isBlob ? (ulong)transaction.BlobVersionedHashes.Length * BlobGas.GasPerBlob : null, BlobGasPrice = isBlob ? _l1.BlobBaseFee : null,
                };
                return RpcResult.Json(w => EthJson.WriteReceipt(w, receipt, transaction, NativeCrypto.Instance, place, 0));
            }
        }

        return RpcResult.Null;
    }
}

/// <summary>A connection over which, at times, no answer comes until the caller gives up.</summary>
internal sealed class SilentRpc(IRpcClient inner, Func<bool> isSilent) : IRpcClient
{
    public string Endpoint => inner.Endpoint;

    public async Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        if (isSilent()) await Task.Delay(Timeout.Infinite, cancellation);
        return await inner.SendAsync(requests, cancellation);
    }
}
