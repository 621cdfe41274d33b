using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Why bytes are no transaction, in words.</summary>
internal static class TransactionErrorText
{
    public static string Of(TransactionError error) => error switch
    {
        TransactionError.Empty => "typed transaction too short",
        TransactionError.UnknownType => "transaction type not supported",
        TransactionError.MalformedRlp => "rlp: the transaction is malformed",
        TransactionError.ChainIdTooLarge => "invalid chain id for signer: it does not fit 64 bits",
        TransactionError.InvalidSignatureParity => "invalid transaction v, r, s values",
        TransactionError.MalformedAccessList => "rlp: the access list is malformed",
        TransactionError.MalformedAuthorization => "rlp: an authorization is malformed",
        TransactionError.MissingRecipient => "rlp: a transaction of this type must have a recipient",
        TransactionError.MalformedSidecar => "rlp: the blobs, commitments and proofs are malformed",
        TransactionError.VersionedHashMismatch => "a blob versioned hash is not that of its commitment",
        _ => "the transaction does not decode",
    };
}
