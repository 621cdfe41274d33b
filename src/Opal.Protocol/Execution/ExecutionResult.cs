using Opal.Evm;

namespace Opal.Protocol;

/// <summary>What executing a block gave: receipts and changes, or the rule that the block breaks.</summary>
public sealed class ExecutionResult
{
    /// <summary>The rule that the block breaks; None for a valid block.</summary>
    public BlockError Error { get; init; }

    /// <summary>The index of the transaction that may not be in the block; -1 for none.</summary>
    public int InvalidTransaction { get; init; } = -1;

    /// <summary>The rule that the invalid transaction breaks.</summary>
    public TransactionVerdict Verdict { get; init; }

    /// <summary>Whether the block is valid.</summary>
    public bool IsValid => Error == BlockError.None;

    /// <summary>The receipts; empty for an invalid block.</summary>
    public Receipt[] Receipts { get; init; } = [];

    /// <summary>Everything that the block changed.</summary>
    public StateDiff Diff { get; init; } = StateDiff.Empty;

    /// <summary>The requests to the consensus layer, type byte first.</summary>
    public IReadOnlyList<byte[]> Requests { get; init; } = [];

    /// <summary>What is wrong, as a clause.</summary>
    public string Describe() => Error == BlockError.InvalidTransaction ? Descriptions.Of(Verdict) : Descriptions.Of(Error);

    internal static ExecutionResult Invalid(BlockError error) => new() { Error = error };
}
