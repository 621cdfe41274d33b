using System.IO.Compression;
using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>Reads what anvil answers.</summary>
internal static class AnvilJson
{
    /// <summary>A header; its hash must be the one that anvil states.</summary>
    /// <exception cref="InvalidDataException">The fields read do not hash to the block's hash: a field is missing here.</exception>
    public static BlockHeader Header(JsonElement block)
    {
        var header = new BlockHeader
        {
            ParentHash = Hash(block, "parentHash"),
            OmmersHash = Hash(block, "sha3Uncles"),
            Beneficiary = Address.Parse(Text(block, "miner")),
            StateRoot = Hash(block, "stateRoot"),
            TransactionsRoot = Hash(block, "transactionsRoot"),
            ReceiptsRoot = Hash(block, "receiptsRoot"),
            LogsBloom = Bloom.FromBytes(Bytes(block, "logsBloom")),
            Difficulty = Number(block, "difficulty"),
            Number = UInt64(block, "number"),
            GasLimit = UInt64(block, "gasLimit"),
            GasUsed = UInt64(block, "gasUsed"),
            Timestamp = UInt64(block, "timestamp"),
            ExtraData = Bytes(block, "extraData"),
            MixHash = Hash(block, "mixHash"),
            Nonce = UInt64(block, "nonce"),
            BaseFeePerGas = Has(block, "baseFeePerGas") ? Number(block, "baseFeePerGas") : null,
            WithdrawalsRoot = Has(block, "withdrawalsRoot") ? Hash(block, "withdrawalsRoot") : null,
            BlobGasUsed = Has(block, "blobGasUsed") ? UInt64(block, "blobGasUsed") : null,
            ExcessBlobGas = Has(block, "excessBlobGas") ? UInt64(block, "excessBlobGas") : null,
            ParentBeaconBlockRoot = Has(block, "parentBeaconBlockRoot") ? Hash(block, "parentBeaconBlockRoot") : null,
            RequestsHash = Has(block, "requestsHash") ? Hash(block, "requestsHash") : null,
        };
        Hash256 stated = Hash(block, "hash");
        return header.Hash == stated ? header : throw new InvalidDataException($"block {header.Number}: anvil's hash is {stated}, its fields give {header.Hash}");
    }

    /// <summary>A receipt's outcome, without output.</summary>
    public static TxOutcome Outcome(JsonElement receipt) => new()
    {
        Succeeded = UInt64(receipt, "status") == 1,
        GasUsed = UInt64(receipt, "gasUsed"),
        Created = Has(receipt, "contractAddress") ? Address.Parse(Text(receipt, "contractAddress")) : null,
        Logs = [.. receipt.GetProperty("logs").EnumerateArray().Select(Log)],
    };

    /// <summary>The state as anvil dumps it, hexadecimal gzip of JSON, without what its store keeps beyond the state: slots of value zero and empty accounts.</summary>
    public static List<GenesisAccount> State(JsonElement dump)
    {
        using var gzip = new GZipStream(new MemoryStream(Hex.Decode(dump.GetString())), CompressionMode.Decompress);
        using JsonDocument document = JsonDocument.Parse(gzip);
        var accounts = new List<GenesisAccount>();
        foreach (JsonProperty entry in document.RootElement.GetProperty("accounts").EnumerateObject())
        {
            var storage = new List<(UInt256, UInt256)>();
            foreach (JsonProperty slot in entry.Value.GetProperty("storage").EnumerateObject())
            {
                UInt256 value = Quantity(slot.Value);
                if (!value.IsZero) storage.Add((Hash256.Parse(slot.Name).ToUInt256(), value));
            }

            var account = new GenesisAccount(Address.Parse(entry.Name), Number(entry.Value, "balance"), UInt64(entry.Value, "nonce"), Bytes(entry.Value, "code"), storage);
            if (!account.Balance.IsZero || account.Nonce != 0 || account.Code.Length > 0) accounts.Add(account);
        }

        return accounts;
    }

    /// <summary>A log.</summary>
    public static LogEntry Log(JsonElement log) => new(
        Address.Parse(Text(log, "address")),
        [.. log.GetProperty("topics").EnumerateArray().Select(t => Hash256.Parse(t.GetString()))],
        Bytes(log, "data"));

    /// <summary>A member's text.</summary>
    public static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new InvalidDataException(name + " is null");

    /// <summary>A member's bytes.</summary>
    public static byte[] Bytes(JsonElement element, string name) => Hex.Decode(Text(element, name));

    /// <summary>A member's hash.</summary>
    public static Hash256 Hash(JsonElement element, string name) => Hash256.Parse(Text(element, name));

    /// <summary>A member's quantity.</summary>
    public static ulong UInt64(JsonElement element, string name) => (ulong)Number(element, name);

    private static UInt256 Number(JsonElement element, string name) => Quantity(element.GetProperty(name));

    /// <summary>A quantity, of hex digits or a JSON number.</summary>
    public static UInt256 Quantity(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number) return value.GetUInt64();
        return UInt256.TryParse(value.GetString(), out UInt256 number) ? number : throw new InvalidDataException($"{value} is no quantity");
    }

    private static bool Has(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;
}
