using Opal.Crypto;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Crashes;

/// <summary>A sequencer's chain and a rollup node that derives it from L1, from Holocene's strict order of frames and batches on.</summary>
internal sealed class CrashRollup
{
    public static readonly RollupConfig Config = new()
    {
        GenesisL1 = new BlockId(default, 0), GenesisL2 = new BlockId(Hash256.FromUInt256(99), 0), GenesisL2Time = 1_000_000, BlockTimeSeconds = 2, L1ChainId = 900, L2ChainId = 901,
        Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Holocene), BatchInboxAddress = Address.FromNumber(0xff), ChannelTimeoutGraniteBlocks = 12, SequencingWindowSize = 100_000,
    };

    private readonly CrashL1 _l1;
    private readonly List<Block> _chain = [];
    private readonly Dictionary<(Hash256 Parent, Hash256 Content), Block> _all = [];
    private ulong _built;
    private Hash256 _derivedTo;
    private ulong _safe;

    public CrashRollup(CrashL1 l1)
    {
        _l1 = l1;
        L2 = new InProcessRpcClient(new RpcRegistry().Register("eth_getBlockByNumber", parameters => Find(parameters.GetBlock(0).Number) is { } block
            ? RpcResult.Json(w => EthJson.WriteBlock(w, block, true, NativeCrypto.Instance)) : RpcResult.Null), "l2");
        Node = new InProcessRpcClient(new RpcRegistry()
            .Register("optimism_syncStatus", _ => RpcResult.Json(w => RollupJson.WriteSyncStatus(w, Status()))), "node");
    }

    public IRpcClient L2 { get; }

    public IRpcClient Node { get; }

    /// <summary>L1 blocks by which the node lags.</summary>
    public int Lag { get; set; }

    public ulong Unsafe => (ulong)_chain.Count;

    public ulong Safe
    {
        get
        {
            Derive();
            return _safe;
        }
    }

    private Block? Find(ulong number) => number >= 1 && number <= Unsafe ? _chain[(int)number - 1] : null;

    private Hash256 HashAt(ulong number) => number == 0 ? Config.GenesisL2.Hash : _chain[(int)number - 1].Hash;

    public void Build(int count, int bytes, Random random)
    {
        for (; count > 0; count--)
        {
            ulong number = Unsafe + 1, time = Config.GenesisL2Time + (2 * number);
            var info = new L1BlockInfo { Format = L1BlockInfo.FormatAt(Config, new L2Time(time)), Number = number / 6, BlockHash = Hash256.FromUInt256(number / 6), SequenceNumber = number % 6, Timestamp = time };
            var data = new byte[random.Next(bytes)];
            random.NextBytes(data);
            var transaction = new Transaction
            {
                Type = TransactionType.DynamicFee, ChainId = 901, Nonce = ++_built, MaxFeePerGas = 1, MaxPriorityFeePerGas = 1, GasLimit = 21_000, To = Address.FromNumber(number), Data = data, R = number + 1, S = 5,
            };
            Transaction[] transactions = [info.ToDepositTransaction(isRegolith: true), transaction];
            var block = new Block
            {
                Header = new BlockHeader { ParentHash = HashAt(number - 1), Number = number, Timestamp = time, BaseFeePerGas = 1, GasLimit = 30_000_000, TransactionsRoot = BodyRoots.OfTransactions(transactions) },
                Transactions = transactions,
            };
            _chain.Add(block);
            _all.Add((block.Header.ParentHash, Keccak256.Hash(transaction.Encoded)), block);
        }
    }

    /// <summary>Forgets unsafe blocks; at most as many as there are.</summary>
    public void ReorgL2(int depth)
    {
        int keep = (int)Math.Max(Safe, Unsafe - Math.Min(Unsafe, (ulong)depth));
        _chain.RemoveRange(keep, _chain.Count - keep);
    }

    private SyncStatus Status()
    {
        Derive();
        L1BlockRef current = Derived;
        ulong final = Final();
        return new SyncStatus { CurrentL1 = current, HeadL1 = _l1.Head, UnsafeL2 = Ref(Unsafe), SafeL2 = Ref(_safe), FinalizedL2 = Ref(final) };
    }

    private L1BlockRef Derived => _l1.Chain[Math.Max(0, _l1.Chain.Count - 1 - Lag)].Ref;

    private L2BlockRef Ref(ulong number) => new(HashAt(number), number, number == 0 ? default : HashAt(number - 1), Config.GenesisL2Time + (2 * number), new BlockId(default, number / 6), number % 6);

    private ulong Final() => Read(_l1.Chain.Take(Math.Max(1, _l1.Chain.Count - 8)), out _, out _);

    private void Derive()
    {
        if (_derivedTo == Derived.Hash) return;
        ulong safe = Read(_l1.Chain.TakeWhile(b => b.Ref.Number <= Derived.Number), out List<Block> blocks, out _);

        // a batch of a chain that was given up is as good as one of the new chain: what is on L1 decides
        for (int i = 0; i < blocks.Count; i++)
        {
            if (i < _chain.Count && _chain[i].Hash == blocks[i].Hash) continue;
            _chain.RemoveRange(i, _chain.Count - i);
            _chain.AddRange(blocks[i..]);
            break;
        }

        _safe = safe;
        _derivedTo = Derived.Hash;
    }

    /// <summary>Channels on L1 with a block that was safe already. One that comes again after it was dropped, as the order of frames or batches was broken, is no duplicate.</summary>
    public int Duplicates() => CountTwice().Duplicates;

    /// <summary>Channels on L1 with a block that an earlier channel there held, whether that one counted or was dropped.</summary>
    public int Repeats() => CountTwice().Repeats;

    private (int Duplicates, int Repeats) CountTwice()
    {
        Read(_l1.Chain, out _, out (int Duplicates, int Repeats) twice);
        return twice;
    }

    private ulong Read(IEnumerable<CrashL1.Block> chain, out List<Block> blocks, out (int Duplicates, int Repeats) twice)
    {
        var collector = new ChannelCollector(Config, SilentObserver.Instance);
        var decoder = new ChannelDecoder(Config);
        var seen = new HashSet<Hash256>();
        blocks = [];
        twice = default;
        foreach (CrashL1.Block l1Block in chain)
        {
            collector.Enter(l1Block.Ref);
            foreach (byte[] carrier in l1Block.Transactions.SelectMany(static t => t.Carriers)) collector.Add(carrier);
            while (collector.TryTake(out RawChannel channel))
            {
                bool isSafe = false, isSeen = false, isGood = true;
                var time = new L1InclusionTime(l1Block.Ref.Timestamp);
                Assert.Equal(ChannelRule.None, decoder.Open(channel.Data.Span, time));
                while (decoder.TryRead(time, out ChannelItem item))
                {
                    SingularBatch batch = item.Singular!;
                    Block block = _all[(batch.ParentHash, Keccak256.Hash(Assert.Single(batch.Transactions)))];
                    isSeen |= !seen.Add(block.Hash);
                    if (block.Number <= (ulong)blocks.Count)
                    {
                        isSafe |= blocks[(int)block.Number - 1].Hash == block.Hash;
                        continue; // the past is skipped
                    }

                    isGood &= block.Header.ParentHash == (blocks.Count == 0 ? Config.GenesisL2.Hash : blocks[^1].Hash);
                    if (isGood) blocks.Add(block); // else the rest of the channel is dropped
                }

                twice = (twice.Duplicates + (isSafe ? 1 : 0), twice.Repeats + (isSeen ? 1 : 0));
            }
        }

        return (ulong)blocks.Count;
    }
}
