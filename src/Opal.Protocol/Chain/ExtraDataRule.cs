namespace Opal.Protocol;

/// <summary>What a header's extra data must be.</summary>
public enum ExtraDataRule : byte
{
    /// <summary>At most 32 bytes: L1.</summary>
    AtMost32Bytes,
    /// <summary>Nothing: L2 before Holocene.</summary>
    Empty,
    /// <summary>Holocene's format of <see cref="Eip1559ExtraData"/>.</summary>
    Holocene,
    /// <summary>Jovian's format of <see cref="Eip1559ExtraData"/>.</summary>
    Jovian,
}
