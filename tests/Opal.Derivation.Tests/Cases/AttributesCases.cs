using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Payload attributes and L1 attributes beside what <see cref="AttributesTests"/> holds.</summary>
public sealed class AttributesCases
{
    /// <summary>The attributes of block 41 on an L1 block without the fields of Cancun.</summary>
    private static PayloadAttributes OnOldL1(TestNet net, SystemConfig? config = null)
    {
        L1BlockRef genesis = net.L1.Head.Ref;
        var origin = new L1Block(new BlockHeader { ParentHash = genesis.Hash, Number = 1, Timestamp = CaseNet.At(12), BaseFeePerGas = 7 }, []);
        var parent = new L2BlockRef(Keccak256.Hash([7]), 40, default, CaseNet.At(12), genesis.Id, 3);
        AttributesResult result = net.Builder.Build(parent, config ?? net.Config.GenesisSystemConfig, origin, null);
        Assert.Equal(AttributesFault.None, result.Fault);
        return result.Attributes!;
    }

    [Fact]
    [Case("D-AT-07 D-LI-03")]
    public void An_L1_without_Cancun_gives_a_beacon_root_of_zeros_and_a_blob_base_fee_of_one()
    {
        PayloadAttributes attributes = OnOldL1(new TestNet(OptimismFork.Jovian));
        Assert.Equal(Hash256.Zero, attributes.ParentBeaconBlockRoot);
        Assert.Equal(UInt256.One, CaseNet.InfoOf(attributes).BlobBaseFee);
    }

    [Fact]
    [Case("D-LI-04")]
    public void Fee_scalars_by_the_version_of_their_encoding()
    {
        var net = new TestNet(OptimismFork.Jovian);
        (uint, uint) Scalars(UInt256 scalar)
        {
            L1BlockInfo info = CaseNet.InfoOf(OnOldL1(net, net.Config.GenesisSystemConfig with { Scalar = scalar }));
            return (info.BaseFeeScalar, info.BlobBaseFeeScalar);
        }

        Assert.Equal((684_000u, 0u), Scalars(684_000));
        Assert.Equal((uint.MaxValue, 0u), Scalars(1UL << 32)); // version 0, but more than 32 bits
        Assert.Equal((uint.MaxValue, 0u), Scalars(new UInt256(5, 0, 0, 1)));
        Assert.Equal((1368u, 810_949u), Scalars(new EcotoneScalar(1368, 810_949).Encode()));
    }

    [Theory]
    [InlineData(0, 400)]
    [InlineData(1, 1)]
    [InlineData(65_535, 65_535)]
    [Case("D-LI-05")]
    public void A_DA_footprint_scalar_of_zero_is_written_as_400(int set, int written)
    {
        var net = new TestNet(OptimismFork.Jovian);
        Assert.Equal(written, CaseNet.InfoOf(OnOldL1(net, net.Config.GenesisSystemConfig with { DAFootprintGasScalar = (ushort)set })).DAFootprintGasScalar);
    }

    [Fact]
    [Case("D-AT-06 D-SC-07")]
    public void The_gas_limit_steps_at_once_with_the_first_block_of_the_epoch()
    {
        var net = new TestNet(OptimismFork.Jovian);
        net.L1.Mine(logs: [CaseNet.Update(net, 2, 10_000_000), CaseNet.Update(net, 2, 90_000_000)]);
        while (net.Sequencer.HeadRef.Number < 7) net.Sequence();
        Assert.Equal([30_000_000UL, 90_000_000UL, 90_000_000UL], net.Sequencer.Chain[5..8].Select(static block => block.Header.GasLimit));
        net.Submit(net.SpanOf(TestNet.Range(1, 7)));
        net.Sync();
        net.AssertSafeIsSequenced(7);
    }

    [Fact]
    [Case("D-AT-04 D-EN-10 V-17")]
    public void Attributes_refused_after_a_reset_are_nobodys_and_do_not_stop_derivation()
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Holocene, 2);
        net.Submit(net.SingularOf(1), net.SingularOf(2));
        DerivationStep step;
        while ((step = net.Pipeline.Step()) is not PreparedAttributes)
        {
            if (step is NeedL1Block need) net.Pipeline.Provide(net.L1.Chain[(int)need.Number].Block);
            else net.Pipeline.Provide(net.Verifier.Chain[0]);
        }

        net.Pipeline.Reset(net.Verifier.HeadRef, net.Config.GenesisSystemConfig, net.L1.Chain[0].Block.Ref);
        net.Pipeline.AttributesRejected();
        net.Pipeline.AttributesRejected();
        net.Sync();
        net.AssertSafeIsSequenced(2);
    }

    [Fact]
    [Case("D-AT-04")]
    public void A_block_that_is_not_the_one_asked_for_needs_a_reset()
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Holocene, 2);
        net.Submit(net.SingularOf(1), net.SingularOf(2));
        DerivationStep step;
        while ((step = net.Pipeline.Step()) is not PreparedAttributes)
        {
            if (step is NeedL1Block need) net.Pipeline.Provide(net.L1.Chain[(int)need.Number].Block);
            else net.Pipeline.Provide(net.Verifier.Chain[0]);
        }

        net.Pipeline.AttributesAccepted(CaseNet.RefAt(net.Sequencer, 2));
        Assert.Equal(new ResetNeeded(ResetReason.AcceptedBlockMismatch), net.Pipeline.Step());
        net.WalkBack();
        net.Sync();
        net.AssertSafeIsSequenced(2);
    }

    [Fact]
    [Case("D-UP-05")]
    public void These_forks_have_upgrade_transactions_and_the_others_have_none()
    {
        OptimismFork[] with = [.. Enum.GetValues<OptimismFork>().Where(NetworkUpgrades.HasTransactions)];
        Assert.Equal([OptimismFork.Ecotone, OptimismFork.Fjord, OptimismFork.Isthmus, OptimismFork.Jovian, OptimismFork.Karst], with);
        foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Regolith, OptimismFork.Canyon, OptimismFork.Delta, OptimismFork.Granite, OptimismFork.Holocene])
        {
            OptimismForkTimes forks = CaseNet.ActivatingAt(fork, CaseNet.At(8));
            var net = new TestNet(forks);
            Assert.Null(NetworkUpgrades.None.FirstMissing(net.Config));
            for (int i = 0; i < 6; i++) net.Sequence(1);
            Assert.All(net.Sequencer.Chain[1..], static block => Assert.Equal(2, block.Transactions.Length));
        }
    }
}
