using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>What a transaction offers, wei a unit of gas.</summary>
/// <param name="Tip">The max priority fee.</param>
/// <param name="FeeCap">The max fee, base fee included.</param>
/// <param name="BlobFeeCap">The max blob fee; zero for ordinary transactions.</param>
public readonly record struct TxFees(UInt256 Tip, UInt256 FeeCap, UInt256 BlobFeeCap)
{
    internal static string Gwei(in UInt256 wei) => EtherText.CutGwei(wei, 3);

    /// <summary>The fees in gwei.</summary>
    public override string ToString() =>
        BlobFeeCap.IsZero ? $"tip {Gwei(Tip)}, cap {Gwei(FeeCap)} gwei" : $"tip {Gwei(Tip)}, cap {Gwei(FeeCap)}, blob cap {Gwei(BlobFeeCap)} gwei";
}

/// <summary>The prices of the moment on L1, wei.</summary>
/// <param name="BaseFee">The latest block's base fee.</param>
/// <param name="Tip">The tip that gets a transaction in.</param>
/// <param name="BlobBaseFee">The next block's blob base fee; zero where it was not asked for.</param>
public readonly record struct TxPrices(UInt256 BaseFee, UInt256 Tip, UInt256 BlobBaseFee);
