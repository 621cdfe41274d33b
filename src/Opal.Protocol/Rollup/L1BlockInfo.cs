using System.Buffers.Binary;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>What the first transaction of every L2 block tells L2 of its L1 origin and of the system config.</summary>
/// <remarks>Spec: deposits.md#l1-attributes-deposited-transaction, and the l1-attributes pages of Ecotone, Isthmus and Jovian.</remarks>
public sealed record L1BlockInfo
{
    private const uint BedrockSelector = 0x015d8eb9;
    private const uint EcotoneSelector = 0x440a5e20;
    private const uint IsthmusSelector = 0x098999be;
    private const uint JovianSelector = 0x3db6be2b;
    private const int BedrockSize = 4 + (8 * 32);
    private const int EcotoneSize = 4 + (5 * 32);
    private const int IsthmusSize = EcotoneSize + 12;
    private const int JovianSize = IsthmusSize + 2;

    /// <summary>The gas that the deposit has before Regolith, when it counts for nothing.</summary>
    public const ulong BedrockGasLimit = 150_000_000;

    /// <summary>The gas that the deposit has from Regolith on.</summary>
    public const ulong RegolithGasLimit = 1_000_000;

    /// <summary>What a DA footprint gas scalar of zero stands for (jovian/l1-attributes.md).</summary>
    public const ushort DefaultDAFootprintGasScalar = 400;

    /// <summary>The layout of the call data.</summary>
    public L1BlockInfoFormat Format { get; init; }

    /// <summary>The L1 origin's number.</summary>
    public ulong Number { get; init; }

    /// <summary>The L1 origin's timestamp in seconds.</summary>
    public ulong Timestamp { get; init; }

    /// <summary>The L1 origin's base fee in wei.</summary>
    public UInt256 BaseFee { get; init; }

    /// <summary>The L1 origin's hash.</summary>
    public Hash256 BlockHash { get; init; }

    /// <summary>The block's index in its epoch.</summary>
    public ulong SequenceNumber { get; init; }

    /// <summary>The system config's batcher.</summary>
    public Address BatcherAddress { get; init; }

    /// <summary>The L1 fee's overhead (Bedrock's format).</summary>
    public UInt256 FeeOverhead { get; init; }

    /// <summary>The L1 fee's scalar (Bedrock's format).</summary>
    public UInt256 FeeScalar { get; init; }

    /// <summary>The L1 origin's blob base fee in wei, 1 where L1 has no blobs (from Ecotone's format on).</summary>
    public UInt256 BlobBaseFee { get; init; }

    /// <summary>The scalar of the base fee in millionths (from Ecotone's format on).</summary>
    public uint BaseFeeScalar { get; init; }

    /// <summary>The scalar of the blob base fee in millionths (from Ecotone's format on).</summary>
    public uint BlobBaseFeeScalar { get; init; }

    /// <summary>The operator fee's scalar (from Isthmus's format on).</summary>
    public uint OperatorFeeScalar { get; init; }

    /// <summary>The operator fee's constant in wei (from Isthmus's format on).</summary>
    public ulong OperatorFeeConstant { get; init; }

    /// <summary>Gas for a byte of estimated DA (Jovian's format).</summary>
    public ushort DAFootprintGasScalar { get; init; }

    /// <summary>The L1 origin's hash and number.</summary>
    public BlockId L1Origin => new(BlockHash, Number);

    /// <summary>The layout that the L2 block at a time has: a fork's own begins in the block after its activation block, or at once when active at genesis.</summary>
    public static L1BlockInfoFormat FormatAt(RollupConfig rollup, L2Time time)
    {
        if (IsPastActivation(rollup, OptimismFork.Jovian, time)) return L1BlockInfoFormat.Jovian;
        if (IsPastActivation(rollup, OptimismFork.Isthmus, time)) return L1BlockInfoFormat.Isthmus;
        return IsPastActivation(rollup, OptimismFork.Ecotone, time) ? L1BlockInfoFormat.Ecotone : L1BlockInfoFormat.Bedrock;
    }

    private static bool IsPastActivation(RollupConfig rollup, OptimismFork fork, L2Time time) =>
        rollup.IsActive(fork, time) && !rollup.IsActivationBlock(fork, time);

