using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>What an L2 receipt tells of the fee for L1 data. Fields that the block's fork does not have are null.</summary>
public sealed class L1FeeInfo
{
    /// <summary>The fee charged for L1 data, in wei.</summary>
    public UInt256 Fee { get; init; }

    /// <summary>The L1 gas that the transaction's data is taken for.</summary>
    public UInt256 GasUsed { get; init; }

    /// <summary>The L1 base fee.</summary>
    public UInt256 BaseFee { get; init; }

    /// <summary>The L1 blob base fee; from Ecotone on.</summary>
    public UInt256? BlobBaseFee { get; init; }

    /// <summary>The fee scalar; before Ecotone. In millionths.</summary>
    public UInt256? FeeScalar { get; init; }

    /// <summary>The scalar of the L1 base fee; from Ecotone on. In millionths.</summary>
    public uint? BaseFeeScalar { get; init; }

    /// <summary>The scalar of the L1 blob base fee; from Ecotone on. In millionths.</summary>
    public uint? BlobBaseFeeScalar { get; init; }

    /// <summary>From Isthmus on, where it or the constant is not zero.</summary>
    public uint? OperatorFeeScalar { get; init; }

    /// <summary>From Isthmus on, where it or the scalar is not zero. In wei.</summary>
    public ulong? OperatorFeeConstant { get; init; }

    /// <summary>From Jovian on.</summary>
    public ushort? DAFootprintGasScalar { get; init; }
}
