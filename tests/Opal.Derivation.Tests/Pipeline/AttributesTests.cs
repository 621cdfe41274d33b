using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

public sealed class AttributesTests
{
    private static LogEntry Update(TestNet net, ulong type, params UInt256[] words)
    {
        var data = new byte[64 + (32 * words.Length)];
        data[31] = 32;
        data[63] = (byte)(32 * words.Length);
        for (int i = 0; i < words.Length; i++) words[i].WriteBigEndian(data.AsSpan(64 + (32 * i)));
        return new LogEntry(net.Config.L1SystemConfigAddress, [SystemConfigUpdates.Topic, Hash256.Zero, Hash256.FromUInt256(type)], data);
    }

    private static LogEntry Deposit(TestNet net, ulong value) => DepositEvents.Encode(
        net.Config.DepositContractAddress, new Transaction { Type = TransactionType.Deposit, From = TestNet.Batcher, To = TestNet.Batcher, Value = value, Mint = value, GasLimit = 100_000, Data = new byte[] { 1, 2 } });

    private static PayloadAttributes First(TestNet net, int l1 = 1)
    {
        FakeL1.Entry origin = net.L1.Chain[l1];
        var parent = new L2BlockRef(Keccak256.Hash([7]), 40, default, origin.Block.Header.Timestamp, net.L1.Chain[l1 - 1].Block.Ref.Id, 3);
        AttributesResult result = net.Builder.Build(parent, net.Config.GenesisSystemConfig, origin.Block, origin.Receipts);
        Assert.Equal(AttributesFault.None, result.Fault);
        Assert.Equal(0UL, result.SequenceNumber);
        return result.Attributes!;
    }

    [Fact]
    [Case("D-AT-06 D-AT-07 D-AT-08 D-LI-01 D-LI-02 D-DP-04")]
    public void D_AT_01_to_08_fields_by_fork()
    {
        for (OptimismFork fork = OptimismFork.Bedrock; fork <= OptimismFork.Karst; fork++)
        {
            var net = new TestNet(fork);
            net.L1.Mine(logs: [Deposit(net, 5), Deposit(net, 6)]);
            PayloadAttributes attributes = First(net);
            BlockHeader origin = net.L1.Head.Header;
            Assert.Equal(origin.MixHash, attributes.PrevRandao);
            Assert.Equal(Predeploys.SequencerFeeVault, attributes.SuggestedFeeRecipient);
            Assert.True(attributes.NoTxPool);
            Assert.Equal(30_000_000UL, attributes.GasLimit);
            Assert.Equal(fork >= OptimismFork.Canyon, attributes.Withdrawals is { Count: 0 });
            Assert.Equal(fork >= OptimismFork.Ecotone ? origin.ParentBeaconBlockRoot : null, attributes.ParentBeaconBlockRoot);
            Assert.Equal(fork >= OptimismFork.Holocene ? new byte[8] : null, attributes.Eip1559Params);
            Assert.Equal(fork >= OptimismFork.Jovian ? 0UL : null, attributes.MinBaseFee);
            Assert.Equal(3, attributes.Transactions.Count);
            Assert.True(Transaction.TryDecode(attributes.Transactions[0], out Transaction? info, out _));
            Assert.Equal(fork < OptimismFork.Regolith, info!.IsSystemTransaction); // D-LI-02
            Assert.Equal(fork < OptimismFork.Regolith ? 150_000_000UL : 1_000_000UL, info.GasLimit);
            int size = fork switch { >= OptimismFork.Jovian => 178, >= OptimismFork.Isthmus => 176, >= OptimismFork.Ecotone => 164, _ => 260 };
            Assert.Equal(size, info.Data.Length); // D-LI-01
            for (int i = 1; i < 3; i++)
            {
                Assert.True(Transaction.TryDecode(attributes.Transactions[i], out Transaction? deposit, out _));
                Assert.Equal(SourceHash.OfUserDeposit(net.L1.Head.Hash, (ulong)(i - 1)), deposit!.SourceHash); // D-DP-02
                Assert.Equal((ulong)(4 + i), deposit.Value.U0);
            }
        }
    }

    [Fact]
    [Case("D-AT-02 D-AT-03 D-AT-04")]
    public void D_AT_02_03_04_an_origin_that_does_not_follow_is_refused()
    {
        var net = new TestNet(OptimismFork.Jovian);
        net.L1.Mine();
        net.L1.Mine();
        L1BlockRef first = net.L1.Chain[1].Block.Ref;
        var parent = new L2BlockRef(default, 40, default, first.Timestamp + 100, first.Id, 3);
        AttributesFault Build(L2BlockRef on, int origin) => net.Builder.Build(on, net.Config.GenesisSystemConfig, net.L1.Chain[origin].Block, net.L1.Chain[origin].Receipts).Fault;
        Assert.Equal(AttributesFault.None, Build(parent, 1));
        Assert.Equal(AttributesFault.None, Build(parent, 2));
        Assert.Equal(AttributesFault.OriginMismatch, Build(parent, 0));
        Assert.Equal(AttributesFault.OriginMismatch, Build(parent with { L1Origin = new BlockId(default, 1) }, 1));
        Assert.Equal(AttributesFault.TimeBeforeOrigin, Build(parent with { Timestamp = first.Timestamp + 9 }, 2));
    }

