using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Whole chains through encoder and pipeline.</summary>
public sealed class ChainTests
{
    public static TheoryData<OptimismFork> Forks =>
        [OptimismFork.Bedrock, OptimismFork.Canyon, OptimismFork.Delta, OptimismFork.Ecotone, OptimismFork.Fjord, OptimismFork.Granite, OptimismFork.Holocene, OptimismFork.Isthmus, OptimismFork.Jovian, OptimismFork.Karst];

    [Theory, MemberData(nameof(Forks))]
    public void S_BA_01_a_sequenced_chain_is_derived_block_for_block(OptimismFork fork)
    {
        var net = new TestNet(fork);
        var random = new Random((int)fork);
        ulong posted = 0;
        for (int round = 0; round < 6; round++)
        {
            for (int i = random.Next(1, 4); i > 0; i--) net.L1.Mine();
            net.SequenceToL1Head();
            ulong head = net.Sequencer.HeadRef.Number;
            ulong[] numbers = TestNet.Range(posted + 1, head);
            bool span = fork >= OptimismFork.Delta && random.Next(2) == 0, brotli = fork >= OptimismFork.Fjord && random.Next(2) == 0;
            byte[][] batches = span ? [net.SpanOf(numbers)] : [.. numbers.Select(net.SingularOf)];
            Frame[] frames = net.Cut(TestNet.Compress(brotli, batches), random.Next(1, 6));
            if (fork >= OptimismFork.Ecotone && random.Next(2) == 0)
            {
                byte[][] blobs = [.. frames.Select(frame => FakeL1.Blob(FrameCodec.Encode([frame])))];
                net.L1.Mine([net.L1.BlobTransaction(net.Config, TestNet.Batcher, [9, 9], blobs)]);
            }
            else
            {
                net.L1.Mine([.. frames.Select(frame => net.Post(frame))]);
            }

            posted = head;
            Assert.IsType<Idle>(net.Derive());
            net.AssertSafeIsSequenced(head);
        }

        Assert.Equal(0, net.Observer.Forced);
        Assert.Equal((ulong)net.L1.Chain.Count - 1, net.Pipeline.Origin.Number);
    }

    [Fact]
    public void S_BA_05_span_and_singular_give_the_same_chain()
    {
        var singular = new TestNet(OptimismFork.Jovian, seed: 3);
        var span = new TestNet(OptimismFork.Jovian, seed: 3);
        foreach (TestNet net in (TestNet[])[singular, span])
        {
            for (int i = 0; i < 5; i++) net.L1.Mine();
            net.SequenceToL1Head();
        }

        ulong head = singular.Sequencer.HeadRef.Number;
        singular.Submit([.. TestNet.Range(1, head).Select(singular.SingularOf)]);
        span.Submit(span.SpanOf(TestNet.Range(1, head)));
        singular.Sync();
        span.Sync();
        singular.AssertSafeIsSequenced(head);
        Assert.Equal(singular.Pipeline.SafeHead, span.Pipeline.SafeHead);
    }

    [Theory, MemberData(nameof(Forks))]
    public void S_BA_02_garbage_in_the_inbox_changes_nothing(OptimismFork fork)
    {
        var net = new TestNet(fork, seed: 5);
        var random = new Random(50 + (int)fork);
        net.L1.Mine();
        net.L1.Mine();
        net.SequenceToL1Head();
        // damage may leave batches readable, so these have a parent that no block has
        byte[] good = TestNet.Compress(false, [.. TestNet.Range(1, 12).Select(number => Orphan(net.BatchOf(net.Sequencer.Chain[(int)number])).Encode())]);
        for (int round = 0; round < 5; round++)
        {
            var transactions = new List<Transaction>();
            for (int i = 0; i < 20; i++)
            {
                byte[] data = FrameCodec.Encode(net.Cut(Damage(good, random), random.Next(1, 4)));
                if (random.Next(2) == 0) data = Damage(data, random);
                transactions.Add(FakeL1.Calldata(net.Config, TestNet.Batcher, data));
            }

            net.L1.Mine([.. transactions]);
            Assert.IsType<Idle>(net.Derive());
        }

        Assert.Equal(0UL, net.Safe);
        net.Submit([.. TestNet.Range(1, 12).Select(net.SingularOf)]);
        net.Sync();
        net.AssertSafeIsSequenced(12);
    }

    private static SingularBatch Orphan(SingularBatch batch) => new()
    {
        ParentHash = batch.EpochHash, EpochNumber = batch.EpochNumber, EpochHash = batch.EpochHash, Timestamp = batch.Timestamp, Transactions = batch.Transactions,
    };

