using Opal.JsonRpc;

namespace Opal.TxManager;

/// <summary>What L1's pool made of a transaction.</summary>
internal enum PoolAnswer : byte
{
    /// <summary>It is in the pool, now or already.</summary>
    Taken,
    /// <summary>A transaction with this nonce is mined already.</summary>
    NonceTooLow,
    /// <summary>It offers too little to replace the one in the pool, or to get in at all.</summary>
    Underpriced,
    /// <summary>The account cannot pay.</summary>
    InsufficientFunds,
    /// <summary>The account has transactions of the other kind in the pool.</summary>
    AlreadyReserved,
    /// <summary>The pool is full, or the node is busy: later perhaps.</summary>
    Later,
    /// <summary>It breaks a rule and never gets in.</summary>
    Refused,
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
        ("nonce too low", PoolAnswer.NonceTooLow),
        ("nonce is too low", PoolAnswer.NonceTooLow),
        ("oldnonce", PoolAnswer.NonceTooLow),
        ("underpriced", PoolAnswer.Underpriced),
        ("fee too low", PoolAnswer.Underpriced),
        ("feetoolow", PoolAnswer.Underpriced),
        ("less than block base fee", PoolAnswer.Underpriced),
        ("insufficient funds", PoolAnswer.InsufficientFunds),
        ("insufficientfunds", PoolAnswer.InsufficientFunds),
        ("upfront cost exceeds", PoolAnswer.InsufficientFunds),
        ("already reserved", PoolAnswer.AlreadyReserved),
        ("txpool is full", PoolAnswer.Later),
        ("pool is full", PoolAnswer.Later),
        ("nonce too high", PoolAnswer.Later),
        ("in-flight transaction limit", PoolAnswer.Later),
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
    ];

    /// <summary>Classifies an error; what is not known may pass.</summary>
    public static PoolAnswer Of(RpcCallException error)
    {
        foreach ((string part, PoolAnswer answer) in Parts)
        {
            if (error.Error.Message.Contains(part, StringComparison.OrdinalIgnoreCase)) return answer;
        }

        return PoolAnswer.Later;
    }
}
