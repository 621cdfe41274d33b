using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The two scalars that the system config's scalar encodes from Ecotone on, in millionths.</summary>
/// <remarks>Spec: system-config.md#post-ecotone-scalar-encoding.</remarks>
public readonly record struct EcotoneScalar(uint BaseFeeScalar, uint BlobBaseFeeScalar)
{
    /// <summary>Version 1: 0x01 ++ 23 zero bytes ++ blob base fee scalar (u32 BE) ++ base fee scalar (u32 BE).</summary>
    public UInt256 Encode() => new(((ulong)BlobBaseFeeScalar << 32) | BaseFeeScalar, 0, 0, 0x01UL << 56);

    /// <summary>Reads version 0 or 1. False: another version, or padding that is not zero, which a config update may not have.</summary>
    public static bool TryDecode(in UInt256 scalar, out EcotoneScalar scalars)
    {
        scalars = default;
        ulong version = scalar.U3 >> 56;
        bool paddingIsZero = (scalar.U3 & 0x00ff_ffff_ffff_ffff) == 0 && (scalar.U2 | scalar.U1) == 0;
        if (!paddingIsZero) return false;
        switch (version)
        {
            case 0:
                if (scalar.U0 >> 32 != 0) return false;
                scalars = new EcotoneScalar((uint)scalar.U0, 0);
                return true;
            case 1:
                scalars = new EcotoneScalar(unchecked((uint)scalar.U0), (uint)(scalar.U0 >> 32));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads what a system config may hold when Ecotone activates: in version 0 a value beyond 32 bits counts as the largest. False: another fault.</summary>
    public static bool TryDecodeLenient(in UInt256 scalar, out EcotoneScalar scalars)
    {
        if (TryDecode(scalar, out scalars)) return true;
        if (scalar.U3 >> 56 != 0) return false;
        scalars = new EcotoneScalar(uint.MaxValue, 0);
        return true;
    }
}
