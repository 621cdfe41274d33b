namespace Opal.Node;

/// <summary>What an Engine API call came to, reduced to what decides the next step.</summary>
/// <remarks>Spec: protocol/exec-engine.md#engine-api and derivation.md#engine-queue (error handling).</remarks>
public enum EngineVerdict : byte
{
    /// <summary>The status VALID, or a payload was returned.</summary>
    Valid,

    /// <summary>The status INVALID: the block, or the transactions of the attributes, break the protocol's rules.</summary>
    Invalid,

    /// <summary>The status SYNCING: the engine lacks an ancestor.</summary>
    Syncing,

    /// <summary>The status ACCEPTED: the engine keeps the block aside without having judged it.</summary>
    Accepted,

    /// <summary>Error -38002: the three heads do not form one chain in the engine's eyes.</summary>
    InvalidForkchoiceState,

    /// <summary>Error -38003: the payload attributes were refused.</summary>
    InvalidAttributes,

    /// <summary>Error -38001: the engine does not know the building job (any more).</summary>
    UnknownPayload,

    /// <summary>Any other error the engine answered with (unsupported fork, too large, internal).</summary>
    Refused,

    /// <summary>No answer: connection refused, time-out, unreadable reply.</summary>
    Unreachable,
}
