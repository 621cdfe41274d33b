using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The outcome of a transaction.</summary>
/// <remarks>
/// Consensus form: rlp([status, cumulative_gas_used, bloom, logs]) behind the type byte of typed transactions; a deposit's
/// receipt has deposit_nonce and deposit_receipt_version after the logs from Canyon on (deposits.md#deposit-receipt).
/// </remarks>
public sealed class Receipt
{
    private Bloom? _bloom;

    /// <summary>The transaction's type.</summary>
    public TransactionType Type { get; init; }

    /// <summary>Whether the execution succeeded.</summary>
    public bool Succeeded { get; init; }

    /// <summary>1 or 0, as <see cref="Succeeded"/>.</summary>
    public byte Status => Succeeded ? (byte)1 : (byte)0;

    /// <summary>The gas used in the block up to and with this transaction.</summary>
    public ulong CumulativeGasUsed { get; init; }

    /// <summary>The logs, in order.</summary>
    public LogEntry[] Logs { get; init; } = [];

    /// <summary>The filter of the logs.</summary>
    public Bloom Bloom => _bloom ??= Bloom.Of(Logs);

    /// <summary>The sender's nonce before a deposit was executed; from Regolith on.</summary>
    public ulong? DepositNonce { get; init; }

    /// <summary>1 from Canyon on: then the nonce and the version are part of the encoding.</summary>
    public ulong? DepositReceiptVersion { get; init; }

    /// <summary>The gas this transaction used. Not part of the encoding.</summary>
    public ulong GasUsed { get; init; }

    /// <summary>The contract that a creation made, whether it succeeded or not. Not part of the encoding.</summary>
    public Address? ContractAddress { get; init; }

    /// <summary>The price of a unit of gas, base fee included. Not part of the encoding.</summary>
    public UInt256 EffectiveGasPrice { get; init; }

    /// <summary>The blob gas used by a blob transaction, or on L2 from Jovian on the transaction's DA footprint. Not part of the encoding.</summary>
    public ulong? BlobGasUsed { get; init; }

    /// <summary>The price of a unit of blob gas, for blob transactions. Not part of the encoding.</summary>
    public UInt256? BlobGasPrice { get; init; }

    /// <summary>The fee for L1 data and what it was computed from; L2 only, null for deposits. Not part of the encoding.</summary>
    public L1FeeInfo? L1Fee { get; init; }

    /// <summary>The consensus encoding: an item of the receipts trie.</summary>
    public byte[] Encode()
    {
        var writer = new RlpWriter(320);
        WriteTo(writer);
        return writer.ToArray();
    }

    /// <summary>Writes the consensus encoding.</summary>
    public void WriteTo(RlpWriter writer)
    {
        if (Type != TransactionType.Legacy) writer.WriteRaw([(byte)Type]);
        int list = writer.BeginList();
        writer.WriteUInt64(Status);
        writer.WriteUInt64(CumulativeGasUsed);
        writer.WriteBytes(Bloom.Bytes);
        WriteLogs(writer, Logs);
        if (Type == TransactionType.Deposit && DepositReceiptVersion is { } version && DepositNonce is { } nonce)
        {
            writer.WriteUInt64(nonce);
            writer.WriteUInt64(version);
        }

        writer.EndList(list);
    }

    /// <summary>Writes the list of logs: rlp([[address, [topic…], data]…]).</summary>
    public static void WriteLogs(RlpWriter writer, ReadOnlySpan<LogEntry> logs)
    {
        int list = writer.BeginList();
        foreach (LogEntry log in logs)
        {
            int entry = writer.BeginList();
            writer.WriteAddress(log.Address);
            int topics = writer.BeginList();
            foreach (Hash256 topic in log.Topics) writer.WriteHash(topic);
            writer.EndList(topics);
            writer.WriteBytes(log.Data);
            writer.EndList(entry);
        }

        writer.EndList(list);
    }

    /// <summary>Decodes the consensus encoding. A status of neither 0 nor 1, a bloom filter that is not the logs', and trailing bytes are refused.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out Receipt? receipt)
    {
        receipt = null;
        if (encoded.IsEmpty) return false;
        var type = TransactionType.Legacy;
        if (encoded[0] < 0xc0)
        {
            type = (TransactionType)encoded[0];
            if (type is not (TransactionType.AccessList or TransactionType.DynamicFee or TransactionType.Blob or TransactionType.SetCode or TransactionType.Deposit)) return false;
            encoded = encoded[1..];
        }

        if (!RlpReader.TryOpenList(encoded, out RlpReader fields)
            || !fields.TryReadBool(out bool succeeded)
            || !fields.TryReadUInt64(out ulong cumulativeGasUsed)
            || !fields.TryReadFixed(Bloom.Size, out ReadOnlySpan<byte> bloom)
            || !TryReadLogs(ref fields, out LogEntry[] logs))
        {
            return false;
        }

        ulong? depositNonce = null, depositVersion = null;
        if (type == TransactionType.Deposit && !fields.AtEnd)
        {
            if (!fields.TryReadUInt64(out ulong nonce)) return false;
            depositNonce = nonce;
            if (!fields.AtEnd)
            {
                if (!fields.TryReadUInt64(out ulong version)) return false;
                depositVersion = version;
            }
        }

        if (!fields.TryEnd()) return false;
        var decoded = new Receipt
        {
            Type = type,
            Succeeded = succeeded,
            CumulativeGasUsed = cumulativeGasUsed,
            Logs = logs,
            DepositNonce = depositNonce,
            DepositReceiptVersion = depositVersion,
        };
        if (!decoded.Bloom.Bytes.SequenceEqual(bloom)) return false;
        receipt = decoded;
        return true;
    }

    private static bool TryReadLogs(ref RlpReader items, out LogEntry[] logs)
    {
        logs = [];
        if (!items.TryReadList(out RlpReader entries)) return false;
        var read = new List<LogEntry>();
        while (!entries.AtEnd)
        {
            if (!entries.TryReadList(out RlpReader entry)
                || !entry.TryReadAddress(out Address address)
                || !entry.TryReadList(out RlpReader topicItems))
            {
                return false;
            }

            var topics = new List<Hash256>();
            while (!topicItems.AtEnd)
            {
                if (!topicItems.TryReadHash(out Hash256 topic)) return false;
                topics.Add(topic);
            }

            if (!entry.TryReadBytes(out ReadOnlySpan<byte> data) || !entry.TryEnd()) return false;
            read.Add(new LogEntry(address, topics.ToArray(), data.ToArray()));
        }

        logs = read.ToArray();
        return true;
    }
}
