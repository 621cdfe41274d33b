using Opal.Evm;

namespace Opal.Cli.EvmTool.Running;

/// <summary>What an execution did.</summary>
/// <param name="Result">How the message ended.</param>
/// <param name="GasUsed">The gas that it used, refunds not taken off.</param>
internal readonly record struct RunOutcome(CallResult Result, long GasUsed);
