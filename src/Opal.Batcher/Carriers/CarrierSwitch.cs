using Opal.Primitives;

namespace Opal.Batcher;

/// <summary>Keeps to a carrier until the other one is clearly cheaper and the last change is some L1 blocks old. No clock, no I/O.</summary>
/// <remarks>
/// Every change costs: L1's pools do not hold a transaction with blobs and one without for one account, so what is on its way has to be included first. Prices
/// that go up and down around the point where both cost the same must not bring changes.
/// </remarks>
/// <param name="marginPercent">By how much of the present carrier's cost the other one has to be cheaper.</param>
/// <param name="dwellBlocks">The L1 blocks that a choice stands at least.</param>
public sealed class CarrierSwitch(int marginPercent = CarrierSwitch.DefaultMarginPercent, ulong dwellBlocks = CarrierSwitch.DefaultDwellBlocks)
{
    /// <summary>The margin unless another is asked for.</summary>
    public const int DefaultMarginPercent = 15;

    /// <summary>The blocks a choice stands unless others are asked for: two minutes.</summary>
    public const ulong DefaultDwellBlocks = 10;

    private ulong _changedAt;

    /// <summary>The present choice; null before the first.</summary>
    public bool? UsesBlobs { get; private set; }

    /// <summary>Looks at what the same data would cost now. The first time, the cheaper carrier is taken.</summary>
    /// <param name="inBlobs">The cost in blobs, wei.</param>
    /// <param name="inCalldata">The cost in calldata, wei.</param>
    /// <param name="l1Block">The newest L1 block.</param>
    /// <returns>Whether the next channel goes into blobs.</returns>
    public bool Choose(in UInt256 inBlobs, in UInt256 inCalldata, ulong l1Block)
    {
        if (UsesBlobs is not { } blobs) return Take(inBlobs < inCalldata, l1Block);
        UInt256 present = blobs ? inBlobs : inCalldata, other = blobs ? inCalldata : inBlobs;
        bool isClear = other * 100UL < present * (ulong)(100 - marginPercent);
        // a reorganisation may take L1's head back below the last change: that is no time gone by
        bool isOld = l1Block >= _changedAt && l1Block - _changedAt >= dwellBlocks;
        return isClear && isOld ? Take(!blobs, l1Block) : blobs;
    }

    private bool Take(bool blobs, ulong l1Block)
    {
        UsesBlobs = blobs;
        _changedAt = l1Block;
        return blobs;
    }
}