    /// <summary>The attributes of the L2 block at a time.</summary>
    /// <param name="rollup">The rollup.</param>
    /// <param name="l1Blobs">The blob schedule of L1.</param>
    /// <param name="systemConfig">The system config as the block has it.</param>
    /// <param name="sequenceNumber">The block's index in its epoch.</param>
    /// <param name="l1Origin">The header of the L1 origin.</param>
    /// <param name="time">The block's time.</param>
    /// <param name="info">The attributes.</param>
    /// <returns>False when the system config holds a scalar that Ecotone cannot read.</returns>
    public static bool TryBuild(
        RollupConfig rollup, BlobSchedule l1Blobs, SystemConfig systemConfig, ulong sequenceNumber, BlockHeader l1Origin, L2Time time, out L1BlockInfo? info)
    {
        info = null;
        L1BlockInfoFormat format = FormatAt(rollup, time);
        var common = new L1BlockInfo
        {
            Format = format,
            Number = l1Origin.Number,
            Timestamp = l1Origin.Timestamp,
            BaseFee = l1Origin.BaseFeePerGas ?? UInt256.Zero,
            BlockHash = l1Origin.Hash,
            SequenceNumber = sequenceNumber,
            BatcherAddress = systemConfig.BatcherAddress,
        };
        if (format == L1BlockInfoFormat.Bedrock)
        {
            info = common with { FeeOverhead = systemConfig.Overhead, FeeScalar = systemConfig.Scalar };
            return true;
        }

        if (!EcotoneScalar.TryDecodeLenient(systemConfig.Scalar, out EcotoneScalar scalars)) return false;
        bool hasOperatorFee = format >= L1BlockInfoFormat.Isthmus;
        ushort footprintScalar = systemConfig.DAFootprintGasScalar == 0 ? DefaultDAFootprintGasScalar : systemConfig.DAFootprintGasScalar;
        info = common with
        {
            BlobBaseFee = BlobBaseFeeOf(rollup, l1Blobs, l1Origin),
            BaseFeeScalar = scalars.BaseFeeScalar,
            BlobBaseFeeScalar = scalars.BlobBaseFeeScalar,
            OperatorFeeScalar = hasOperatorFee ? systemConfig.OperatorFeeScalar : 0,
            OperatorFeeConstant = hasOperatorFee ? systemConfig.OperatorFeeConstant : 0,
            DAFootprintGasScalar = format == L1BlockInfoFormat.Jovian ? footprintScalar : (ushort)0,
        };
        return true;
    }

    /// <summary>The L1 origin's blob base fee, by Cancun's fraction until the rollup's Pectra blob schedule time (pectra-blob-schedule/derivation.md).</summary>
    private static UInt256 BlobBaseFeeOf(RollupConfig rollup, BlobSchedule l1Blobs, BlockHeader l1Origin)
    {
        if (l1Origin.ExcessBlobGas is not { } excess) return UInt256.One;
        if (rollup.PectraBlobScheduleTime is { } until && l1Origin.Timestamp < until) return BlobGas.BaseFee(excess, BlobParameters.Cancun);
        return l1Blobs.TryGet(l1Origin.Timestamp, out BlobParameters parameters) ? BlobGas.BaseFee(excess, parameters) : UInt256.One;
    }

