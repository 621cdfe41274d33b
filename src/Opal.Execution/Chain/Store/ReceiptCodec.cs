using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>Receipts as the journal keeps them: everything that a <see cref="Receipt"/> tells and that does not follow from the rest. No blooms.</summary>
/// <remarks>
/// <c>rlp([[L1 context…], [receipt…]])</c>. The L1 fee parameters are the same for all transactions of a block, so they stand once and a receipt
/// names them by position. Fields that may be absent have a bit each in a flags number before them.
/// </remarks>
internal static class ReceiptCodec
{
    private const ulong HasDepositNonce = 1, HasDepositVersion = 2, HasContract = 4, HasBlobGasUsed = 8, HasBlobGasPrice = 16, HasL1Fee = 32, HasSucceeded = 64;

    /// <summary>Writes the receipts of a block.</summary>
    public static void Write(RlpWriter writer, IReadOnlyList<Receipt> receipts)
    {
        int all = writer.BeginList();
        List<L1FeeInfo> contexts = [];
        int[] contextOf = new int[receipts.Count];
        for (int i = 0; i < receipts.Count; i++)
        {
            if (receipts[i].L1Fee is { } fee) contextOf[i] = IndexOf(contexts, fee);
        }

        int list = writer.BeginList();
        foreach (L1FeeInfo context in contexts) WriteContext(writer, context);
        writer.EndList(list);
        list = writer.BeginList();
        for (int i = 0; i < receipts.Count; i++) WriteReceipt(writer, receipts[i], contextOf[i]);
        writer.EndList(list);
        writer.EndList(all);
    }

    private static int IndexOf(List<L1FeeInfo> contexts, L1FeeInfo fee)
    {
        for (int i = 0; i < contexts.Count; i++)
        {
            L1FeeInfo other = contexts[i];
            if (other.BaseFee == fee.BaseFee && other.BlobBaseFee == fee.BlobBaseFee && other.FeeScalar == fee.FeeScalar && other.BaseFeeScalar == fee.BaseFeeScalar
                && other.BlobBaseFeeScalar == fee.BlobBaseFeeScalar && other.OperatorFeeScalar == fee.OperatorFeeScalar && other.OperatorFeeConstant == fee.OperatorFeeConstant
                && other.DAFootprintGasScalar == fee.DAFootprintGasScalar)
            {
                return i;
            }
        }

        contexts.Add(fee);
        return contexts.Count - 1;
    }

    private static void WriteContext(RlpWriter writer, L1FeeInfo fee)
    {
        int list = writer.BeginList();
        writer.WriteUInt256(fee.BaseFee);
        WriteOptional(writer, fee.BlobBaseFee);
        WriteOptional(writer, fee.FeeScalar);
        WriteOptional(writer, fee.BaseFeeScalar);
        WriteOptional(writer, fee.BlobBaseFeeScalar);
        WriteOptional(writer, fee.OperatorFeeScalar);
        WriteOptional(writer, fee.OperatorFeeConstant);
        WriteOptional(writer, fee.DAFootprintGasScalar);
        writer.EndList(list);
    }

    /// <summary>An absent value is an empty list, which no number is.</summary>
    private static void WriteOptional(RlpWriter writer, UInt256? value)
    {
        if (value is { } known) writer.WriteUInt256(known);
        else writer.EndList(writer.BeginList());
    }

    private static void WriteOptional(RlpWriter writer, ulong? value) => WriteOptional(writer, value is { } known ? new UInt256(known) : null);

