namespace Opal.Protocol;

/// <summary>Why a log of the SystemConfig changes nothing.</summary>
public enum SystemConfigUpdateError : byte
{
    None,
    /// <summary>The log is another event.</summary>
    NotAnUpdate,
    /// <summary>The event has not its three topics.</summary>
    WrongTopicCount,
    /// <summary>The event's version is not 0.</summary>
    UnknownVersion,
    /// <summary>The update type is unknown.</summary>
    UnknownType,
    /// <summary>The log's data is not the ABI encoding of a byte string of the type's length.</summary>
    MalformedData,
    /// <summary>A value does not fit its type.</summary>
    ValueOutOfRange,
    /// <summary>From Ecotone on: the scalar's version is unknown or its padding is not zero; the old scalar stays.</summary>
    InvalidScalar,
    /// <summary>Exactly one of the EIP-1559 parameters is zero.</summary>
    InvalidEip1559Params,
}
