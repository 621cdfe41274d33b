using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.BadDays.Tests;

/// <summary>A sequencer's chain in memory and its rollup node, whose safe head is what <see cref="InboxReader"/> finds on L1.</summary>
internal sealed class Rollup
{
    public static readonly RollupConfig Config = new()
    {
        GenesisL1 = new BlockId(HashOf(1, 0), 0), GenesisL2 = new BlockId(HashOf(2, 0), 0), GenesisL2Time = BadDay.GenesisTime, BlockTimeSeconds = 2, L1ChainId = Strangers.ChainId, L2ChainId = 901,
        Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Isthmus), BatchInboxAddress = Address.FromNumber(0xff00), SequencingWindowSize = 3600,
        DepositContractAddress = Address.FromNumber(0xfe00), L1SystemConfigAddress = Address.FromNumber(0xfd00), GenesisSystemConfig = new SystemConfig { BatcherAddress = BadDay.BatcherAddress, GasLimit = 30_000_000 },
    };

    private readonly Lock _gate = new();
    private readonly List<Block> _chain = [];
    private L1BlockRef _l1;

    public Rollup()
    {
        L2 = new EthClient(new InProcessRpcClient(new RpcRegistry().Register("eth_chainId", _ => RpcResult.Quantity(Config.L2ChainId)).Register("eth_getBlockByNumber", parameters => Find(parameters.GetBlock(0).Number) is { } block
            ? RpcResult.Json(writer => EthJson.WriteBlock(writer, block, true, NativeCrypto.Instance)) : RpcResult.Null), "l2"));
        Node = new RollupNodeClient(new InProcessRpcClient(new RpcRegistry()
            .Register("optimism_syncStatus", _ => RpcResult.Json(writer => RollupJson.WriteSyncStatus(writer, Status())))
            .Register("optimism_rollupConfig", _ => RpcResult.Json(writer => RollupConfigFile.Write(writer, Config))), "node"));
    }

    public EthClient L2 { get; }

    public RollupNodeClient Node { get; }

    public ulong Unsafe
    {
        get
        {
            lock (_gate) return (ulong)_chain.Count;
        }
    }

    public ulong Safe { get; private set; }

    public Block? Find(ulong number)
    {
        lock (_gate) return number >= 1 && number <= (ulong)_chain.Count ? _chain[(int)number - 1] : null;
    }

    private static Hash256 HashOf(ulong kind, ulong number) => Hash256.FromUInt256(new UInt256(number, kind, 7, 7));

    /// <summary>Builds blocks on the unsafe head, each with one transaction of so many random bytes.</summary>
    public void Build(int count, int bytes)
    {
        lock (_gate)
        {
            for (int i = 0; i < count; i++)
            {
                ulong number = (ulong)_chain.Count + 1, time = Config.GenesisL2Time + (2 * number), origin = number / 6;
                var info = new L1BlockInfo { Format = L1BlockInfo.FormatAt(Config, new L2Time(time)), Number = origin, BlockHash = HashOf(1, origin), SequenceNumber = number % 6, Timestamp = time };
                var data = new byte[bytes];
                new Random((int)number).NextBytes(data);
                Transaction[] transactions =
                [
                    info.ToDepositTransaction(isRegolith: true),
                    new Transaction
                    {
                        Type = TransactionType.DynamicFee, ChainId = 901, Nonce = number, MaxFeePerGas = 1, MaxPriorityFeePerGas = 1, GasLimit = 21_000, To = Address.FromNumber(number), Data = data, R = number + 1, S = 5,
                    },
                ];
                _chain.Add(new Block
                {
                    Header = new BlockHeader
                    {
                        ParentHash = _chain.Count == 0 ? Config.GenesisL2.Hash : _chain[^1].Hash, Number = number, Timestamp = time, BaseFeePerGas = 1, GasLimit = 30_000_000,
                        TransactionsRoot = BodyRoots.OfTransactions(transactions),
                    },
                    Transactions = transactions,
                });
            }
        }
    }

    /// <summary>What the node derived.</summary>
    /// <param name="l1">L1's head.</param>
    /// <param name="safe">The safe head.</param>
    public void Derived(in L1BlockRef l1, ulong safe)
    {
        lock (_gate) (_l1, Safe) = (l1, safe);
    }

    private SyncStatus Status()
    {
        lock (_gate) return new SyncStatus { CurrentL1 = _l1, HeadL1 = _l1, UnsafeL2 = Ref((ulong)_chain.Count), SafeL2 = Ref(Safe), FinalizedL2 = Ref(0) };
    }

    private L2BlockRef Ref(ulong number)
    {
        if (number == 0) return new L2BlockRef(Config.GenesisL2.Hash, 0, default, Config.GenesisL2Time, Config.GenesisL1, 0);
        BlockHeader header = _chain[(int)number - 1].Header;
        return new L2BlockRef(header.Hash, number, header.ParentHash, header.Timestamp, new BlockId(HashOf(1, number / 6), number / 6), number % 6);
    }
}