    /// <summary>The call data.</summary>
    public byte[] Encode()
    {
        if (Format == L1BlockInfoFormat.Bedrock) return EncodeBedrock();
        var data = new byte[Format switch { L1BlockInfoFormat.Jovian => JovianSize, L1BlockInfoFormat.Isthmus => IsthmusSize, _ => EcotoneSize }];
        Span<byte> to = data;
        BinaryPrimitives.WriteUInt32BigEndian(
            to, Format switch { L1BlockInfoFormat.Jovian => JovianSelector, L1BlockInfoFormat.Isthmus => IsthmusSelector, _ => EcotoneSelector });
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], BaseFeeScalar);
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], BlobBaseFeeScalar);
        BinaryPrimitives.WriteUInt64BigEndian(to[12..], SequenceNumber);
        BinaryPrimitives.WriteUInt64BigEndian(to[20..], Timestamp);
        BinaryPrimitives.WriteUInt64BigEndian(to[28..], Number);
        BaseFee.WriteBigEndian(to[36..]);
        BlobBaseFee.WriteBigEndian(to[68..]);
        BlockHash.CopyTo(to[100..]);
        BatcherAddress.CopyTo(to[144..]);
        if (Format >= L1BlockInfoFormat.Isthmus)
        {
            BinaryPrimitives.WriteUInt32BigEndian(to[164..], OperatorFeeScalar);
            BinaryPrimitives.WriteUInt64BigEndian(to[168..], OperatorFeeConstant);
        }

        if (Format == L1BlockInfoFormat.Jovian) BinaryPrimitives.WriteUInt16BigEndian(to[176..], DAFootprintGasScalar);
        return data;
    }

    private byte[] EncodeBedrock()
    {
        var data = new byte[BedrockSize];
        Span<byte> to = data;
        BinaryPrimitives.WriteUInt32BigEndian(to, BedrockSelector);
        to = to[4..];
        new UInt256(Number).WriteBigEndian(to);
        new UInt256(Timestamp).WriteBigEndian(to[32..]);
        BaseFee.WriteBigEndian(to[64..]);
        BlockHash.CopyTo(to[96..]);
        new UInt256(SequenceNumber).WriteBigEndian(to[128..]);
        BatcherAddress.ToUInt256().WriteBigEndian(to[160..]);
        FeeOverhead.WriteBigEndian(to[192..]);
        FeeScalar.WriteBigEndian(to[224..]);
        return data;
    }

    /// <summary>Reads the call data of any format; the selector tells which. False: another selector, another length, or padding that is not zero.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, out L1BlockInfo? info)
    {
        info = null;
        if (data.Length < 4) return false;
        switch (BinaryPrimitives.ReadUInt32BigEndian(data))
        {
            case BedrockSelector: return data.Length == BedrockSize && TryParseBedrock(data[4..], out info);
            case EcotoneSelector: return data.Length == EcotoneSize && TryParsePacked(data, L1BlockInfoFormat.Ecotone, out info);
            case IsthmusSelector: return data.Length == IsthmusSize && TryParsePacked(data, L1BlockInfoFormat.Isthmus, out info);
            case JovianSelector: return data.Length == JovianSize && TryParsePacked(data, L1BlockInfoFormat.Jovian, out info);
            default: return false;
        }
    }

    /// <summary>Reads the attributes from a block's first transaction.</summary>
    public static bool TryParse(Transaction transaction, out L1BlockInfo? info)
    {
        info = null;
        return transaction.IsDeposit && transaction.To == Predeploys.L1Block && transaction.From == Predeploys.Depositor
            && TryParse(transaction.Data.Span, out info);
    }

    private static bool TryParseBedrock(ReadOnlySpan<byte> words, out L1BlockInfo? info)
    {
        info = null;
        UInt256 number = UInt256.FromBigEndian(words[..32]);
        UInt256 timestamp = UInt256.FromBigEndian(words[32..64]);
        UInt256 sequenceNumber = UInt256.FromBigEndian(words[128..160]);
        UInt256 batcher = UInt256.FromBigEndian(words[160..192]);
        if (!number.IsUInt64 || !timestamp.IsUInt64 || !sequenceNumber.IsUInt64 || batcher.BitLength > 160) return false;
        info = new L1BlockInfo
        {
            Format = L1BlockInfoFormat.Bedrock,
            Number = number.U0,
            Timestamp = timestamp.U0,
            BaseFee = UInt256.FromBigEndian(words[64..96]),
            BlockHash = new Hash256(words[96..128]),
            SequenceNumber = sequenceNumber.U0,
            BatcherAddress = Address.FromUInt256(batcher),
            FeeOverhead = UInt256.FromBigEndian(words[192..224]),
            FeeScalar = UInt256.FromBigEndian(words[224..256]),
        };
        return true;
    }

    private static bool TryParsePacked(ReadOnlySpan<byte> data, L1BlockInfoFormat format, out L1BlockInfo? info)
    {
        info = null;
        UInt256 batcher = UInt256.FromBigEndian(data[132..164]);
        if (batcher.BitLength > 160) return false;
        bool hasOperatorFee = format >= L1BlockInfoFormat.Isthmus;
        info = new L1BlockInfo
        {
            Format = format,
            BaseFeeScalar = BinaryPrimitives.ReadUInt32BigEndian(data[4..]),
            BlobBaseFeeScalar = BinaryPrimitives.ReadUInt32BigEndian(data[8..]),
            SequenceNumber = BinaryPrimitives.ReadUInt64BigEndian(data[12..]),
            Timestamp = BinaryPrimitives.ReadUInt64BigEndian(data[20..]),
            Number = BinaryPrimitives.ReadUInt64BigEndian(data[28..]),
            BaseFee = UInt256.FromBigEndian(data[36..68]),
            BlobBaseFee = UInt256.FromBigEndian(data[68..100]),
            BlockHash = new Hash256(data[100..132]),
            BatcherAddress = Address.FromUInt256(batcher),
            OperatorFeeScalar = hasOperatorFee ? BinaryPrimitives.ReadUInt32BigEndian(data[164..]) : 0,
            OperatorFeeConstant = hasOperatorFee ? BinaryPrimitives.ReadUInt64BigEndian(data[168..]) : 0,
            DAFootprintGasScalar = format == L1BlockInfoFormat.Jovian ? BinaryPrimitives.ReadUInt16BigEndian(data[176..]) : (ushort)0,
        };
        return true;
    }

    /// <summary>The deposit that carries the attributes.</summary>
    /// <param name="isRegolith">Whether Regolith is active: then it is an ordinary deposit with real gas.</param>
    public Transaction ToDepositTransaction(bool isRegolith) => new()
    {
        Type = TransactionType.Deposit,
        SourceHash = Protocol.SourceHash.OfL1Info(BlockHash, SequenceNumber),
        From = Predeploys.Depositor,
        To = Predeploys.L1Block,
        GasLimit = isRegolith ? RegolithGasLimit : BedrockGasLimit,
        IsSystemTransaction = !isRegolith,
        Data = Encode(),
    };
}
