using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

/// <summary>An L1 with a pool that keeps the replacement rules and a chain that can be reorganised. Blocks are mined when told.</summary>
internal sealed class FakeL1
{
    public const ulong ChainId = 900;

    private readonly List<List<PooledTransaction>> _blocks = [[]];
    private readonly Dictionary<(Address Sender, ulong Nonce), PooledTransaction> _pool = [];

    public FakeL1()
    {
        Registry = new RpcRegistry()
            .Register("eth_chainId", _ => RpcResult.Quantity(ChainId))
            .Register("eth_blockNumber", _ => RpcResult.Quantity(Head))
            .Register("eth_maxPriorityFeePerGas", _ => RpcResult.Quantity(Tip))
            .Register("eth_blobBaseFee", _ => RpcResult.Quantity(BlobBaseFee))
            .Register("eth_getBlockByNumber", _ => Answer(() => RpcResult.Json(w => EthJson.WriteBlock(w, new Block { Header = HeaderAt(Head) }, false, NativeCrypto.Instance))))
            .Register("eth_getTransactionCount", p => Answer(() => RpcResult.Quantity(CountOf(p.GetAddress(0), p.GetBlock(1).Kind == BlockParameterKind.Pending))))
            .Register("eth_estimateGas", _ => EstimateFailure is { } error ? RpcResult.Fail(error) : RpcResult.Quantity(100_000UL))
            .Register("eth_sendRawTransaction", p => Answer(() => Send(p.GetData(0))))
            .Register("eth_getTransactionReceipt", p => Answer(() => ReceiptOf(p.GetHash(0))));
        Client = new EthClient(new InProcessRpcClient(Registry, "l1"));
    }

    public RpcRegistry Registry { get; }

    public EthClient Client { get; }

    public UInt256 BaseFee { get; set; } = 10_000_000_000;

    public UInt256 Tip { get; set; } = 2_000_000_000;

    public UInt256 BlobBaseFee { get; set; } = 3_000_000_000;

    public RpcError? EstimateFailure { get; set; }

    /// <summary>Errors that the next calls of eth_sendRawTransaction give instead of working.</summary>
    public Queue<RpcError> SendFailures { get; } = new();

    /// <summary>While true, every call but the static ones fails.</summary>
    public bool IsDown { get; set; }

    public bool DropsEverything { get; set; }

    public List<PooledTransaction> Sent { get; } = [];

    public ulong Head => (ulong)_blocks.Count - 1;

    public IReadOnlyCollection<PooledTransaction> Pool => _pool.Values;

    private RpcResult Answer(Func<RpcResult> answer) => IsDown ? RpcResult.Fail(RpcErrorCode.ServerError, "L1 is down") : answer();

    private BlockHeader HeaderAt(ulong number) => new() { Number = number, Timestamp = 1_700_000_000 + (number * 12), BaseFeePerGas = BaseFee, ExtraData = [(byte)_blocks[(int)number].Count] };

    private ulong CountOf(Address sender, bool pending)
    {
        var nonces = _blocks.SelectMany(b => b).Where(t => SenderOf(t) == sender).Select(t => t.Transaction.Nonce + 1).ToList();
        ulong next = nonces.Count == 0 ? 0 : nonces.Max();
        while (pending && _pool.ContainsKey((sender, next))) next++;
        return next;
    }

    private static Address SenderOf(PooledTransaction transaction)
    {
        Assert.True(transaction.Transaction.TryGetSender(NativeCrypto.Instance, out Address sender));
        return sender;
    }

    private RpcResult Send(byte[] encoded)
    {
        Assert.True(PooledTransaction.TryDecode(encoded, NativeCrypto.Instance, out PooledTransaction? pooled, out TransactionError error), error.ToString());
        Transaction transaction = pooled!.Transaction;
        Address sender = SenderOf(pooled);
        if (SendFailures.TryDequeue(out RpcError? failure)) return RpcResult.Fail(failure);
        if (transaction.Nonce < CountOf(sender, pending: false)) return RpcResult.Fail(-32000, "nonce too low: next nonce 1, tx nonce 0");
        if (_pool.TryGetValue((sender, transaction.Nonce), out PooledTransaction? old))
        {
            if (old.Transaction.Hash == transaction.Hash) return RpcResult.Fail(-32000, "already known");
            uint percent = transaction.Type == TransactionType.Blob ? 100u : 10u;
            bool more = More(old.Transaction.MaxFeePerGas, transaction.MaxFeePerGas, percent) && More(old.Transaction.MaxPriorityFeePerGas, transaction.MaxPriorityFeePerGas, percent)
                && (transaction.Type != TransactionType.Blob || More(old.Transaction.MaxFeePerBlobGas, transaction.MaxFeePerBlobGas, percent));
            if (!more) return RpcResult.Fail(-32000, "replacement transaction underpriced");
        }

        Sent.Add(pooled);
        if (!DropsEverything) _pool[(sender, transaction.Nonce)] = pooled;
        return RpcResult.Hash(transaction.Hash);
    }

    private static bool More(in UInt256 old, in UInt256 offered, uint percent) => offered * 100UL >= old * (100UL + percent);

    /// <summary>Puts a stranger's transaction of the account into the pool.</summary>
    public void Seed(Transaction transaction, Address sender) => _pool[(sender, transaction.Nonce)] = new PooledTransaction(transaction, null);

    /// <summary>Mines blocks; the first takes what the pool holds in order of nonces, unless <paramref name="empty"/>.</summary>
    public void Mine(int count = 1, bool empty = false)
    {
        for (int i = 0; i < count; i++)
        {
            var block = new List<PooledTransaction>();
            if (!empty)
            {
                foreach (PooledTransaction transaction in _pool.Values.OrderBy(t => t.Transaction.Nonce).ToList())
                {
                    if (transaction.Transaction.Nonce != CountOf(SenderOf(transaction), false) + (ulong)block.Count(t => SenderOf(t) == SenderOf(transaction))) continue;
                    block.Add(transaction);
                    _pool.Remove((SenderOf(transaction), transaction.Transaction.Nonce));
                }
            }

            _blocks.Add(block);
        }
    }

    /// <summary>Takes the newest blocks away; their transactions are lost or go back to the pool.</summary>
    public void Reorg(int depth, bool backToPool)
    {
        for (int i = 0; i < depth; i++)
        {
            foreach (PooledTransaction transaction in _blocks[^1])
            {
                if (backToPool) _pool[(SenderOf(transaction), transaction.Transaction.Nonce)] = transaction;
            }

            _blocks.RemoveAt(_blocks.Count - 1);
        }
    }

    public void EmptyPool() => _pool.Clear();

    private RpcResult ReceiptOf(Hash256 hash)
    {
        for (int number = 0; number < _blocks.Count; number++)
        {
            for (int i = 0; i < _blocks[number].Count; i++)
            {
                Transaction transaction = _blocks[number][i].Transaction;
                if (transaction.Hash != hash) continue;
                BlockHeader header = HeaderAt((ulong)number);
                var place = new TransactionPlace(header.Hash, header.Number, header.Timestamp, (ulong)i, BaseFee);
                var receipt = new Receipt { Type = transaction.Type, Succeeded = true, CumulativeGasUsed = 21_000, GasUsed = 21_000, EffectiveGasPrice = transaction.EffectiveGasPrice(BaseFee) };
                return RpcResult.Json(w => EthJson.WriteReceipt(w, receipt, transaction, NativeCrypto.Instance, place, 0));
            }
        }

        return RpcResult.Null;
    }
}
