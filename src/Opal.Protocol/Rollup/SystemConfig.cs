using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The parameters of a rollup that its owner sets on L1 (system-config.md).</summary>
public sealed record SystemConfig
{
    /// <summary>The account whose batcher transactions count.</summary>
    public Address BatcherAddress { get; init; }

    /// <summary>The L1 fee's overhead; ignored from Ecotone on.</summary>
    public UInt256 Overhead { get; init; }

    /// <summary>The L1 fee's scalar; from Ecotone on a versioned encoding (<see cref="EcotoneScalar"/>).</summary>
    public UInt256 Scalar { get; init; }

    /// <summary>The L2 block gas limit.</summary>
    public ulong GasLimit { get; init; }

    /// <summary>EIP-1559's denominator; 0, with the elasticity, while never set (Holocene).</summary>
    public uint Eip1559Denominator { get; init; }

    /// <summary>EIP-1559's elasticity; 0, with the denominator, while never set (Holocene).</summary>
    public uint Eip1559Elasticity { get; init; }

    /// <summary>The operator fee for a unit of gas, in millionths of wei; in hundreds of wei from Jovian on (Isthmus).</summary>
    public uint OperatorFeeScalar { get; init; }

    /// <summary>The operator fee for a transaction, in wei (Isthmus).</summary>
    public ulong OperatorFeeConstant { get; init; }

    /// <summary>The lowest base fee, in wei (Jovian).</summary>
    public ulong MinBaseFee { get; init; }

    /// <summary>Gas for a byte of estimated DA; 0 while never set, which means 400 (Jovian).</summary>
    public ushort DAFootprintGasScalar { get; init; }

    /// <summary>The 8 bytes of payload attributes: denominator and elasticity, u32 big-endian each.</summary>
    public byte[] Eip1559Params()
    {
        var bytes = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, Eip1559Denominator);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), Eip1559Elasticity);
        return bytes;
    }

    /// <summary>The batcher's address as the versioned hash of version 0: zeros on the left.</summary>
    public Hash256 BatcherHash() => Hash256.FromUInt256(BatcherAddress.ToUInt256());
}