    private static void WriteReceipt(RlpWriter writer, Receipt receipt, int context)
    {
        ulong flags = (receipt.DepositNonce is null ? 0 : HasDepositNonce) | (receipt.DepositReceiptVersion is null ? 0 : HasDepositVersion)
            | (receipt.ContractAddress is null ? 0 : HasContract) | (receipt.BlobGasUsed is null ? 0 : HasBlobGasUsed) | (receipt.BlobGasPrice is null ? 0 : HasBlobGasPrice)
            | (receipt.L1Fee is null ? 0 : HasL1Fee) | (receipt.Succeeded ? HasSucceeded : 0);
        int list = writer.BeginList();
        writer.WriteUInt64((ulong)receipt.Type);
        writer.WriteUInt64(flags);
        writer.WriteUInt64(receipt.CumulativeGasUsed);
        writer.WriteUInt64(receipt.GasUsed);
        writer.WriteUInt256(receipt.EffectiveGasPrice);
        if (receipt.DepositNonce is { } nonce) writer.WriteUInt64(nonce);
        if (receipt.DepositReceiptVersion is { } version) writer.WriteUInt64(version);
        if (receipt.ContractAddress is { } contract) writer.WriteAddress(contract);
        if (receipt.BlobGasUsed is { } blobGas) writer.WriteUInt64(blobGas);
        if (receipt.BlobGasPrice is { } blobPrice) writer.WriteUInt256(blobPrice);
        if (receipt.L1Fee is { } fee)
        {
            writer.WriteUInt64((ulong)context);
            writer.WriteUInt256(fee.Fee);
            writer.WriteUInt256(fee.GasUsed);
        }

        Receipt.WriteLogs(writer, receipt.Logs);
        writer.EndList(list);
    }

    /// <summary>Reads the receipts of a block.</summary>
    /// <exception cref="StoreCorruptException">They do not decode.</exception>
    public static Receipt[] Read(ReadOnlySpan<byte> encoded)
    {
        var receipts = new List<Receipt>();
        return TryRead(encoded, receipts) ? [.. receipts] : throw new StoreCorruptException("the receipts of a block in the journal do not decode; remove the data directory and sync again, or restore it from a backup");
    }

    private static bool TryRead(ReadOnlySpan<byte> encoded, List<Receipt> receipts)
    {
        if (!RlpReader.TryOpenList(encoded, out RlpReader parts) || !parts.TryReadList(out RlpReader contextItems) || !parts.TryReadList(out RlpReader receiptItems) || !parts.TryEnd()) return false;
        var contexts = new List<L1FeeInfo>();
        while (!contextItems.AtEnd)
        {
            if (!TryReadContext(ref contextItems, out L1FeeInfo? context)) return false;
            contexts.Add(context!);
        }

        while (!receiptItems.AtEnd)
        {
            if (!receiptItems.TryReadList(out RlpReader fields) || !TryReadReceipt(ref fields, contexts, out Receipt? receipt) || !fields.TryEnd()) return false;
            receipts.Add(receipt!);
        }

        return true;
    }

    private static bool TryReadContext(ref RlpReader items, out L1FeeInfo? context)
    {
        context = null;
        if (!items.TryReadList(out RlpReader fields)
            || !fields.TryReadUInt256(out UInt256 baseFee)
            || !TryReadOptional(ref fields, out UInt256? blobBaseFee)
            || !TryReadOptional(ref fields, out UInt256? feeScalar)
            || !TryReadOptional(ref fields, out UInt256? baseFeeScalar)
            || !TryReadOptional(ref fields, out UInt256? blobBaseFeeScalar)
            || !TryReadOptional(ref fields, out UInt256? operatorFeeScalar)
            || !TryReadOptional(ref fields, out UInt256? operatorFeeConstant)
            || !TryReadOptional(ref fields, out UInt256? footprint)
            || !fields.TryEnd())
        {
            return false;
        }

        context = new L1FeeInfo
        {
            BaseFee = baseFee,
            BlobBaseFee = blobBaseFee,
            FeeScalar = feeScalar,
            BaseFeeScalar = (uint?)baseFeeScalar?.U0,
            BlobBaseFeeScalar = (uint?)blobBaseFeeScalar?.U0,
            OperatorFeeScalar = (uint?)operatorFeeScalar?.U0,
            OperatorFeeConstant = operatorFeeConstant?.U0,
            DAFootprintGasScalar = (ushort?)footprint?.U0,
        };
        return true;
    }

    private static bool TryReadOptional(ref RlpReader fields, out UInt256? value)
    {
        value = null;
        if (fields.NextIsList) return fields.TryReadList(out RlpReader none) && none.AtEnd;
        if (!fields.TryReadUInt256(out UInt256 known)) return false;
        value = known;
        return true;
    }

