using Opal.Crypto;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.Node.Tests;

/// <summary>A transaction in a made-up L1 block: its bytes, what a provider says of it, and the same of its receipt.</summary>
internal sealed record FakeItem(byte[] Encoded, string Json, byte[] Receipt, string ReceiptJson)
{
    public Hash256 Hash => Keccak256.Hash(Encoded);
}

/// <summary>A made-up L1 block with true roots.</summary>
internal sealed record FakeL1Block(BlockHeader Header, IReadOnlyList<FakeItem> Items);

/// <summary>Makes L1 blocks, also with transactions and receipts of a type that nobody knows.</summary>
internal static class FakeL1
{
    public static readonly LogEntry Log = new(Address.FromNumber(0x10c), [Keccak256.Hash([1])], [7, 7]);

    public static FakeItem Known(ulong nonce, byte[]? data = null)
    {
        var transaction = new Transaction
        {
            Type = TransactionType.DynamicFee, ChainId = 1, Nonce = nonce, GasLimit = 21_000, To = Address.FromNumber(0xba7c4), Data = data ?? [], R = 1, S = 1,
        };
        var receipt = new Receipt { Type = transaction.Type, Succeeded = true, CumulativeGasUsed = 21_000 * (nonce + 1), Logs = [Log] };
        string json = Json(writer => EthJson.WriteTransaction(writer, transaction, NativeCrypto.Instance));
        return new FakeItem(transaction.Encoded, json, receipt.Encode(), Json(writer => EthJson.WriteReceipt(writer, receipt, transaction, NativeCrypto.Instance, default, 0)));
    }

    /// <summary>A transaction of type 0x05. Its receipt has the common form, or a fifth field that nobody knows.</summary>
    public static FakeItem Unknown(bool commonReceipt = true)
    {
        FakeItem known = Known(77);
        byte[] encoded = [5, 0xc2, 1, 2];
        var common = new Receipt { Type = (TransactionType)5, Succeeded = true, CumulativeGasUsed = 21_000 * 78, Logs = [Log] };
        byte[] receipt = common.Encode();
        if (!commonReceipt)
        {
            var writer = new RlpWriter(64);
            writer.WriteRaw([5]);
            int list = writer.BeginList();
            writer.WriteUInt64(1);
            writer.WriteUInt64(2);
            writer.EndList(list);
            receipt = writer.ToArray();
        }

        return new FakeItem(encoded, $$"""{"type":"0x5","hash":"{{Keccak256.Hash(encoded)}}"}""", receipt, known.ReceiptJson.Replace("\"type\":\"0x2\"", "\"type\":\"0x5\"", StringComparison.Ordinal));
    }

    /// <summary>A known transaction labelled as of type 0x05.</summary>
    public static FakeItem Mislabelled(FakeItem item) => item with { Json = $$"""{"type":"0x5","hash":"{{item.Hash}}"}""" };

    public static FakeL1Block Block(ulong number, Hash256 parent, params FakeItem[] items) => new(new BlockHeader
    {
        ParentHash = parent,
        Number = number,
        Timestamp = number * 12,
        BaseFeePerGas = new UInt256(7),
        TransactionsRoot = OrderedTrie.Root([.. items.Select(item => (ReadOnlyMemory<byte>)item.Encoded)]),
        ReceiptsRoot = OrderedTrie.Root([.. items.Select(item => (ReadOnlyMemory<byte>)item.Receipt)]),
        LogsBloom = items.Length > 0 ? Bloom.Of([Log]) : Bloom.Empty,
    }, items);

    private static string Json(Action<System.Text.Json.Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(stream)) write(writer);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
