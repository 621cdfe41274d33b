using Opal.JsonRpc;

namespace Opal.TxManager;

/// <summary>What L1's pool made of a transaction. Of several pools' answers, the one that stands first here says most.</summary>
internal enum PoolAnswer : byte
{
    /// <summary>It is in the pool, now or already.</summary>
    Taken,
    /// <summary>No answer came: the pool may have it.</summary>
    NoAnswer,
    /// <summary>A transaction with this nonce is mined already.</summary>
    NonceTooLow,
    /// <summary>The account has transactions of the other kind in the pool.</summary>
    AlreadyReserved,
    /// <summary>It offers too little to replace the one in the pool, or to get in at all.</summary>
    Underpriced,
    /// <summary>The account cannot pay.</summary>
    InsufficientFunds,
    /// <summary>The pool wants the transaction of a lower nonce first.</summary>
    NonceGap,
    /// <summary>The pool is full, or the node is busy: later perhaps.</summary>
    Later,
    /// <summary>An error of unknown meaning: the pool may have it.</summary>
    Unknown,
    /// <summary>It breaks a rule and never gets in.</summary>
    Refused,
}

/// <summary>What the pools of all endpoints made of a transaction together.</summary>
/// <param name="Answer">The answer that says most.</param>
/// <param name="Problem">What was said; empty when a pool took it.</param>
/// <param name="MayBeOut">Whether the transaction may be in some pool.</param>
internal readonly record struct Publication(PoolAnswer Answer, string Problem, bool MayBeOut)
{
    /// <summary>The answer of one pool.</summary>
    public static Publication Of(PoolAnswer answer, string problem) => new(answer, problem, answer is PoolAnswer.Taken or PoolAnswer.NoAnswer or PoolAnswer.Unknown);

    /// <summary>Two pools' answers together.</summary>
    public Publication With(in Publication other) => (other.Answer <= Answer ? other : this) with { MayBeOut = MayBeOut || other.MayBeOut };
}

/// <summary>Reads the pools' error messages, which have no codes; the wording of the well-known clients.</summary>
internal static class PoolAnswers
{
    private static readonly (string Part, PoolAnswer Answer)[] Parts =
    [
        ("already known", PoolAnswer.Taken),
        ("already imported", PoolAnswer.Taken),
        ("alreadyknown", PoolAnswer.Taken),
        ("already exists", PoolAnswer.Taken),
        ("unknown transaction", PoolAnswer.Unknown), // before the known one
        ("known transaction", PoolAnswer.Taken),
        ("nonce too low", PoolAnswer.NonceTooLow),
        ("nonce is too low", PoolAnswer.NonceTooLow),
        ("oldnonce", PoolAnswer.NonceTooLow),
        ("underpriced", PoolAnswer.Underpriced),
        ("fee too low", PoolAnswer.Underpriced),
        ("feetoolow", PoolAnswer.Underpriced),
        ("less than block base fee", PoolAnswer.Underpriced),
        ("less than block blob gas fee", PoolAnswer.Underpriced),
        ("gas price below", PoolAnswer.Underpriced),
        ("replacementnotallowed", PoolAnswer.Underpriced),
        ("insufficient funds", PoolAnswer.InsufficientFunds),
        ("insufficientfunds", PoolAnswer.InsufficientFunds),
        ("upfront cost exceeds", PoolAnswer.InsufficientFunds),
        ("already reserved", PoolAnswer.AlreadyReserved),
        ("conflictingtype", PoolAnswer.AlreadyReserved),
        ("transaction type conflict", PoolAnswer.AlreadyReserved),
        ("nonce too high", PoolAnswer.NonceGap),
        ("gapped nonce", PoolAnswer.NonceGap),
        ("noncegap", PoolAnswer.NonceGap),
        ("noncetoofarinfuture", PoolAnswer.NonceGap),
        ("nonce too far in future", PoolAnswer.NonceGap),
        ("nonce is too distant", PoolAnswer.NonceGap),
        ("txpool is full", PoolAnswer.Later),
        ("pool is full", PoolAnswer.Later),
        ("in-flight transaction limit", PoolAnswer.Later),
        ("account limit exceeded", PoolAnswer.Later),
        ("tries to replace pending", PoolAnswer.Later),
        ("node is syncing", PoolAnswer.Later),
        ("invalid sender", PoolAnswer.Refused),
        ("invalid chain id", PoolAnswer.Refused),
        ("transaction type not supported", PoolAnswer.Refused),
        ("intrinsic gas too low", PoolAnswer.Refused),
        ("floor data gas", PoolAnswer.Refused),
        ("exceeds block gas limit", PoolAnswer.Refused),
        ("gas limit too high", PoolAnswer.Refused),
        ("oversized data", PoolAnswer.Refused),
        ("max initcode size", PoolAnswer.Refused),
        ("too many blobs", PoolAnswer.Refused),
        ("exceeds the configured cap", PoolAnswer.Refused),
        ("fee cap exceeded", PoolAnswer.Refused),
    ];

    /// <summary>Classifies an error.</summary>
    /// <param name="error">What the node said.</param>
    /// <param name="taken">Parts of messages that mean "already in the pool" at some provider.</param>
    public static PoolAnswer Of(RpcCallException error, IReadOnlyList<string>? taken = null)
    {
        string message = error.Error.Message;
        foreach (string part in taken ?? [])
        {
            if (message.Contains(part, StringComparison.OrdinalIgnoreCase)) return PoolAnswer.Taken;
        }

        foreach ((string part, PoolAnswer answer) in Parts)
        {
            if (message.Contains(part, StringComparison.OrdinalIgnoreCase)) return answer;
        }

        return PoolAnswer.Unknown;
    }
}
