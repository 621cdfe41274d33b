using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>A well-known rollup: what its operators have made public of it, as the superchain registry lists it.</summary>
/// <param name="Name">Its name on command lines: <c>op-sepolia</c>.</param>
/// <param name="RegistryName">Its name in the registry: <c>sepolia/op</c>.</param>
/// <param name="Title">Its name for people: <c>OP Sepolia Testnet</c>.</param>
/// <param name="UsesAlternativeDA">Whether its batches are kept outside L1; such a rollup can be executed here, and not derived.</param>
/// <param name="Rollup">The rollup's parameters.</param>
public sealed record Network(string Name, string RegistryName, string Title, bool UsesAlternativeDA, RollupConfig Rollup)
{
    /// <summary>The genesis block; its state is not part of this program.</summary>
    public BlockId Genesis => Rollup.GenesisL2;

    /// <summary>Whether the chain is older than Bedrock: its first block here holds a state that was migrated, and no genesis file describes it.</summary>
    public bool BeginsWithMigration => Rollup.GenesisL2.Number != 0;

    /// <summary>The schedule and constants for execution.</summary>
    public ChainSpec Spec => ChainSpec.ForRollup(Rollup);
}
