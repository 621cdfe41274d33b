using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>The rules for whole spans, on a small safe chain.</summary>
public sealed class SpanRulesTests
{
    private readonly TestNet _net;
    private readonly Exchange _exchange = new();
    private readonly SafeChain _chain;

    public SpanRulesTests()
    {
        _net = new TestNet(OptimismFork.Granite);
        for (int i = 0; i < 6; i++) _net.L1.Mine();
        while (_net.Sequencer.HeadRef.Number < 20) _net.Sequence(1);
        _chain = new SafeChain(_net.Builder, _exchange);
    }

    private L2BlockRef Block(ulong number) => _net.Sequencer.RefOf(_net.Sequencer.Chain[(int)number]);

    private List<EpochBlock> Epochs(ulong first, ulong last)
    {
        var epochs = new List<EpochBlock>();
        for (ulong number = first; number <= last; number++)
        {
            L1Block block = _net.L1.Chain[(int)number].Block;
            epochs.Add(new EpochBlock(block.Ref, block.Header, EpochLogs.None));
        }

        return epochs;
    }

    private static SpanBatch Decode(byte[] encoded, RollupConfig config)
    {
        Assert.Equal(SpanDecodeResult.Decoded, SpanBatchDecoder.Decode(encoded.AsSpan(1), config, out SpanBatch? span));
        return span!;
    }

    private SpanBatch Span(params ulong[] numbers) => Decode(_net.SpanOf(numbers), _net.Config);

    private SpanBatch Span(ulong first, int count, ulong? shift = null, HashCheck? parent = null, HashCheck? origin = null, ulong epoch = 0, Func<ulong, ulong>? epochOf = null)
    {
        var epochs = new ulong[count];
        var ends = new int[count];
        for (int i = 0; i < count; i++) epochs[i] = epochOf?.Invoke((ulong)i) ?? epoch;
        return new SpanBatch(
            parent ?? HashCheck.Of(Block(first - 1).Hash), origin ?? HashCheck.Of(_net.L1.Chain[(int)Math.Min(epochs[^1], 6)].Block.Hash),
            Block(first).Timestamp + (shift ?? 0), 2, epochs, ends, []);
    }

    private BatchCheck Check(bool holocene, SpanBatch span, ulong safe, ulong lastEpoch = 6, ulong inclusion = 6, RollupConfig? config = null)
    {
        config ??= _net.Config;
        if (holocene) config = config with { Forks = config.Forks with { Holocene = 0 } };
        L2BlockRef head = Block(safe);
        var included = new L1BlockRef(default, inclusion, default, TestNet.GenesisTime + (12 * inclusion));
        while (true)
        {
            _chain.Begin();
            BatchCheck check = holocene
                ? SpanRules.CheckHolocene(config, Epochs(head.L1Origin.Number, lastEpoch), head, span, included, _chain)
                : SpanRules.Check(config, Epochs(head.L1Origin.Number, lastEpoch), head, span, included, _chain);
            if (!_chain.IsBlocked) return check;
            ulong wanted = Assert.IsType<NeedL2Block>(_exchange.Request).Number;
            Assert.InRange(wanted, 0UL, safe);
            _exchange.SafeBlocks[wanted] = _net.Sequencer.Chain[(int)wanted];
            _exchange.Answered();
        }
    }

    private void Both(BatchCheck expected, SpanBatch span, ulong safe, ulong lastEpoch = 6, ulong inclusion = 6, RollupConfig? config = null)
    {
        Assert.Equal(expected, Check(false, span, safe, lastEpoch, inclusion, config));
        Assert.Equal(expected, Check(true, span, safe, lastEpoch, inclusion, config));
    }

    [Fact]
    public void Fitting_spans_are_accepted_next_to_the_safe_head_and_over_it()
    {
        Both(BatchCheck.Accept, Span(TestNet.Range(1, 20)), 0);
        Both(BatchCheck.Accept, Span(TestNet.Range(8, 20)), 7);
        Both(BatchCheck.Accept, Span(TestNet.Range(1, 20)), 7);
        Both(BatchCheck.Accept, Span(TestNet.Range(4, 8)), 7);
    }

    [Fact]
    [Case("D-SP-01")]
    public void D_SP_01_the_next_epoch_is_unknown() => Both(BatchCheck.Undecided(BatchRule.NextEpochUnknown), Span(TestNet.Range(6, 8)), 5, lastEpoch: 0);

