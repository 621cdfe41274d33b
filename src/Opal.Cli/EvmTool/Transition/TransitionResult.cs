using Opal.Protocol;

namespace Opal.Cli.EvmTool.Transition;

/// <summary>What a transition gave.</summary>
/// <param name="Env">The environment with what was computed of it.</param>
/// <param name="Block">The block: header, transactions, receipts, requests, changes.</param>
/// <param name="Rejected">The transactions that are not in it: index and reason.</param>
/// <param name="State">The state afterwards.</param>
/// <param name="HasBlobs">Whether the block has a blob gas price.</param>
/// <param name="HasRequests">Whether the fork has requests.</param>
internal sealed record TransitionResult(
    TransitionEnv Env, BuiltBlock Block, List<(int Index, string Reason)> Rejected, PostState State, bool HasBlobs, bool HasRequests);
