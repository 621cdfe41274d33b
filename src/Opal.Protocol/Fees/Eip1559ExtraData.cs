using System.Buffers.Binary;

namespace Opal.Protocol;

/// <summary>The fee market's parameters as L2 headers carry them in their extra data.</summary>
/// <remarks>
/// Holocene: version 0 (1 B) ++ denominator (u32 BE) ++ elasticity (u32 BE), 9 bytes. Jovian: version 1, the same, ++ minimum base
/// fee in wei (u64 BE), 17 bytes. Neither parameter may be zero. Spec: holocene and jovian/exec-engine.md.
/// </remarks>
/// <param name="Denominator">The base fee's max change denominator.</param>
/// <param name="Elasticity">The gas limit over the gas target.</param>
/// <param name="MinBaseFee">The lowest base fee in wei; null in Holocene's format.</param>
public readonly record struct Eip1559ExtraData(uint Denominator, uint Elasticity, ulong? MinBaseFee)
{
    /// <summary>The size of Holocene's format in bytes.</summary>
    public const int HoloceneSize = 9;

    /// <summary>The size of Jovian's format in bytes.</summary>
    public const int JovianSize = 17;

    /// <summary>The extra data's bytes, in Jovian's format where there is a minimum base fee.</summary>
    public byte[] Encode()
    {
        var bytes = new byte[MinBaseFee is null ? HoloceneSize : JovianSize];
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1), Denominator);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(5), Elasticity);
        if (MinBaseFee is { } minimum)
        {
            bytes[0] = 1;
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(9), minimum);
        }

        return bytes;
    }

    /// <summary>Takes the 8 bytes of payload attributes: denominator and elasticity, u32 big-endian each; both zero stand for the constants of the rules.</summary>
    /// <returns>False when there are not 8 bytes, or one of the two is zero.</returns>
    public static bool TryFromParams(ReadOnlySpan<byte> eip1559Params, Rules rules, ulong? minBaseFee, out Eip1559ExtraData parameters)
    {
        parameters = default;
        if (eip1559Params.Length != 8) return false;
        uint denominator = BinaryPrimitives.ReadUInt32BigEndian(eip1559Params);
        uint elasticity = BinaryPrimitives.ReadUInt32BigEndian(eip1559Params[4..]);
        if (denominator == 0 && elasticity == 0) (denominator, elasticity) = (rules.BaseFeeDenominator, rules.Elasticity);
        parameters = new Eip1559ExtraData(denominator, elasticity, minBaseFee);
        return denominator != 0 && elasticity != 0;
    }

    /// <summary>Reads Holocene's format.</summary>
    public static bool TryDecodeHolocene(ReadOnlySpan<byte> extraData, out Eip1559ExtraData parameters)
    {
        parameters = default;
        if (extraData.Length != HoloceneSize || extraData[0] != 0) return false;
        parameters = ReadParameters(extraData, null);
        return parameters.Denominator != 0 && parameters.Elasticity != 0;
    }

    /// <summary>Reads Jovian's format.</summary>
    public static bool TryDecodeJovian(ReadOnlySpan<byte> extraData, out Eip1559ExtraData parameters)
    {
        parameters = default;
        if (extraData.Length != JovianSize || extraData[0] != 1) return false;
        parameters = ReadParameters(extraData, BinaryPrimitives.ReadUInt64BigEndian(extraData[9..]));
        return parameters.Denominator != 0 && parameters.Elasticity != 0;
    }

    private static Eip1559ExtraData ReadParameters(ReadOnlySpan<byte> extraData, ulong? minBaseFee) => new(
        BinaryPrimitives.ReadUInt32BigEndian(extraData[1..]), BinaryPrimitives.ReadUInt32BigEndian(extraData[5..]), minBaseFee);
}