    [Fact]
    [Case("D-SP-02 D-CK-04")]
    public void D_SP_02_D_CK_04_an_origin_before_delta()
    {
        RollupConfig config = _net.Config with { Forks = _net.Config.Forks with { Delta = TestNet.GenesisTime + 12 } };
        Both(BatchCheck.Drop(BatchRule.SpanBeforeDelta), Span(TestNet.Range(1, 8)), 0, config: config);
        Both(BatchCheck.Accept, Span(TestNet.Range(6, 8)), 5, config: config);
    }

    [Fact]
    [Case("D-SP-03 D-SP-04")]
    public void D_SP_03_04_future_and_past()
    {
        Assert.Equal(BatchCheck.Future(BatchRule.TimestampInFuture), Check(false, Span(TestNet.Range(9, 20)), 7));
        Assert.Equal(BatchCheck.Drop(BatchRule.TimestampInFuture), Check(true, Span(TestNet.Range(9, 20)), 7));
        Assert.Equal(BatchCheck.Drop(BatchRule.TimestampInPast), Check(false, Span(TestNet.Range(3, 7)), 7));
        Assert.Equal(BatchCheck.Past(BatchRule.TimestampInPast), Check(true, Span(TestNet.Range(3, 7)), 7));
    }

    [Fact]
    [Case("D-SP-05")]
    public void D_SP_05_misaligned_times()
    {
        Both(BatchCheck.Drop(BatchRule.TimestampMisaligned), Span(2, 5, shift: 1), 2);
        Both(BatchCheck.Drop(BatchRule.TimestampMisaligned), Span(2, 5, shift: 1), 3);
    }

    [Fact]
    [Case("D-SP-06 V-10")]
    public void D_SP_06_V_10_a_span_from_genesis_or_before()
    {
        var span = new SpanBatch(default, default, TestNet.GenesisTime, 2, new ulong[10], new int[10], []);
        Both(BatchCheck.Drop(BatchRule.BeforeGenesis), span, 3);
        span = new SpanBatch(default, default, TestNet.GenesisTime - 20, 2, new ulong[20], new int[20], []);
        Both(BatchCheck.Drop(BatchRule.BeforeGenesis), span, 3);
    }

    [Fact]
    [Case("D-SP-07")]
    public void D_SP_07_another_parent()
    {
        HashCheck other = HashCheck.Of(Keccak256.Hash([9]));
        Both(BatchCheck.Drop(BatchRule.ParentHashMismatch), Span(4, 2, parent: other), 3);
        Both(BatchCheck.Drop(BatchRule.ParentHashMismatch), Span(3, 3, parent: other), 3);
    }

    [Fact]
    [Case("D-SP-08 D-SP-09 D-SP-11")]
    public void D_SP_08_09_11_window_and_start_epoch()
    {
        Both(BatchCheck.Drop(BatchRule.SequencingWindowPassed), Span(TestNet.Range(1, 8)), 0, inclusion: 11);
        Both(BatchCheck.Drop(BatchRule.EpochTooNew), Span(4, 2, epoch: 2), 3);
        Both(BatchCheck.Drop(BatchRule.EpochTooOld), Span(8, 2, epochOf: static index => index), 7); // starts at 0 where the parent has 1
        Both(BatchCheck.Drop(BatchRule.EpochTooNew), Span(4, 2, epoch: ulong.MaxValue), 3); // the window wraps, and does not throw
    }

    [Fact]
    [Case("D-SP-10 V-11")]
    public void D_SP_10_V_11_the_end_epoch()
    {
        Both(BatchCheck.Drop(BatchRule.EpochHashMismatch), Span(4, 2, origin: HashCheck.Of(Keccak256.Hash([9]))), 3);
        Both(BatchCheck.Undecided(BatchRule.EndEpochUnknown), Span(TestNet.Range(1, 20)), 0, lastEpoch: 2);
        Both(BatchCheck.Drop(BatchRule.EpochTooOld), Span(14, 2, epoch: 1), 13);
    }

    [Fact]
    [Case("D-SP-12")]
    public void D_SP_12_13_rules_of_the_blocks_hold_for_the_whole_before_holocene_only()
    {
        SpanBatch early = Span(4, 4, epochOf: static index => index < 1 ? 0UL : 1UL); // block 5, at 10 s, with the origin of 12 s
        Assert.Equal(BatchCheck.Drop(BatchRule.TimeBeforeOrigin), Check(false, early, 3));
        Assert.Equal(BatchCheck.Accept, Check(true, early, 3));
        SpanBatch behind = Span(TestNet.Range(1, 20)); // fine in itself
        Assert.Equal(BatchCheck.Accept, Check(false, behind, 13));
    }
}