    [Fact]
    [Case("D-DP-01")]
    public void D_DP_01_an_unreadable_deposit_stops_derivation()
    {
        var net = new TestNet(OptimismFork.Jovian);
        LogEntry good = Deposit(net, 5);
        var bad = new LogEntry(good.Address, good.Topics, good.Data[..^32]);
        net.L1.Mine(logs: [bad]);
        for (int i = 0; i < 11; i++) net.L1.Mine();
        Assert.Equal(new DerivationStopped(StopReason.MalformedDeposit), net.Derive());
    }

    [Fact]
    [Case("D-TR-04 D-DP-03")]
    public void D_TR_04_S_DP_06_foreign_logs_and_failed_calls_are_no_deposits()
    {
        var net = new TestNet(OptimismFork.Jovian);
        LogEntry good = Deposit(net, 5);
        L1Block block = net.L1.Mine(logs: [good, new LogEntry(TestNet.Batcher, good.Topics, good.Data), new LogEntry(good.Address, [Hash256.Zero], good.Data), new LogEntry(good.Address, [], good.Data)]);
        IReadOnlyList<Receipt?> receipts = net.L1.Chain[1].Receipts.Receipts;
        Assert.Equal(2, First(net).Transactions.Count);
        var failed = new L1Receipts(block.Hash, [null, new Receipt { Succeeded = false, Logs = receipts[0]!.Logs }, receipts[0]]);
        net.L1.Chain[1] = new FakeL1.Entry(block, failed);
        PayloadAttributes attributes = First(net);
        Assert.Equal(2, attributes.Transactions.Count);
        Assert.True(Transaction.TryDecode(attributes.Transactions[1], out Transaction? deposit, out _));
        Assert.Equal(SourceHash.OfUserDeposit(block.Hash, 4), deposit!.SourceHash); // the index counts all logs of the block
    }

    [Fact]
    [Case("D-DP-04")]
    public void S_DP_04_deposits_of_an_epoch_without_batches_come_with_its_forced_block()
    {
        var net = new TestNet(OptimismFork.Holocene);
        net.L1.Mine(logs: [Deposit(net, 5)]);
        for (int i = 0; i < 11; i++) net.L1.Mine();
        net.Sync();
        Block first = net.Verifier.Chain.First(block => net.Verifier.RefOf(block).L1Origin.Number == 1);
        Assert.Equal(2, first.Transactions.Length);
        Assert.Equal(5UL, first.Transactions[1].Value.U0);
        Assert.Single(net.Verifier.Chain[(int)first.Number + 1].Transactions);
    }

    [Fact]
    [Case("D-TR-03")]
    public void S_SC_01_D_TR_03_the_batcher_key_rotates_with_the_block_that_says_so()
    {
        Address other = Address.Parse("0x00000000000000000000000000000000000b0b0b");
        foreach (bool holocene in (bool[])[false, true])
        {
            var net = new TestNet(holocene ? OptimismFork.Holocene : OptimismFork.Granite);
            net.L1.Mine();
            while (net.Sequencer.HeadRef.Number < 4) net.Sequence(1);
            Transaction From(Address account, params ulong[] numbers) =>
                FakeL1.Calldata(net.Config, account, FrameCodec.Encode(net.Cut(TestNet.Compress(false, [.. numbers.Select(net.SingularOf)]), 1)));
            net.L1.Mine([From(other, 1)]); // not yet
            net.L1.Mine([From(TestNet.Batcher, 1), From(other, 1, 2)], [Update(net, 0, other.ToUInt256())]); // holds for its own block
            net.L1.Mine([From(TestNet.Batcher, 3), From(other, 3)]);
            net.L1.Mine([From(TestNet.Batcher, 4)], [Update(net, 0, TestNet.Batcher.ToUInt256())]);
            net.Sync();
            net.AssertSafeIsSequenced(4);
            Assert.Equal(4, net.Observer.Batches.Count(static entry => entry.Check.Verdict == BatchVerdict.Accept));

            // S-RG-05: orphaned, the old key holds again
            net.L1.Rewind(3);
            net.L1.Mine([From(TestNet.Batcher, 1, 2, 3)]);
            for (int i = 0; i < 3; i++) net.L1.Mine();
            net.Sync();
            net.AssertSafeIsSequenced(3);
        }
    }

