using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>What a genesis.json says: the first block with its state, and the chain's schedule.</summary>
/// <param name="Genesis">The genesis block.</param>
/// <param name="Spec">The chain.</param>
public sealed record ChainGenesis(Genesis Genesis, ChainSpec Spec);
