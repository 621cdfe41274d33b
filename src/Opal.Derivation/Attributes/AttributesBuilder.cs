using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Makes payload attributes out of the L1 origin and the parent's system config. Pure; shared by the pipeline and the sequencer.</summary>
public sealed class AttributesBuilder
{
    /// <summary>A builder for a rollup.</summary>
    /// <param name="config">The rollup.</param>
    /// <param name="l1">The L1 chain, for the blob schedule that the blob base fee follows.</param>
    /// <param name="upgrades">The network upgrade transactions.</param>
    public AttributesBuilder(RollupConfig config, object l1, object upgrades) => throw new NotImplementedException();

    /// <summary>The attributes of the block after <paramref name="parent"/>: L1 attributes deposit, user deposits, upgrade deposits; no sequenced transactions, <c>NoTxPool</c> set.</summary>
    /// <param name="parent">The block to build on.</param>
    /// <param name="parentConfig">The system config as the parent block carries it (<see cref="TrySystemConfigOf"/>).</param>
    /// <param name="origin">The L1 origin of the new block: the parent's, or the one after it.</param>
    /// <param name="originReceipts">The origin's receipts; needed only where the origin is not the parent's.</param>
    public AttributesResult Build(in L2BlockRef parent, SystemConfig parentConfig, L1Block origin, L1Receipts? originReceipts) => throw new NotImplementedException();

    /// <summary>Recovers the system config that an L2 block carries: L1 attributes, gas limit and extraData.</summary>
    public bool TrySystemConfigOf(Block block, out SystemConfig config) => throw new NotImplementedException();

    /// <summary>Reads an L2 block's place in the chain and in its epoch.</summary>
    public bool TryRefOf(Block block, out L2BlockRef reference) => throw new NotImplementedException();
}
