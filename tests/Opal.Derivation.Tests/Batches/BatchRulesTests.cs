using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>The rules for singular batches, one by one, in their order.</summary>
public sealed class BatchRulesTests
{
    private static readonly TestNet Net = new(OptimismFork.Jovian);

    private static RollupConfig Config(OptimismFork fork) => Net.Config with { Forks = OptimismForkTimes.AllActiveAtGenesis(fork), SequencingWindowSize = 10, MaxSequencerDriftSeconds = 600 };

    /// <summary>L1 blocks 100, 101, …, twelve seconds apart from time 5,000.</summary>
    private static List<EpochBlock> Epochs(int count, ulong secondTime = 5012)
    {
        var epochs = new List<EpochBlock>();
        for (int i = 0; i < count; i++)
        {
            ulong time = i == 0 ? 5000 : secondTime + (12 * (ulong)(i - 1));
            var header = new BlockHeader { Number = 100 + (ulong)i, Timestamp = time, ParentHash = i == 0 ? default : epochs[i - 1].Ref.Hash };
            epochs.Add(new EpochBlock(new L1BlockRef(header.Hash, header.Number, header.ParentHash, time), header, EpochLogs.None));
        }

        return epochs;
    }

    private static L2BlockRef Safe(List<EpochBlock> epochs, ulong time = 5010) => new(Keccak256.Hash([1]), 50, default, time, epochs[0].Ref.Id, 4);

    private static L1BlockRef Inclusion(ulong number = 105) => new(default, number, default, 5100);

    private static SingularBatch Batch(List<EpochBlock> epochs, ulong time = 5012, int epoch = 0, byte[][]? transactions = null, Hash256? parent = null, Hash256? hash = null, ulong? number = null) => new()
    {
        ParentHash = parent ?? Keccak256.Hash([1]),
        EpochNumber = number ?? epochs[epoch].Ref.Number,
        EpochHash = hash ?? epochs[epoch].Ref.Hash,
        Timestamp = time,
        Transactions = transactions ?? [],
    };

    private static BatchCheck Check(OptimismFork fork, List<EpochBlock> epochs, SingularBatch batch, L2BlockRef? safe = null, L1BlockRef? inclusion = null) =>
        BatchRules.CheckSingular(Config(fork), epochs, safe ?? Safe(epochs), batch, inclusion ?? Inclusion());

    private static void Both(BatchCheck expected, List<EpochBlock> epochs, SingularBatch batch, L2BlockRef? safe = null, L1BlockRef? inclusion = null)
    {
        Assert.Equal(expected, Check(OptimismFork.Granite, epochs, batch, safe, inclusion));
        Assert.Equal(expected, Check(OptimismFork.Holocene, epochs, batch, safe, inclusion));
    }

    [Fact]
    public void A_fitting_batch_is_accepted()
    {
        List<EpochBlock> epochs = Epochs(2);
        Both(BatchCheck.Accept, epochs, Batch(epochs, transactions: [[2, 0xc0]]));
        Both(BatchCheck.Accept, epochs, Batch(epochs, epoch: 1));
    }

    [Fact]
    [Case("D-SB-01")]
    public void D_SB_01_without_l1_blocks_nothing_is_decided() =>
        Both(BatchCheck.Undecided(BatchRule.NoL1Blocks), [], Batch(Epochs(1)), Safe(Epochs(1)));

    [Fact]
    [Case("D-SB-02 D-SB-03 V-37")]
    public void D_SB_02_03_V_37_time_comes_first_whatever_else_is_wrong()
    {
        List<EpochBlock> epochs = Epochs(2);
        SingularBatch future = Batch(epochs, time: 5014, parent: default(Hash256), number: 0), past = Batch(epochs, time: 5010, parent: default(Hash256), number: 0);
        Assert.Equal(BatchCheck.Future(BatchRule.TimestampInFuture), Check(OptimismFork.Granite, epochs, future));
        Assert.Equal(BatchCheck.Drop(BatchRule.TimestampInFuture), Check(OptimismFork.Holocene, epochs, future));
        Assert.Equal(BatchCheck.Drop(BatchRule.TimestampInPast), Check(OptimismFork.Granite, epochs, past));
        Assert.Equal(BatchCheck.Past(BatchRule.TimestampInPast), Check(OptimismFork.Holocene, epochs, past));
        Assert.Equal(BatchCheck.Past(BatchRule.TimestampInPast), Check(OptimismFork.Holocene, epochs, Batch(epochs, time: 5011))); // V-37: between the slots
    }

    [Fact]
    [Case("D-SB-04")]
    public void D_SB_04_another_parent() => Both(BatchCheck.Drop(BatchRule.ParentHashMismatch), Epochs(2), Batch(Epochs(2), parent: Keccak256.Hash([2])));

    [Fact]
    [Case("D-SB-05")]
    public void D_SB_05_the_window_ends_with_its_last_block()
    {
        List<EpochBlock> epochs = Epochs(2);
        Both(BatchCheck.Accept, epochs, Batch(epochs), inclusion: Inclusion(110));
        Both(BatchCheck.Drop(BatchRule.SequencingWindowPassed), epochs, Batch(epochs), inclusion: Inclusion(111));
        Both(BatchCheck.Drop(BatchRule.SequencingWindowPassed), epochs, Batch(epochs, number: ulong.MaxValue)); // wraps, and does not throw
    }

