using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The formulas of the fee for L1 data. Results in wei, saturated at 2^256 - 1.</summary>
/// <remarks>Spec: exec-engine.md#l1-cost-fees-l1-fee-vault, fjord/exec-engine.md#fjord-l1-cost-fee-changes-fastlz-estimator.</remarks>
public static class L1DataFee
{
    /// <summary>The L1 gas of a byte of call data that is not zero.</summary>
    public const ulong GasPerNonZeroByte = 16;

    private const ulong GasPerZeroByte = 4;
    private const ulong SignatureBytes = 68;
    private const ulong Intercept = 42_585_600; // subtracted, in millionths of a byte
    private const ulong FastLzCoefficient = 836_500;
    private const ulong MinTransactionSizeScaled = 100_000_000;

    /// <summary>The L1 gas of a transaction's bytes as call data; Bedrock adds 68 bytes for a signature that is there already.</summary>
    public static ulong CallDataGas(ReadOnlySpan<byte> encoded, bool isBedrock)
    {
        int zeros = encoded.Count((byte)0);
        ulong nonZeros = (ulong)(encoded.Length - zeros) + (isBedrock ? SignatureBytes : 0);
        return ((ulong)zeros * GasPerZeroByte) + (nonZeros * GasPerNonZeroByte);
    }

    /// <summary>The size in millionths of a byte that a transaction adds to a batch, from its FastLZ length.</summary>
    public static ulong EstimatedSizeScaled(int fastLzSize)
    {
        ulong scaled = FastLzCoefficient * (ulong)fastLzSize;
        return scaled <= Intercept + MinTransactionSizeScaled ? MinTransactionSizeScaled : scaled - Intercept;
    }

    /// <summary>The size in whole bytes that a transaction adds to a batch: at least 100.</summary>
    public static ulong EstimatedSize(int fastLzSize) => EstimatedSizeScaled(fastLzSize) / 1_000_000;

    /// <summary>The L1 gas that Fjord's receipts show: 16 for every estimated byte.</summary>
    public static ulong FjordGas(int fastLzSize) => EstimatedSizeScaled(fastLzSize) * GasPerNonZeroByte / 1_000_000;

    /// <summary>(data gas + overhead) · base fee · scalar / 10^6.</summary>
    public static UInt256 Bedrock(in L1FeeParameters parameters, ulong callDataGas)
    {
        UInt256 gas = SaturatingMath.Add(callDataGas, parameters.Overhead);
        return SaturatingMath.Multiply(SaturatingMath.Multiply(gas, parameters.BaseFee), parameters.Scalar) / 1_000_000;
    }

    /// <summary>data gas · (16 · base fee · its scalar + blob base fee · its scalar) / (16 · 10^6).</summary>
    public static UInt256 Ecotone(in L1FeeParameters parameters, ulong callDataGas) =>
        SaturatingMath.Multiply(callDataGas, ScaledPrice(parameters)) / 16_000_000;

    /// <summary>estimated size · (16 · base fee · its scalar + blob base fee · its scalar) / 10^12, sizes in millionths.</summary>
    public static UInt256 Fjord(in L1FeeParameters parameters, int fastLzSize) =>
        SaturatingMath.Multiply(EstimatedSizeScaled(fastLzSize), ScaledPrice(parameters)) / 1_000_000_000_000;

    private static UInt256 ScaledPrice(in L1FeeParameters parameters) => SaturatingMath.Add(
        SaturatingMath.Multiply(parameters.BaseFee, GasPerNonZeroByte * parameters.BaseFeeScalar),
        SaturatingMath.Multiply(parameters.BlobBaseFee, parameters.BlobBaseFeeScalar));
}
