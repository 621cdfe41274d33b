using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

public sealed class RetrievalTests
{
    private static TestNet NetWith(OptimismFork fork, ulong blocks)
    {
        var net = new TestNet(fork);
        net.L1.Mine();
        while (net.Sequencer.HeadRef.Number < blocks) net.Sequence(1);
        return net;
    }

    private static byte[] Data(TestNet net, params ulong[] numbers) => FrameCodec.Encode(net.Cut(TestNet.Compress(false, [.. numbers.Select(net.SingularOf)]), 1));

    [Theory]
    [InlineData(TransactionType.Legacy, true)]
    [InlineData(TransactionType.AccessList, true)]
    [InlineData(TransactionType.DynamicFee, true)]
    [InlineData(TransactionType.SetCode, false)]
    [Case("D-RT-01")]
    public void D_RT_01_types_of_batcher_transactions(TransactionType type, bool counts)
    {
        TestNet net = NetWith(OptimismFork.Jovian, 1);
        net.L1.Mine([FakeL1.Calldata(net.Config, TestNet.Batcher, Data(net, 1), type)]);
        net.Sync();
        net.AssertSafeIsSequenced(counts ? 1UL : 0UL);
    }

    [Fact]
    [Case("D-RT-01")]
    public void D_RT_01_a_deposit_may_carry_batcher_data()
    {
        TestNet net = NetWith(OptimismFork.Jovian, 1);
        net.L1.Mine([new Transaction { Type = TransactionType.Deposit, From = TestNet.Batcher, To = net.Config.BatchInboxAddress, Data = Data(net, 1) }]);
        net.Sync();
        net.AssertSafeIsSequenced(1);
    }

    [Fact]
    [Case("D-RT-02 D-RT-03 D-RT-04 D-TR-05")]
    public void D_RT_02_03_04_D_TR_05_recipient_sender_chain_and_unknown_types()
    {
        TestNet net = NetWith(OptimismFork.Jovian, 1);
        byte[] data = Data(net, 1);
        Transaction With(Address? to, ulong? chain, Address from, TransactionType type = TransactionType.Legacy)
        {
            var transaction = new Transaction { Type = type, To = to, ChainId = chain, Data = data, R = 1, S = 1 };
            transaction.SetSender(from);
            return transaction;
        }

        Address inbox = net.Config.BatchInboxAddress;
        var unsigned = new Transaction { Type = TransactionType.DynamicFee, To = inbox, ChainId = FakeL1.ChainId, Data = data }; // r = s = 0: no sender
        net.L1.Mine([With(null, FakeL1.ChainId, TestNet.Batcher), With(TestNet.Batcher, FakeL1.ChainId, TestNet.Batcher), With(inbox, FakeL1.ChainId, inbox), With(inbox, 5, TestNet.Batcher), unsigned, null]);
        net.Sync();
        net.AssertSafeIsSequenced(0);
        net.L1.Mine([With(inbox, null, TestNet.Batcher)]); // unprotected legacy; the receipt says that it failed
        net.Sync();
        net.AssertSafeIsSequenced(1);
    }

    [Fact]
    public void A_really_signed_batcher_transaction_counts()
    {
        var key = new byte[32];
        key[31] = 5;
        Address account = Crypto.Secp256k1.PrivateKeyToAddress(key);
        var net = new TestNet(OptimismFork.Jovian, config => config with { GenesisSystemConfig = config.GenesisSystemConfig with { BatcherAddress = account } });
        net.L1.Mine();
        net.Sequence(1);
        var unsigned = new Transaction { Type = TransactionType.DynamicFee, ChainId = FakeL1.ChainId, To = net.Config.BatchInboxAddress, Data = Data(net, 1), GasLimit = 1 };
        Crypto.EcdsaSignature signature = Crypto.Secp256k1.Sign(unsigned.SigningHash(), key);
        net.L1.Mine([unsigned.WithSignature((byte)(1 - signature.YParity), signature.R, signature.S)]);
        net.Sync();
        net.AssertSafeIsSequenced(0);
        net.L1.Mine([unsigned.WithSignature(signature.YParity, signature.R, signature.S)]);
        net.Sync();
        net.AssertSafeIsSequenced(1);
    }

    [Theory]
    [InlineData(OptimismFork.Delta)]
    [InlineData(OptimismFork.Ecotone)]
    [Case("D-RT-05 D-RT-06 V-23")]
    public void D_RT_05_06_V_23_S_BL_04_calldata_of_a_blob_transaction_counts_before_ecotone_only(OptimismFork fork)
    {
        TestNet net = NetWith(fork, 2);
        net.L1.Mine([net.L1.BlobTransaction(net.Config, TestNet.Batcher, Data(net, 1), FakeL1.Blob(Data(net, 1, 2)))]);
        net.Sync();
        net.AssertSafeIsSequenced(fork < OptimismFork.Ecotone ? 1UL : 2UL);
    }

