using Opal.Protocol;

namespace Opal.Cli.EvmTool;

/// <summary>Why a block or a transaction was rejected: the most particular of the core's named verdicts.</summary>
/// <param name="Reason">The verdict's name.</param>
/// <param name="Text">What it says.</param>
internal readonly record struct Rejection(string Reason, string Text)
{
    /// <summary>The reason for bytes that are no block.</summary>
    public const string MalformedBlock = nameof(MalformedBlock);

    /// <summary>The rejection that a verdict is.</summary>
    public static Rejection Of(TransactionVerdict verdict) => new(verdict.ToString(), Descriptions.Of(verdict));

    /// <summary>The rejection that an encoding's fault is.</summary>
    public static Rejection Of(TransactionError error) => new(error.ToString(), "the transaction does not decode");

    /// <summary>The rejection that a result is, or null for a valid block.</summary>
    public static Rejection? Of(ExecutionResult result) =>
        result.IsValid ? null : result.Error == BlockError.InvalidTransaction ? Of(result.Verdict) : new Rejection(result.Error.ToString(), Descriptions.Of(result.Error));

    /// <inheritdoc/>
    public override string ToString() => $"{Reason} ({Text})";
}
