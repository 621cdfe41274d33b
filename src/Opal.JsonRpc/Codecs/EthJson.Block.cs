using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

public static partial class EthJson
{
    /// <summary>Writes a block as <c>eth_getBlockByNumber</c> gives it.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="block">The block.</param>
    /// <param name="fullTransactions">Whether transactions are written whole, or as hashes.</param>
    /// <param name="crypto">Recovers the senders of whole transactions.</param>
    /// <param name="receipts">The block's receipts, which give deposits their nonces; null where they are not known.</param>
    /// <param name="more">Writes further fields; null for none.</param>
    public static void WriteBlock(
        Utf8JsonWriter writer, Block block, bool fullTransactions, ICrypto crypto, IReadOnlyList<Receipt>? receipts = null, Action<Utf8JsonWriter>? more = null)
    {
        writer.WriteStartObject();
        WriteHeaderFields(writer, block.Header);
        writer.WriteQuantity("size"u8, (ulong)SizeOf(block));
        writer.WriteStartArray("transactions"u8);
        for (int i = 0; i < block.Transactions.Length; i++)
        {
            Transaction transaction = block.Transactions[i];
            if (!fullTransactions)
            {
                writer.WriteHashValue(transaction.Hash);
                continue;
            }

            var place = new TransactionPlace(block.Hash, block.Number, block.Header.Timestamp, (ulong)i, block.Header.BaseFeePerGas);
            WriteTransaction(writer, transaction, crypto, place, receipts?[i]);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("uncles"u8);
        foreach (BlockHeader ommer in block.Ommers) writer.WriteHashValue(ommer.Hash);
        writer.WriteEndArray();
        if (block.Withdrawals is { } withdrawals)
        {
            writer.WriteStartArray("withdrawals"u8);
            foreach (Withdrawal withdrawal in withdrawals) WriteWithdrawal(writer, withdrawal);
            writer.WriteEndArray();
        }

        more?.Invoke(writer);
        writer.WriteEndObject();
    }

    /// <summary>The length of a block's RLP, without making it.</summary>
    private static int SizeOf(Block block)
    {
        int transactions = 0, ommers = 0;
        foreach (Transaction transaction in block.Transactions)
        {
            int length = transaction.Encoded.Length;
            transactions += transaction.Type == TransactionType.Legacy ? length : length + RlpWriter.HeaderLength(length);
        }

        foreach (BlockHeader ommer in block.Ommers) ommers += ommer.Encode().Length;
        int payload = block.Header.Encode().Length + transactions + RlpWriter.HeaderLength(transactions) + ommers + RlpWriter.HeaderLength(ommers);
        if (block.Withdrawals is { } withdrawals)
        {
            var writer = new RlpWriter(16 + (64 * withdrawals.Length));
            foreach (Withdrawal withdrawal in withdrawals) withdrawal.WriteTo(writer);
            payload += writer.Length + RlpWriter.HeaderLength(writer.Length);
        }

        return payload + RlpWriter.HeaderLength(payload);
    }

    /// <summary>Writes a withdrawal.</summary>
    public static void WriteWithdrawal(Utf8JsonWriter writer, Withdrawal withdrawal)
    {
        writer.WriteStartObject();
        writer.WriteQuantity("index"u8, withdrawal.Index);
        writer.WriteQuantity("validatorIndex"u8, withdrawal.ValidatorIndex);
        writer.WriteAddress("address"u8, withdrawal.Address);
        writer.WriteQuantity("amount"u8, withdrawal.AmountGwei);
        writer.WriteEndObject();
    }

    /// <summary>Reads a withdrawal.</summary>
    public static Withdrawal ReadWithdrawal(JsonValue value) =>
        new(value["index"].AsQuantity(), value["validatorIndex"].AsQuantity(), value["address"].AsAddress(), value["amount"].AsQuantity());

    /// <summary>Reads a block with whole transactions.</summary>
    /// <exception cref="JsonFormatException">A field is malformed, or the transactions are hashes only.</exception>
    public static Block ReadBlock(JsonValue value) => new()
    {
        Header = ReadHeader(value),
        Transactions = value["transactions"].AsArray(ReadTransaction),
        Withdrawals = value.OrNone("withdrawals", static list => list.AsArray(ReadWithdrawal)),
    };

    /// <summary>Reads the hashes of a block's transactions, whether the block holds hashes or whole transactions.</summary>
    public static Hash256[] ReadTransactionHashes(JsonValue block) =>
        block["transactions"].AsArray(static item => item.Element.ValueKind == JsonValueKind.Object ? item["hash"].AsHash() : item.AsHash());
}