    [Fact]
    [Case("D-RT-06 D-RT-07 D-FR-06 D-BL-01")]
    public void S_BL_02_03_D_RT_06_07_calldata_and_blobs_in_the_order_of_the_block_with_bad_ones_between()
    {
        TestNet net = NetWith(OptimismFork.Jovian, 3);
        Frame[] frames = net.Cut(TestNet.Compress(false, net.SpanOf(1, 2, 3)), 4);
        byte[] Item(int index) => FrameCodec.Encode([frames[index]]);
        byte[] bad = FakeL1.Blob([1, 2, 3]);
        bad[1] = 7;
        byte[] high = FakeL1.Blob([1, 2, 3]);
        high[32] = 0x80;
        net.L1.Mine([
            FakeL1.Calldata(net.Config, TestNet.Batcher, Item(0)),
            net.L1.BlobTransaction(net.Config, TestNet.Batcher, [], FakeL1.Blob(Item(1)), bad, high, FakeL1.Blob([])),
            net.L1.BlobTransaction(net.Config, TestNet.Batcher, [], FakeL1.Blob(Item(2))),
            FakeL1.Calldata(net.Config, TestNet.Batcher, Item(3))]);
        net.Sync();
        net.AssertSafeIsSequenced(3);
        Assert.Equal([DataRule.BlobUnknownVersion, DataRule.BlobHighBits, DataRule.Empty], net.Observer.Data);
    }

    [Fact]
    [Case("D-RT-06")]
    public void Blobs_are_asked_for_with_their_index_among_all_blobs_of_the_block()
    {
        TestNet net = NetWith(OptimismFork.Jovian, 2);
        var stranger = new Address(new byte[20]);
        net.L1.Mine([
            net.L1.BlobTransaction(net.Config, stranger, [], FakeL1.Blob([1]), FakeL1.Blob([2])),
            net.L1.BlobTransaction(net.Config, TestNet.Batcher, [], FakeL1.Blob(Data(net, 1)), FakeL1.Blob([3])),
            net.L1.BlobTransaction(net.Config, stranger, [], FakeL1.Blob([4])),
            net.L1.BlobTransaction(net.Config, TestNet.Batcher, [], FakeL1.Blob(Data(net, 2)))]);
        DerivationStep step;
        while ((step = net.Pipeline.Step()) is not NeedBlobs) Assert.True(net.Pipeline.Provide(net.L1.Chain[(int)((NeedL1Block)step).Number].Block));
        Assert.Equal([2, 3, 5], ((NeedBlobs)step).Indices);
        Assert.Equal(3, ((NeedBlobs)step).VersionedHashes.Count);
    }

    [Fact]
    [Case("D-RT-08 V-31")]
    public void D_RT_08_V_31_missing_too_few_and_too_many_blobs_need_a_reset_and_lose_nothing()
    {
        TestNet net = NetWith(OptimismFork.Jovian, 2);
        byte[] blob = FakeL1.Blob(Data(net, 1, 2));
        net.L1.Mine([net.L1.BlobTransaction(net.Config, TestNet.Batcher, [], blob)]);
        foreach (int count in (int[])[-1, 0, 2, 3])
        {
            DerivationStep step;
            while ((step = net.Pipeline.Step()) is not NeedBlobs) Assert.True(net.Pipeline.Provide(net.L1.Chain[(int)((NeedL1Block)step).Number].Block));
            var need = (NeedBlobs)step;
            Assert.Single(need.VersionedHashes);
            Assert.Equal(need.Block, ((NeedBlobs)net.Pipeline.Step()).Block); // the request stands
            if (count < 0) net.Pipeline.ProvideMissing();
            else if (count == 3) Assert.True(net.Pipeline.Provide(new L1Blobs(need.Block.Hash, [blob.AsMemory(1)])));
            else Assert.True(net.Pipeline.Provide(new L1Blobs(need.Block.Hash, [.. Enumerable.Repeat<ReadOnlyMemory<byte>>(blob, count)])));
            Assert.Equal(new ResetNeeded(ResetReason.BlobsGone), net.Pipeline.Step());
            net.WalkBack();
        }

        net.Sync();
        net.AssertSafeIsSequenced(2);
    }

    [Fact]
    [Case("D-TR-01 D-TR-02")]
    public void D_TR_01_02_answers_that_do_not_fit_are_refused_and_gone_blocks_need_a_reset()
    {
        TestNet net = NetWith(OptimismFork.Jovian, 1);
        Assert.Equal(new NeedL1Block(0), net.Pipeline.Step());
        Assert.False(net.Pipeline.Provide(net.L1.Chain[1].Block));
        Assert.False(net.Pipeline.Provide(net.L1.Chain[0].Receipts));
        Assert.True(net.Pipeline.Provide(net.L1.Chain[0].Block));
        Assert.Equal(new NeedL1Block(1), net.Pipeline.Step());
        net.Pipeline.ProvideMissing();
        Assert.Same(Idle.Instance, net.Pipeline.Step());
        Assert.Equal(new NeedL1Block(1), net.Pipeline.Step());
        Assert.True(net.Pipeline.Provide(net.L1.Chain[1].Block));
        Assert.Equal(new NeedL1Block(2), net.Pipeline.Step());

        net.Pipeline.Reset(net.Verifier.HeadRef, net.Config.GenesisSystemConfig, net.L1.Chain[1].Block.Ref);
        net.L1.Rewind(1);
        net.L1.Mine();
        Assert.Equal(new NeedL1Block(1), net.Pipeline.Step());
        Assert.True(net.Pipeline.Provide(net.L1.Chain[1].Block));
        Assert.Equal(new ResetNeeded(ResetReason.StartBlockReorged), net.Pipeline.Step());
    }
}
