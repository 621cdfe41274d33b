namespace Opal.Protocol;

/// <summary>Why a log of the deposit contract gives no deposit.</summary>
public enum DepositError : byte
{
    None,
    /// <summary>The log is another event.</summary>
    NotADeposit,
    /// <summary>The event has not its four topics.</summary>
    WrongTopicCount,
    /// <summary>A topic that holds an address has more than 20 bytes.</summary>
    MalformedAddress,
    /// <summary>The event's version is not 0.</summary>
    UnknownVersion,
    /// <summary>The log's data is not the ABI encoding of one byte string.</summary>
    MalformedData,
    /// <summary>The byte string is too short for mint, value, gas limit and creation flag.</summary>
    OpaqueDataTooShort,
}