    [Fact]
    [Case("D-SC-01 D-SC-06 D-SC-07 V-19")]
    public void S_SC_03_04_09_updates_take_effect_with_their_epoch_and_bad_ones_are_skipped()
    {
        var net = new TestNet(OptimismFork.Jovian);
        LogEntry odd = new(net.Config.L1SystemConfigAddress, [SystemConfigUpdates.Topic, Hash256.Zero, Hash256.FromUInt256(2)], new byte[95]);
        net.L1.Mine(logs: [Update(net, 2, 40_000_000), odd, Update(net, 200, 1), Update(net, 2, 50_000_000), Update(net, 4, (8UL << 32) | 2), Update(net, 6, 77), Update(net, 5, new UInt256(9, 3, 0, 0)), Update(net, 7, 55)]);
        net.L1.Mine();
        while (net.Sequencer.HeadRef.Number < 12) net.Sequence(1);
        Assert.Equal(30_000_000UL, net.Sequencer.Chain[5].Header.GasLimit);
        Assert.Equal(50_000_000UL, net.Sequencer.Chain[6].Header.GasLimit);
        net.Submit(net.SpanOf(TestNet.Range(1, 12)));
        net.Sync();
        net.AssertSafeIsSequenced(12);
        Assert.Equal(2, net.Observer.SkippedUpdates);
        SystemConfig config = net.Verifier.ConfigOf(net.Verifier.Head);
        Assert.Equal((8U, 2U, 77UL, 3U, 9UL, (ushort)55), (config.Eip1559Denominator, config.Eip1559Elasticity, config.MinBaseFee, config.OperatorFeeScalar, config.OperatorFeeConstant, config.DAFootprintGasScalar));
    }

    [Fact]
    [Case("D-AT-05")]
    public void The_config_kept_after_an_accepted_block_is_the_one_read_back_from_it()
    {
        for (OptimismFork fork = OptimismFork.Bedrock; fork <= OptimismFork.Karst; fork++)
        {
            var net = new TestNet(fork);
            net.L1.Mine(logs: [Update(net, 2, 40_000_000)]);
            while (net.Sequencer.HeadRef.Number < 8) net.Sequence(1);
            foreach (Block block in net.Sequencer.Chain[1..])
            {
                L2BlockRef parent = net.Sequencer.RefOf(net.Sequencer.Chain[(int)block.Number - 1]);
                FakeL1.Entry origin = net.L1.Chain[(int)net.Sequencer.RefOf(block).L1Origin.Number];
                PayloadAttributes attributes = net.Builder.Build(parent, net.Sequencer.ConfigOf(net.Sequencer.Chain[(int)block.Number - 1]), origin.Block, origin.Receipts).Attributes!;
                Assert.True(net.Builder.TryConfigAfter(attributes, block.Number, out SystemConfig? kept));
                Assert.Equal(net.Sequencer.ConfigOf(block), kept);
            }
        }
    }

    [Fact]
    [Case("D-UP-02 D-UP-03 D-CK-11 V-16")]
    public void D_UP_01_02_03_D_CK_11_activation_blocks_carry_the_upgrade_and_karst_its_gas_once()
    {
        var bundle = new UpgradeBundle(OptimismFork.Karst, [new UpgradeTransaction("one", default, default(Address), new byte[] { 1 }, 1_000_000), new UpgradeTransaction("two", default, null, new byte[] { 2 }, 500_000)]);
        // off the block grid: the first block at or after it is number 4
        OptimismForkTimes forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Jovian) with { Karst = TestNet.GenesisTime + 7 };
        var net = new TestNet(forks, upgrades: new NetworkUpgrades(bundle));
        net.L1.Mine();
        while (net.Sequencer.HeadRef.Number < 6) net.Sequence(net.Sequencer.HeadRef.Number == 3 ? 0 : 1);
        Assert.Equal([1, 2, 2, 2, 3, 2, 2], net.Sequencer.Chain.Select(static block => Math.Max(1, block.Transactions.Length)).ToArray());
        Assert.Equal([30_000_000UL, 31_500_000UL, 30_000_000UL], net.Sequencer.Chain[3..6].Select(static block => block.Header.GasLimit).ToArray());
        net.Submit(net.SpanOf(TestNet.Range(1, 6)));
        net.Sync();
        net.AssertSafeIsSequenced(6);
        var kept = new TestNet(forks, static config => config with { KeepKarstUpgradeGas = true }, upgrades: new NetworkUpgrades(bundle));
        kept.L1.Mine();
        while (kept.Sequencer.HeadRef.Number < 6) kept.Sequence();
        Assert.Equal([31_500_000UL, 31_500_000UL], kept.Sequencer.Chain[4..6].Select(static block => block.Header.GasLimit).ToArray()); // V-16
    }

    [Fact]
    [Case("D-LI-01")]
    public void S_JO_04_the_l1_info_form_changes_in_the_block_after_activation()
    {
        OptimismForkTimes forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Isthmus) with { Jovian = TestNet.GenesisTime + 8 };
        var net = new TestNet(forks);
        for (int i = 0; i < 6; i++) net.Sequence();
        Assert.Equal([176, 176, 176, 176, 178, 178], net.Sequencer.Chain[1..].Select(static block => block.Transactions[0].Data.Length).ToArray());
        net.L1.Mine();
        net.Submit(net.SpanOf(TestNet.Range(1, 6)));
        net.Sync();
        net.AssertSafeIsSequenced(6);
    }
}
