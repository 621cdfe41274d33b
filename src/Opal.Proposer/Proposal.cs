using Opal.Primitives;

namespace Opal.Proposer;

/// <summary>An output on its way to L1.</summary>
/// <param name="To">The contract.</param>
/// <param name="Data">The call.</param>
/// <param name="Value">Wei sent along: a game's bond.</param>
/// <param name="L2Block">The L2 block.</param>
/// <param name="OutputRoot">Its output root.</param>
/// <param name="GasLimit">The gas limit; null has it estimated.</param>
public sealed record Proposal(Address To, byte[] Data, UInt256 Value, ulong L2Block, Hash256 OutputRoot, ulong? GasLimit = null);
