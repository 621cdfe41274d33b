namespace Opal.Protocol;

/// <summary>Why a payload is no block.</summary>
public enum PayloadError : byte
{
    None,
    /// <summary>A transaction does not decode.</summary>
    MalformedTransaction,
    /// <summary>The block hash is not the hash of the payload's header.</summary>
    BlockHashMismatch,
}
