using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>The L1 attributes deposit of OP-mode blocks, and a stand-in for the L1Block predeploy that stores what changes with the origin.</summary>
internal static class L1Attributes
{
    private static readonly L1BlockInfo Typical = new()
    {
        Format = L1BlockInfoFormat.Jovian,
        BaseFee = 10_000_000_000u,
        BlobBaseFee = 1_000_000_000u,
        BaseFeeScalar = 5_227,
        BlobBaseFeeScalar = 1_014_213,
        OperatorFeeScalar = 100,
        OperatorFeeConstant = 1_000,
        DAFootprintGasScalar = L1BlockInfo.DefaultDAFootprintGasScalar,
    };

    /// <summary>The predeploy at genesis. Its code stores base fee, blob base fee and hash of the origin where the real one does.</summary>
    public static WorkloadAccount Contract { get; } = new(Predeploys.L1Block, 1, default, [.. Store(36, 1), .. Store(68, 7), .. Store(100, 2), (byte)Opcode.Stop], Slots());

    /// <summary>The deposit of block <paramref name="number"/>.</summary>
    public static Transaction Of(ulong number) =>
        (Typical with { Number = number, Timestamp = number * 12, BlockHash = Keccak256.Hash(Hash256.FromUInt256(new UInt256(number)).ToArray()) }).ToDepositTransaction(isRegolith: true);

    /// <summary>Code: the word at <paramref name="offset"/> of the call data goes to a slot.</summary>
    private static byte[] Store(byte offset, byte slot) =>
        [(byte)Opcode.Push1, offset, (byte)Opcode.CallDataLoad, (byte)Opcode.Push1, slot, (byte)Opcode.SStore];

    /// <summary>Scalars and operator fee where the predeploy keeps them (fjord/l1-attributes.md, isthmus/l1-attributes.md).</summary>
    private static (UInt256 Slot, UInt256 Value)[] Slots() =>
    [
        (1u, Typical.BaseFee),
        (3u, new UInt256(0, ((ulong)Typical.BaseFeeScalar << 32) | Typical.BlobBaseFeeScalar, 0, 0)),
        (7u, Typical.BlobBaseFee),
        (8u, new UInt256(Typical.OperatorFeeConstant, ((ulong)Typical.DAFootprintGasScalar << 32) | Typical.OperatorFeeScalar, 0, 0)),
    ];
}
