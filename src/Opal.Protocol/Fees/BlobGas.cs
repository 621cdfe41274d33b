using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The blob gas market (EIP-4844), with the reserve price of EIP-7918.</summary>
public static class BlobGas
{
    /// <summary>The blob gas of a blob.</summary>
    public const ulong GasPerBlob = 131_072;

    /// <summary>The lowest price of a unit of blob gas in wei.</summary>
    public const ulong MinBaseFee = 1;

    /// <summary>The execution gas that a blob is worth at least (EIP-7918).</summary>
    private const ulong BlobBaseCost = 8_192;

    /// <summary>The price of a unit of blob gas in wei, saturated at 2^256 - 1: min fee · e^(excess / fraction) by Taylor's series.</summary>
    public static UInt256 BaseFee(ulong excessBlobGas, in BlobParameters parameters)
    {
        UInt256 denominator = parameters.BaseFeeUpdateFraction;
        UInt256 numerator = excessBlobGas;
        UInt256 sum = UInt256.Zero;
        UInt256 term = new UInt256(MinBaseFee) * denominator;
        for (ulong i = 1; !term.IsZero; i++)
        {
            if (!UInt256.TryAdd(sum, term, out sum)) return UInt256.MaxValue;
            if (!UInt256.TryMultiply(term, numerator, out UInt256 product)) return UInt256.MaxValue;
            term = product / (denominator * i);
        }

        return sum / denominator;
    }

    /// <summary>The excess blob gas of a block from its parent's.</summary>
    /// <param name="parent">The parent; a missing field counts as zero.</param>
    /// <param name="parameters">The parameters that hold for the block.</param>
    /// <param name="hasReservePrice">Whether EIP-7918 holds for the block.</param>
    public static ulong NextExcess(BlockHeader parent, in BlobParameters parameters, bool hasReservePrice)
    {
        ulong parentExcess = parent.ExcessBlobGas ?? 0;
        ulong parentUsed = parent.BlobGasUsed ?? 0;
        ulong target = parameters.TargetBlobs * GasPerBlob;
        ulong total = unchecked(parentExcess + parentUsed);
        if (total < parentExcess) return ulong.MaxValue; // no chain gets here: such a header is unpayable
        if (total < target) return 0;
        if (hasReservePrice && parameters.MaxBlobs > 0)
        {
            bool fits = UInt256.TryMultiply(parent.BaseFeePerGas ?? UInt256.Zero, BlobBaseCost, out UInt256 reserve);
            bool priceFits = UInt256.TryMultiply(BaseFee(parentExcess, parameters), GasPerBlob, out UInt256 price);
            if (!fits) reserve = UInt256.MaxValue;
            if (!priceFits) price = UInt256.MaxValue;
            if (reserve > price)
            {
                UInt256 scaled = new UInt256(parentUsed) * (parameters.MaxBlobs - parameters.TargetBlobs) / parameters.MaxBlobs;
                return (new UInt256(parentExcess) + scaled).ToUInt64Saturated();
            }
        }

        return total - target;
    }
}
