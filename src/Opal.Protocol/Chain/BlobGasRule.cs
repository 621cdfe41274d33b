namespace Opal.Protocol;

/// <summary>What a header's blob gas fields are.</summary>
public enum BlobGasRule : byte
{
    /// <summary>Absent: before Cancun and Ecotone.</summary>
    None,
    /// <summary>The blobs of the block's transactions: L1.</summary>
    Blobs,
    /// <summary>Zero: L2 from Ecotone on.</summary>
    Zero,
    /// <summary>The block's DA footprint, with zero excess: L2 from Jovian on.</summary>
    DAFootprint,
}
