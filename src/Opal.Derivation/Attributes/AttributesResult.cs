using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Payload attributes, or why there are none.</summary>
public readonly struct AttributesResult
{
    private AttributesResult(PayloadAttributes? attributes, ulong sequenceNumber, AttributesFault fault) =>
        (Attributes, SequenceNumber, Fault) = (attributes, sequenceNumber, fault);

    /// <summary>The attributes; null when <see cref="Fault"/> says why not.</summary>
    public PayloadAttributes? Attributes { get; }

    /// <summary>The block's index in its epoch.</summary>
    public ulong SequenceNumber { get; }

    /// <summary>Why there are none.</summary>
    public AttributesFault Fault { get; }

    internal static AttributesResult Of(PayloadAttributes attributes, ulong sequenceNumber) => new(attributes, sequenceNumber, AttributesFault.None);

    internal static AttributesResult Failed(AttributesFault fault) => new(null, 0, fault);
}

/// <summary>Why attributes cannot be built.</summary>
public enum AttributesFault : byte
{
    None,
    /// <summary>The origin changes and its receipts are not given.</summary>
    ReceiptsRequired,
    /// <summary>The origin is not the parent's and not its child.</summary>
    OriginMismatch,
    /// <summary>The block's time would be before its origin's.</summary>
    TimeBeforeOrigin,
    /// <summary>A deposit log of the portal does not parse.</summary>
    MalformedDeposit,
    /// <summary>The system config holds a fee scalar that cannot be read.</summary>
    InvalidSystemConfig,
}