    private static byte[] Damage(byte[] data, Random random)
    {
        byte[] damaged = [.. data];
        switch (random.Next(4))
        {
            case 0:
                return damaged[..random.Next(damaged.Length)];
            case 1:
                random.NextBytes(damaged);
                return damaged;
            case 2:
                return damaged[random.Next(damaged.Length)..];
            default:
                for (int i = random.Next(1, 5); i > 0; i--) damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                return damaged;
        }
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [Case("D-RG-01 D-TR-02")]
    public void S_RG_01_an_orphaned_batch_takes_the_safe_head_back_and_a_new_one_brings_it_again(OptimismFork fork)
    {
        var net = new TestNet(fork);
        net.L1.Mine();
        net.L1.Mine();
        net.SequenceToL1Head();
        ulong head = net.Sequencer.HeadRef.Number;
        byte[] span = net.SpanOf(TestNet.Range(1, head));
        net.Submit(span);
        net.Sync();
        net.AssertSafeIsSequenced(head);

        net.L1.Rewind(1);
        net.L1.Mine();
        net.L1.Mine();
        Assert.Equal(new ResetNeeded(ResetReason.L1Reorg), net.Derive());
        ResetFound found = net.WalkBack();
        Assert.Equal(head, found.Unsafe.Number); // the origins still stand
        Assert.Equal(0UL, found.Safe.Number);
        Assert.IsType<Idle>(net.Derive());
        Assert.Equal(0UL, net.Safe);

        net.Submit(span);
        net.Sync();
        net.AssertSafeIsSequenced(head);
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [Case("D-RG-03")]
    public void S_RG_02_batches_of_a_dead_origin_are_dropped(OptimismFork fork)
    {
        var net = new TestNet(fork);
        net.L1.Mine();
        net.L1.Mine();
        net.SequenceToL1Head();
        byte[] span = net.SpanOf(TestNet.Range(1, net.Sequencer.HeadRef.Number));
        net.Submit(span);
        net.Sync();
        net.L1.Rewind(2);
        net.L1.Mine();
        net.Submit(span);
        net.L1.Mine();
        net.Sync();
        Assert.Equal(0UL, net.Safe);
        Assert.True(net.Observer.Saw(BatchRule.EpochHashMismatch));
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("D-EB-01 V-35")]
    public void S_DE_15_D_EB_an_expired_window_gives_empty_blocks_and_late_batches_are_dropped(OptimismFork fork)
    {
        var net = new TestNet(fork);
        net.L1.Mine();
        net.SequenceToL1Head();
        for (int i = 0; i < 8; i++) net.L1.Mine();
        Assert.IsType<Idle>(net.Derive());
        Assert.Equal(0UL, net.Safe); // block 10 still may carry epoch 0
        Assert.Equal(0, net.Observer.Forced);
        net.L1.Mine();
        Assert.IsType<Idle>(net.Derive());
        Assert.True(net.Observer.Forced > 0);
        Assert.Equal(5UL, net.Safe); // epoch 0: blocks up to just before L1 block 1
        Assert.Equal(0UL, net.Pipeline.SafeHead.L1Origin.Number);
        net.Submit([.. TestNet.Range(1, 6).Select(net.SingularOf)]);
        net.Sync();
        Assert.DoesNotContain(net.Observer.Batches, static entry => entry.Check.Verdict == BatchVerdict.Accept);
        Assert.All(net.Verifier.Chain[1..], static block => Assert.All(block.Transactions, static transaction => Assert.True(transaction.IsDeposit)));
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("D-EB-01 D-SB-05")]
    public void S_DE_02_D_SB_05_a_batch_in_the_last_block_of_the_window_counts(OptimismFork fork)
    {
        foreach (bool late in (bool[])[false, true])
        {
            var net = new TestNet(fork);
            net.L1.Mine();
            net.SequenceToL1Head();
            for (int i = 0; i < (late ? 9 : 8); i++) net.L1.Mine();
            net.Submit(net.SingularOf(1)); // block 10 or 11, epoch 0, window 10
            net.Sync();
            bool taken = net.Safe >= 1 && net.Verifier.Chain[1].Hash == net.Sequencer.Chain[1].Hash && net.Observer.Batches.Exists(static entry => entry.Check.Verdict == BatchVerdict.Accept);
            Assert.Equal(!late, taken);
        }
    }
}