    private static bool TryReadReceipt(ref RlpReader fields, List<L1FeeInfo> contexts, out Receipt? receipt)
    {
        receipt = null;
        if (!fields.TryReadUInt64(out ulong type)
            || !fields.TryReadUInt64(out ulong flags)
            || !fields.TryReadUInt64(out ulong cumulative)
            || !fields.TryReadUInt64(out ulong gasUsed)
            || !fields.TryReadUInt256(out UInt256 price))
        {
            return false;
        }

        ulong nonce = 0, version = 0, blobGas = 0;
        Address contract = default;
        UInt256 blobPrice = default;
        L1FeeInfo? l1Fee = null;
        if ((flags & HasDepositNonce) != 0 && !fields.TryReadUInt64(out nonce)) return false;
        if ((flags & HasDepositVersion) != 0 && !fields.TryReadUInt64(out version)) return false;
        if ((flags & HasContract) != 0 && !fields.TryReadAddress(out contract)) return false;
        if ((flags & HasBlobGasUsed) != 0 && !fields.TryReadUInt64(out blobGas)) return false;
        if ((flags & HasBlobGasPrice) != 0 && !fields.TryReadUInt256(out blobPrice)) return false;
        if ((flags & HasL1Fee) != 0 && !TryReadL1Fee(ref fields, contexts, out l1Fee)) return false;
        if (!TryReadLogs(ref fields, out LogEntry[] logs)) return false;
        receipt = new Receipt
        {
            Type = (TransactionType)type,
            Succeeded = (flags & HasSucceeded) != 0,
            CumulativeGasUsed = cumulative,
            GasUsed = gasUsed,
            EffectiveGasPrice = price,
            DepositNonce = (flags & HasDepositNonce) != 0 ? nonce : null,
            DepositReceiptVersion = (flags & HasDepositVersion) != 0 ? version : null,
            ContractAddress = (flags & HasContract) != 0 ? contract : null,
            BlobGasUsed = (flags & HasBlobGasUsed) != 0 ? blobGas : null,
            BlobGasPrice = (flags & HasBlobGasPrice) != 0 ? blobPrice : null,
            L1Fee = l1Fee,
            Logs = logs,
        };
        return true;
    }

    private static bool TryReadL1Fee(ref RlpReader fields, List<L1FeeInfo> contexts, out L1FeeInfo? fee)
    {
        fee = null;
        if (!fields.TryReadUInt64(out ulong index) || index >= (ulong)contexts.Count || !fields.TryReadUInt256(out UInt256 charged) || !fields.TryReadUInt256(out UInt256 gasUsed)) return false;
        L1FeeInfo context = contexts[(int)index];
        fee = new L1FeeInfo
        {
            Fee = charged,
            GasUsed = gasUsed,
            BaseFee = context.BaseFee,
            BlobBaseFee = context.BlobBaseFee,
            FeeScalar = context.FeeScalar,
            BaseFeeScalar = context.BaseFeeScalar,
            BlobBaseFeeScalar = context.BlobBaseFeeScalar,
            OperatorFeeScalar = context.OperatorFeeScalar,
            OperatorFeeConstant = context.OperatorFeeConstant,
            DAFootprintGasScalar = context.DAFootprintGasScalar,
        };
        return true;
    }

    private static bool TryReadLogs(ref RlpReader fields, out LogEntry[] logs)
    {
        logs = [];
        if (!fields.TryReadList(out RlpReader entries)) return false;
        if (entries.AtEnd) return true;
        var read = new List<LogEntry>();
        while (!entries.AtEnd)
        {
            if (!entries.TryReadList(out RlpReader entry) || !entry.TryReadAddress(out Address address) || !entry.TryReadList(out RlpReader topicItems)) return false;
            var topics = new Hash256[topicItems.Rest.Length / 33];
            for (int i = 0; i < topics.Length; i++)
            {
                if (!topicItems.TryReadHash(out topics[i])) return false;
            }

            if (!topicItems.TryEnd() || !entry.TryReadBytes(out ReadOnlySpan<byte> data) || !entry.TryEnd()) return false;
            read.Add(new LogEntry(address, topics, data.ToArray()));
        }

        logs = [.. read];
        return true;
    }
}
