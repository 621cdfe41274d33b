using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

/// <summary>An L1 chain that can be reorganised, with one or more endpoints that have pools of their own. Blocks are mined when told.</summary>
internal sealed class FakeL1
{
    public const ulong ChainId = 900;

    private readonly List<FakeBlock> _blocks = [];
    private readonly List<UInt256> _baseFees = [];
    private readonly List<FakeEndpoint> _endpoints = [];
    private readonly Dictionary<Address, UInt256> _funds = [];
    private ulong _salt;

    public FakeL1(int endpoints = 1)
    {
        _blocks.Add(new FakeBlock(_salt++, BaseFee, []));
        _baseFees.Add(BaseFee);
        for (int i = 0; i < endpoints; i++) _endpoints.Add(new FakeEndpoint(this, $"l1-{i}"));
    }

    public IReadOnlyList<FakeEndpoint> Endpoints => _endpoints;

    public FakeEndpoint First => _endpoints[0];

    public EthClient Client => First.Client;

    public IReadOnlyList<EthClient> Clients => [.. _endpoints.Select(e => e.Client)];

    /// <summary>The base fee of the blocks mined from now on.</summary>
    public UInt256 BaseFee { get; set; } = 10_000_000_000;

    /// <summary>The base fees of all blocks in the order in which they were made, those that a reorg took away too.</summary>
    public IReadOnlyList<UInt256> BaseFees => _baseFees;

    public UInt256 Tip { get; set; } = 2_000_000_000;

    public UInt256 BlobBaseFee { get; set; } = 3_000_000_000;

    public RpcError? EstimateFailure { get; set; }

    /// <summary>Errors that the next calls of eth_sendRawTransaction give instead of working.</summary>
    public Queue<RpcError> SendFailures => First.SendFailures;

    /// <summary>While true, every call but the static ones fails.</summary>
    public bool IsDown
    {
        get => First.IsDown;
        set => First.IsDown = value;
    }

    public bool DropsEverything
    {
        get => First.DropsEverything;
        set => First.DropsEverything = value;
    }

    /// <summary>Everything that some pool took, in order.</summary>
    public List<PooledTransaction> Sent { get; } = [];

    /// <summary>Everything that was offered to some pool, in order.</summary>
    public List<PooledTransaction> Offered { get; } = [];

    public ulong Head => (ulong)_blocks.Count - 1;

    public IReadOnlyCollection<PooledTransaction> Pool => [.. First.Pool.Values];

    public IReadOnlyList<FakeBlock> Blocks => _blocks;

    /// <summary>The transactions of an account in the chain, in order.</summary>
    public IEnumerable<Transaction> MinedBy(Address account) => _blocks.SelectMany(b => b.Transactions).Where(t => SenderOf(t) == account).Select(t => t.Transaction);

    public BlockHeader HeaderAt(ulong number)
    {
        FakeBlock block = _blocks[(int)number];
        return new BlockHeader { Number = number, Timestamp = 1_700_000_000 + (number * 12), BaseFeePerGas = block.BaseFee, ExtraData = BitConverter.GetBytes(block.Salt) };
    }

    /// <summary>The next nonce of an account after a block.</summary>
    public ulong CountAt(Address sender, ulong number)
    {
        ulong count = 0;
        for (ulong i = 0; i <= number && i < (ulong)_blocks.Count; i++) count += (ulong)_blocks[(int)i].Transactions.Count(t => SenderOf(t) == sender);
        return count;
    }

    public void SetFunds(Address account, UInt256 wei) => _funds[account] = wei + Spent(account);

    public UInt256 Balance(Address account) => _funds.TryGetValue(account, out UInt256 wei) ? (wei > Spent(account) ? wei - Spent(account) : UInt256.Zero) : new UInt256(0, 1UL << 32);

    private UInt256 Spent(Address account)
    {
        UInt256 spent = UInt256.Zero;
        foreach (FakeBlock block in _blocks)
        {
            foreach (PooledTransaction pooled in block.Transactions)
            {
                if (SenderOf(pooled) == account) spent += (pooled.Transaction.EffectiveGasPrice(block.BaseFee) * 21_000UL) + pooled.Transaction.Value;
            }
        }

        return spent;
    }

    public static UInt256 MostCost(Transaction t) => (t.MaxFeePerGas * t.GasLimit) + t.Value + (t.MaxFeePerBlobGas * ((ulong)t.BlobVersionedHashes.Length * BlobGas.GasPerBlob));

    public static Address SenderOf(PooledTransaction transaction)
    {
        Assert.True(transaction.Transaction.TryGetSender(NativeCrypto.Instance, out Address sender));
        return sender;
    }

    /// <summary>Puts a stranger's transaction of the account into all pools.</summary>
    public void Seed(Transaction transaction, Address sender)
    {
        foreach (FakeEndpoint endpoint in _endpoints) endpoint.Pool[(sender, transaction.Nonce)] = new PooledTransaction(transaction, null);
    }

    /// <summary>Mines blocks; the first takes what the pools hold and can pay, in order of nonces, unless <paramref name="empty"/>.</summary>
    public void Mine(int count = 1, bool empty = false)
    {
        for (int i = 0; i < count; i++)
        {
            var block = new FakeBlock(_salt++, BaseFee, []);
            _blocks.Add(block);
            _baseFees.Add(BaseFee);
            if (empty) continue;
            foreach (IGrouping<(Address Sender, ulong Nonce), PooledTransaction> rivals in _endpoints.SelectMany(e => e.Pool).GroupBy(p => p.Key, p => p.Value).OrderBy(g => g.Key.Nonce).ToList())
            {
                PooledTransaction best = rivals.MaxBy(t => t.Transaction.MaxFeePerGas)!;
                Transaction t = best.Transaction;
                bool pays = t.MaxFeePerGas >= BaseFee && (t.Type != TransactionType.Blob || t.MaxFeePerBlobGas >= BlobBaseFee) && Balance(rivals.Key.Sender) >= MostCost(t);
                if (t.Nonce == CountAt(rivals.Key.Sender, Head) && pays) block.Transactions.Add(best);
            }

            foreach (FakeEndpoint endpoint in _endpoints) endpoint.ForgetMined();
        }
    }

    /// <summary>Mines a transaction that was in no pool, as another program's is.</summary>
    public void MineStranger(Transaction transaction)
    {
        _blocks.Add(new FakeBlock(_salt++, BaseFee, [new PooledTransaction(transaction, null)]));
        _baseFees.Add(BaseFee);
        foreach (FakeEndpoint endpoint in _endpoints) endpoint.ForgetMined();
    }

    /// <summary>Takes the newest blocks away; their transactions are lost or go back to the pools.</summary>
    public void Reorg(int depth, bool backToPool)
    {
        for (int i = 0; i < depth; i++)
        {
            foreach (PooledTransaction transaction in _blocks[^1].Transactions)
            {
                if (!backToPool) continue;
                foreach (FakeEndpoint endpoint in _endpoints) endpoint.Pool.TryAdd((SenderOf(transaction), transaction.Transaction.Nonce), transaction);
            }

            _blocks.RemoveAt(_blocks.Count - 1);
        }
    }

    public void EmptyPool()
    {
        foreach (FakeEndpoint endpoint in _endpoints) endpoint.Pool.Clear();
    }
}

/// <summary>A block of <see cref="FakeL1"/>; the salt makes blocks of one height differ.</summary>
internal sealed record FakeBlock(ulong Salt, UInt256 BaseFee, List<PooledTransaction> Transactions);
