using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.Node.Tests;

/// <summary>A rollup for tests of the engine's and sequencer's logic: genesis at time 1,000,000, blocks every 2 s, everything up to Jovian active.</summary>
internal sealed class FakeChain
{
    public const ulong GenesisTime = 1_000_000;

    public FakeChain(OptimismFork newest = OptimismFork.Jovian)
    {
        Origin = new BlockHeader { Number = 50, Timestamp = GenesisTime, BaseFeePerGas = new UInt256(7), ExcessBlobGas = 0, BlobGasUsed = 0, ParentBeaconBlockRoot = Hash256.Zero };
        Genesis = new Block
        {
            Header = new BlockHeader
            {
                Timestamp = GenesisTime,
                GasLimit = 30_000_000,
                BaseFeePerGas = new UInt256(1),
                StateRoot = Keccak256.Hash([1]),
                TransactionsRoot = Hash256.EmptyTrie,
                ReceiptsRoot = Hash256.EmptyTrie,
                WithdrawalsRoot = Hash256.EmptyTrie,
            },
            Withdrawals = [],
        };
        Config = new RollupConfig
        {
            GenesisL1 = Origin.Id,
            GenesisL2 = new BlockId(Genesis.Hash, 0),
            GenesisL2Time = GenesisTime,
            GenesisSystemConfig = new SystemConfig { GasLimit = 30_000_000, BatcherAddress = Address.FromNumber(0xba), Scalar = EcotoneScalarOne() },
            Forks = OptimismForkTimes.AllActiveAtGenesis(newest),
        };
        Engine = new FakeEngine(Genesis, Config);
    }

    public BlockHeader Origin { get; }

    public Block Genesis { get; }

    public RollupConfig Config { get; }

    public FakeEngine Engine { get; }

    public L2BlockRef GenesisRef => Ref(Genesis);

    public L2BlockRef Ref(Block block)
    {
        Assert.True(L2References.TryCreate(block, Config, out L2BlockRef reference, out string? fault), fault);
        return reference;
    }

    /// <summary>Attributes for the block on a parent, in the parent's epoch.</summary>
    public PayloadAttributes Attributes(L2BlockRef parent, bool noTxPool = true, params byte[][] transactions)
    {
        ulong time = parent.Timestamp + Config.BlockTimeSeconds;
        ulong sequence = parent.SequenceNumber + 1;
        Assert.True(L1BlockInfo.TryBuild(Config, BlobSchedule.None, Config.GenesisSystemConfig, sequence, Origin, new L2Time(time), out L1BlockInfo? info));
        return new PayloadAttributes
        {
            Timestamp = time,
            PrevRandao = Hash256.Zero,
            SuggestedFeeRecipient = Predeploys.SequencerFeeVault,
            Withdrawals = [],
            ParentBeaconBlockRoot = Hash256.Zero,
            Transactions = [info!.ToDepositTransaction(isRegolith: true).Encoded, .. transactions],
            NoTxPool = noTxPool,
            GasLimit = 30_000_000,
            Eip1559Params = new byte[8],
            MinBaseFee = 0,
        };
    }

    /// <summary>A signed-looking user transaction.</summary>
    public static byte[] UserTransaction(ulong nonce, ulong gas = 21_000) => new Transaction
    {
        Type = TransactionType.DynamicFee,
        ChainId = 1,
        Nonce = nonce,
        GasLimit = gas,
        To = Address.FromNumber(0x1234),
        R = new UInt256(1),
        S = new UInt256(1),
    }.Encoded;

    private static UInt256 EcotoneScalarOne()
    {
        Span<byte> word = stackalloc byte[32];
        word[0] = 1;
        return UInt256.FromBigEndian(word);
    }
}
