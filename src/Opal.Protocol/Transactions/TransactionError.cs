namespace Opal.Protocol;

/// <summary>Why bytes are no transaction.</summary>
public enum TransactionError : byte
{
    None,
    /// <summary>There are no bytes.</summary>
    Empty,
    /// <summary>The type byte names no known type.</summary>
    UnknownType,
    /// <summary>The payload is not the canonical RLP of the type's fields.</summary>
    MalformedRlp,
    /// <summary>The chain id does not fit 64 bits.</summary>
    ChainIdTooLarge,
    /// <summary>The v value of a legacy transaction, or the y parity of a typed one, is out of range.</summary>
    InvalidSignatureParity,
    /// <summary>An access list entry is malformed.</summary>
    MalformedAccessList,
    /// <summary>An authorization is malformed.</summary>
    MalformedAuthorization,
    /// <summary>A blob transaction or a set-code transaction has no recipient.</summary>
    MissingRecipient,
    /// <summary>The network form of a blob transaction does not carry as many blobs, commitments and proofs as it should.</summary>
    MalformedSidecar,
    /// <summary>A blob versioned hash is not the one of its commitment.</summary>
    VersionedHashMismatch,
}
