using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>Applies the SystemConfig's logs to a system config.</summary>
/// <remarks>
/// ConfigUpdate(uint256 indexed version, uint8 indexed updateType, bytes data), data = ABI bytes of 32 (type 1: 64) bytes. An update
/// that is malformed or unknown changes nothing and is passed over. Spec: system-config.md#system-config-updates and each fork's page.
/// </remarks>
public static class SystemConfigUpdates
{
    private const ulong Batcher = 0;
    private const ulong FeeScalars = 1;
    private const ulong GasLimit = 2;
    private const ulong UnsafeBlockSigner = 3;
    private const ulong Eip1559Params = 4;
    private const ulong OperatorFeeParams = 5;
    private const ulong MinBaseFee = 6;
    private const ulong DAFootprintGasScalar = 7;

    /// <summary>keccak256("ConfigUpdate(uint256,uint8,bytes)").</summary>
    public static Hash256 Topic { get; } = Hash256.Parse("0x1d2b0bda21d56b8bd12d4f94ebacffdfb35f5e226f84b461103bb8beab6353be");

    /// <summary>Applies one log.</summary>
    /// <param name="config">The system config before.</param>
    /// <param name="log">The log; the caller has checked the address.</param>
    /// <param name="isEcotone">Whether Ecotone is active at the time of the L1 block that holds the log.</param>
    /// <param name="updated">The system config after; the same object when nothing changed.</param>
    /// <returns>What is wrong with the log, or None.</returns>
    public static SystemConfigUpdateError Apply(SystemConfig config, LogEntry log, bool isEcotone, out SystemConfig updated)
    {
        updated = config;
        if (log.Topics.Length == 0 || log.Topics[0] != Topic) return SystemConfigUpdateError.NotAnUpdate;
        if (log.Topics.Length != 3) return SystemConfigUpdateError.WrongTopicCount;
        if (!log.Topics[1].IsZero) return SystemConfigUpdateError.UnknownVersion;
        UInt256 type = log.Topics[2].ToUInt256();
        return type.IsUInt64 ? ApplyData(config, type.U0, log.Data, isEcotone, out updated) : SystemConfigUpdateError.UnknownType;
    }

    /// <summary>Applies the data of an update of a known type.</summary>
    public static SystemConfigUpdateError ApplyData(SystemConfig config, ulong updateType, ReadOnlySpan<byte> data, bool isEcotone, out SystemConfig updated)
    {
        updated = config;
        if (updateType > DAFootprintGasScalar) return SystemConfigUpdateError.UnknownType;
        if (!TryReadWords(data, updateType == FeeScalars ? 2 : 1, out UInt256 word, out UInt256 second)) return SystemConfigUpdateError.MalformedData;
        switch (updateType)
        {
            case Batcher:
                if (word.BitLength > 160) return SystemConfigUpdateError.ValueOutOfRange;
                updated = config with { BatcherAddress = Address.FromUInt256(word) };
                return SystemConfigUpdateError.None;

            case FeeScalars when isEcotone:
                if (!EcotoneScalar.TryDecode(second, out _)) return SystemConfigUpdateError.InvalidScalar;
                updated = config with { Overhead = UInt256.Zero, Scalar = second };
                return SystemConfigUpdateError.None;

            case FeeScalars:
                updated = config with { Overhead = word, Scalar = second };
                return SystemConfigUpdateError.None;

            case GasLimit:
                if (!word.IsUInt64) return SystemConfigUpdateError.ValueOutOfRange;
                updated = config with { GasLimit = word.U0 };
                return SystemConfigUpdateError.None;

            case UnsafeBlockSigner: // policy of the node, not of derivation
                return word.BitLength > 160 ? SystemConfigUpdateError.ValueOutOfRange : SystemConfigUpdateError.None;

            case Eip1559Params:
            {
                uint denominator = (uint)(word.U0 >> 32);
                uint elasticity = unchecked((uint)word.U0);
                if (!word.IsUInt64) return SystemConfigUpdateError.ValueOutOfRange;
                if ((denominator == 0) != (elasticity == 0)) return SystemConfigUpdateError.InvalidEip1559Params; // both zero: unset again (V-15)
                updated = config with { Eip1559Denominator = denominator, Eip1559Elasticity = elasticity };
                return SystemConfigUpdateError.None;
            }

            case OperatorFeeParams:
                updated = config with { OperatorFeeScalar = unchecked((uint)word.U1), OperatorFeeConstant = word.U0 };
                return SystemConfigUpdateError.None;

            case MinBaseFee:
                if (!word.IsUInt64) return SystemConfigUpdateError.ValueOutOfRange;
                updated = config with { MinBaseFee = word.U0 };
                return SystemConfigUpdateError.None;

            default:
                if (word > ushort.MaxValue) return SystemConfigUpdateError.ValueOutOfRange;
                updated = config with { DAFootprintGasScalar = (ushort)word.U0 };
                return SystemConfigUpdateError.None;
        }
    }

    /// <summary>The address in an update of the unsafe block signer (type 3), which nodes follow outside derivation.</summary>
    public static bool TryReadUnsafeBlockSigner(LogEntry log, out Address signer)
    {
        signer = default;
        if (log.Topics.Length != 3 || log.Topics[0] != Topic || !log.Topics[1].IsZero || log.Topics[2].ToUInt256() != UnsafeBlockSigner) return false;
        if (!TryReadWords(log.Data, 1, out UInt256 word, out _) || word.BitLength > 160) return false;
        signer = Address.FromUInt256(word);
        return true;
    }

    private static bool TryReadWords(ReadOnlySpan<byte> data, int count, out UInt256 first, out UInt256 second)
    {
        first = default;
        second = default;
        if (data.Length != 64 + (count * 32)) return false;
        if (UInt256.FromBigEndian(data[..32]) != 32 || UInt256.FromBigEndian(data[32..64]) != (ulong)(count * 32)) return false;
        first = UInt256.FromBigEndian(data[64..96]);
        if (count == 2) second = UInt256.FromBigEndian(data[96..128]);
        return true;
    }
}
