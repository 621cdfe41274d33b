namespace Opal.Protocol;

/// <summary>How many blobs a block may have and how their price moves (EIP-4844, EIP-7691, EIP-7892).</summary>
/// <param name="TargetBlobs">Blobs a block at which the price stays.</param>
/// <param name="MaxBlobs">The most blobs a block may have.</param>
/// <param name="BaseFeeUpdateFraction">The excess blob gas that multiplies the price by e.</param>
public readonly record struct BlobParameters(ulong TargetBlobs, ulong MaxBlobs, ulong BaseFeeUpdateFraction)
{
    /// <summary>Cancun's: 3, 6.</summary>
    public static BlobParameters Cancun => new(3, 6, 3_338_477);

    /// <summary>Prague's, and Osaka's until a blob-parameter-only fork: 6, 9.</summary>
    public static BlobParameters Prague => new(6, 9, 5_007_716);

    /// <summary>Of the first blob-parameter-only fork of the public networks: 10, 15.</summary>
    public static BlobParameters Bpo1 => new(10, 15, 8_346_193);

    /// <summary>Of the second: 14, 21.</summary>
    public static BlobParameters Bpo2 => new(14, 21, 11_684_671);
}
