using Opal.Protocol;

namespace Opal.Execution;

/// <summary>What every attempt at one payload has in common.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Parent">The block to build on; it does not follow the fork choice.</param>
/// <param name="Attributes">What the block must be.</param>
/// <param name="Limits">What the builder decides by itself.</param>
/// <param name="EffectiveGasLimit">Gas after which no more pool transactions are taken; null leaves it at the block's limit.</param>
/// <param name="Wrap">What the builder sees in place of the parent's state: itself, but for tests that make a builder fail.</param>
internal sealed record BuildContext(
    Blockchain Chain, ExecutedBlock Parent, PayloadAttributes Attributes, BuildOptions Limits, ulong? EffectiveGasLimit, Func<ChainState, IExecutionState> Wrap);