    [Fact]
    [Case("D-SB-06")]
    public void D_SB_06_the_epoch_stays_or_moves_by_one()
    {
        List<EpochBlock> epochs = Epochs(3);
        Both(BatchCheck.Drop(BatchRule.EpochTooOld), epochs, Batch(epochs, number: 99));
        Both(BatchCheck.Drop(BatchRule.EpochTooNew), epochs, Batch(epochs, epoch: 2));
        Both(BatchCheck.Undecided(BatchRule.NextEpochUnknown), epochs[..1], Batch(epochs, epoch: 1));
    }

    [Fact]
    [Case("D-SB-07 D-SB-08")]
    public void D_SB_07_08_hash_and_time_of_the_origin()
    {
        List<EpochBlock> epochs = Epochs(2, secondTime: 5013);
        Both(BatchCheck.Drop(BatchRule.EpochHashMismatch), epochs, Batch(epochs, hash: epochs[1].Ref.Hash));
        Both(BatchCheck.Drop(BatchRule.TimeBeforeOrigin), epochs, Batch(epochs, epoch: 1));
    }

    [Theory]
    [InlineData(OptimismFork.Ecotone, false)]
    [InlineData(OptimismFork.Fjord, false)]
    [InlineData(OptimismFork.Isthmus, false)]
    [InlineData(OptimismFork.Jovian, true)]
    [InlineData(OptimismFork.Karst, true)]
    [Case("D-SB-09 V-34")]
    public void D_SB_09_V_34_an_activation_block_with_transactions(OptimismFork fork, bool dropped)
    {
        List<EpochBlock> epochs = Epochs(2);
        OptimismForkTimes forks = OptimismForkTimes.AllActiveAtGenesis(fork - 1);
        forks = fork switch
        {
            OptimismFork.Ecotone => forks with { Ecotone = 5011 },
            OptimismFork.Fjord => forks with { Fjord = 5011 },
            OptimismFork.Isthmus => forks with { Isthmus = 5011 },
            OptimismFork.Jovian => forks with { Jovian = 5011 },
            _ => forks with { Karst = 5011 },
        };
        RollupConfig config = Config(fork) with { Forks = forks, GenesisL2Time = 1000 };
        BatchCheck With(params byte[][] transactions) => BatchRules.CheckSingular(config, epochs, Safe(epochs), Batch(epochs, transactions: transactions), Inclusion());
        Assert.Equal(dropped ? BatchCheck.Drop(BatchRule.TransactionsInActivationBlock) : BatchCheck.Accept, With([2, 0xc0]));
        Assert.Equal(BatchCheck.Accept, With());
    }

    [Theory]
    [InlineData(OptimismFork.Ecotone, 600)]
    [InlineData(OptimismFork.Fjord, 1800)]
    [Case("D-SB-10 D-SB-11")]
    public void D_SB_10_11_D_CK_03_the_drift(OptimismFork fork, int drift)
    {
        ulong limit = 5000 + (ulong)drift;
        List<EpochBlock> late = Epochs(2, secondTime: limit + 100), soon = Epochs(2, secondTime: limit + 2);
        L2BlockRef atLimit = Safe(late, limit - 2), pastLimit = Safe(late, limit);
        byte[][] some = [[2, 0xc0]];
        Assert.Equal(BatchCheck.Accept, Check(fork, late, Batch(late, time: limit, transactions: some), atLimit));
        Assert.Equal(BatchCheck.Drop(BatchRule.SequencerDriftWithTransactions), Check(fork, late, Batch(late, time: limit + 2, transactions: some), pastLimit));
        Assert.Equal(BatchCheck.Accept, Check(fork, late, Batch(late, time: limit + 2), pastLimit));
        Assert.Equal(BatchCheck.Drop(BatchRule.SequencerDriftOriginAvailable), Check(fork, soon, Batch(soon, time: limit + 2), Safe(soon, limit)));
        Assert.Equal(BatchCheck.Accept, Check(fork, soon, Batch(soon, time: limit + 2, epoch: 1), Safe(soon, limit)));
        Assert.Equal(BatchCheck.Undecided(BatchRule.NextEpochUnknown), Check(fork, soon[..1], Batch(soon, time: limit + 2), Safe(soon, limit)));
    }

    [Fact]
    [Case("D-CK-03")]
    public void D_CK_03_the_drift_goes_by_the_origins_time()
    {
        List<EpochBlock> epochs = Epochs(2, secondTime: 9000);
        RollupConfig config = Config(OptimismFork.Ecotone) with { Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Ecotone) with { Fjord = 5001 } };
        SingularBatch batch = Batch(epochs, time: 5602, transactions: [[2, 0xc0]]);
        Assert.Equal(BatchCheck.Drop(BatchRule.SequencerDriftWithTransactions), BatchRules.CheckSingular(config, epochs, Safe(epochs, 5600), batch, Inclusion()));
    }

    [Fact]
    [Case("D-SB-12 D-SB-13 V-09")]
    public void D_SB_12_13_V_09_transactions_that_a_sequencer_may_not_include()
    {
        List<EpochBlock> epochs = Epochs(2);
        Both(BatchCheck.Drop(BatchRule.EmptyTransaction), epochs, Batch(epochs, transactions: [[2, 0xc0], []]));
        Both(BatchCheck.Drop(BatchRule.DepositTransaction), epochs, Batch(epochs, transactions: [[0x7e, 0xc0]]));
        Both(BatchCheck.Drop(BatchRule.SetCodeBeforeIsthmus), epochs, Batch(epochs, transactions: [[4, 0xc0]]));
        Assert.Equal(BatchCheck.Accept, Check(OptimismFork.Isthmus, epochs, Batch(epochs, transactions: [[4, 0xc0]])));
        foreach (byte type in (byte[])[3, 5, 0x7d]) Both(BatchCheck.Accept, epochs, Batch(epochs, transactions: [[type, 0xc0]]));
    }
}
