using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation.Tests;

/// <summary>What the tests of single cases set up again and again.</summary>
internal static class CaseNet
{
    /// <summary>A second after genesis, as an absolute time.</summary>
    public static ulong At(ulong seconds) => TestNet.GenesisTime + seconds;

    /// <summary>All forks before one at genesis, and that one at a time.</summary>
    public static OptimismForkTimes ActivatingAt(OptimismFork fork, ulong time) => With(OptimismForkTimes.AllActiveAtGenesis(fork - 1), fork, time);

    public static OptimismForkTimes With(OptimismForkTimes forks, OptimismFork fork, ulong time) => fork switch
    {
        OptimismFork.Regolith => forks with { Regolith = time },
        OptimismFork.Canyon => forks with { Canyon = time },
        OptimismFork.Delta => forks with { Delta = time },
        OptimismFork.Ecotone => forks with { Ecotone = time },
        OptimismFork.Fjord => forks with { Fjord = time },
        OptimismFork.Granite => forks with { Granite = time },
        OptimismFork.Holocene => forks with { Holocene = time },
        OptimismFork.Isthmus => forks with { Isthmus = time },
        OptimismFork.Jovian => forks with { Jovian = time },
        OptimismFork.Karst => forks with { Karst = time },
        _ => throw new ArgumentOutOfRangeException(nameof(fork)),
    };

    /// <summary>A net whose L1 and sequencer have come as far as <paramref name="blocks"/> L2 blocks, with a transaction in each.</summary>
    public static TestNet Sequenced(OptimismFork fork, ulong blocks, Func<RollupConfig, RollupConfig>? change = null) =>
        Sequenced(new TestNet(fork, change), blocks);

    public static TestNet Sequenced(TestNet net, ulong blocks)
    {
        while ((ulong)net.L1.Chain.Count * FakeL1.BlockTime <= blocks * 2) net.L1.Mine();
        while (net.Sequencer.HeadRef.Number < blocks) net.Sequence(1);
        return net;
    }

    /// <summary>A channel of singular batches in an order.</summary>
    public static byte[] Singulars(TestNet net, params ulong[] order) => TestNet.Compress(false, [.. order.Select(net.SingularOf)]);

    /// <summary>One transaction with one channel in one frame.</summary>
    public static Transaction Whole(TestNet net, byte[] channel) => net.Post(net.Cut(channel, 1));

    /// <summary>The data of a batcher transaction with one channel in one frame.</summary>
    public static byte[] Data(TestNet net, params ulong[] numbers) => FrameCodec.Encode(net.Cut(Singulars(net, numbers), 1));

    /// <summary>The batch of a sequenced block, changed.</summary>
    public static SingularBatch Altered(SingularBatch batch, Hash256? parent = null, ulong? epoch = null, Hash256? epochHash = null, ulong? time = null, byte[][]? transactions = null) => new()
    {
        ParentHash = parent ?? batch.ParentHash,
        EpochNumber = epoch ?? batch.EpochNumber,
        EpochHash = epochHash ?? batch.EpochHash,
        Timestamp = time ?? batch.Timestamp,
        Transactions = transactions ?? batch.Transactions,
    };

    /// <summary>A span batch of given blocks; the first one opens no epoch unless it is said.</summary>
    public static byte[] Span(TestNet net, params SingularBatch[] blocks)
    {
        var builder = new SpanBatchBuilder(net.Config);
        for (int i = 0; i < blocks.Length; i++) Assert.Equal(SpanBuildError.None, builder.TryAdd(blocks[i], 1));
        return builder.Encode();
    }

    /// <summary>A ConfigUpdate log with words of data.</summary>
    public static LogEntry Update(TestNet net, ulong type, params UInt256[] words)
    {
        var data = new byte[64 + (32 * words.Length)];
        data[31] = 32;
        data[63] = (byte)(32 * words.Length);
        for (int i = 0; i < words.Length; i++) words[i].WriteBigEndian(data.AsSpan(64 + (32 * i)));
        return new LogEntry(net.Config.L1SystemConfigAddress, [SystemConfigUpdates.Topic, Hash256.Zero, Hash256.FromUInt256(type)], data);
    }

    /// <summary>A deposit log of the portal.</summary>
    public static LogEntry Deposit(TestNet net, ulong value) => DepositEvents.Encode(
        net.Config.DepositContractAddress,
        new Transaction { Type = TransactionType.Deposit, From = TestNet.Batcher, To = TestNet.Batcher, Value = value, Mint = value, GasLimit = 100_000, Data = new byte[] { 1, 2 } });

    /// <summary>The attributes of a block whose parent has a time and the L1 block before as its origin.</summary>
    public static PayloadAttributes FirstOf(TestNet net, int origin, ulong parentTime, SystemConfig? config = null)
    {
        FakeL1.Entry entry = net.L1.Chain[origin];
        var parent = new L2BlockRef(Keccak256.Hash([7]), 40, default, parentTime, net.L1.Chain[origin - 1].Block.Ref.Id, 3);
        AttributesResult result = net.Builder.Build(parent, config ?? net.Config.GenesisSystemConfig, entry.Block, entry.Receipts);
        Assert.Equal(AttributesFault.None, result.Fault);
        return result.Attributes!;
    }

    public static L1BlockInfo InfoOf(PayloadAttributes attributes)
    {
        Assert.True(Transaction.TryDecode(attributes.Transactions[0], out Transaction? transaction, out _));
        return InfoOf(transaction!);
    }

    public static L1BlockInfo InfoOf(Transaction transaction)
    {
        Assert.True(L1BlockInfo.TryParse(transaction, out L1BlockInfo? info));
        return info!;
    }

    public static L2BlockRef RefAt(FakeEngine engine, ulong number) => engine.RefOf(engine.Chain[(int)number]);
}
