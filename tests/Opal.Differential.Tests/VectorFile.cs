using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>A script with its outcome as a JSON file: a found difference, to be replayed without anvil.</summary>
/// <remarks>
/// <c>{name, about, fork, genesis, accounts: [{address, balance, nonce, code, storage: {slot: value}}], blocks: [{header, stateRoot?, transactions: [encoding],
/// outcomes: [{refused} | {succeeded, gasUsed, created, output, logs: [{address, topics, data}]}]}]}</c>; headers are RLP, and the state root in them is anvil's own kind, not read.
/// </remarks>
internal static class VectorFile
{
    /// <summary>A vector as read.</summary>
    public sealed record Vector(string Name, string About, ChainScript Script, IReadOnlyList<BlockOutcome> Expected);

    /// <summary>Writes a vector.</summary>
    public static byte[] Write(string name, string about, ChainScript script, IReadOnlyList<BlockOutcome> expected)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("about", about);
            json.WriteString("fork", script.Fork.Name);
            json.WriteString("genesis", Hex.Encode(script.Genesis.Encode()));
            json.WriteStartArray("accounts");
            foreach (GenesisAccount account in script.Accounts) WriteAccount(json, account);
            json.WriteEndArray();
            json.WriteStartArray("blocks");
            for (int i = 0; i < script.Blocks.Count; i++) WriteBlock(json, script.Blocks[i], expected[i]);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteAccount(Utf8JsonWriter json, GenesisAccount account)
    {
        json.WriteStartObject();
        json.WriteString("address", account.Address.ToString());
        json.WriteString("balance", account.Balance.ToQuantity());
        json.WriteString("nonce", Hex.Quantity(account.Nonce));
        json.WriteString("code", Hex.Encode(account.Code));
        json.WriteStartObject("storage");
        foreach ((UInt256 slot, UInt256 value) in account.Storage) json.WriteString(slot.ToQuantity(), value.ToQuantity());
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteBlock(Utf8JsonWriter json, ScriptBlock block, BlockOutcome expected)
    {
        json.WriteStartObject();
        json.WriteString("header", Hex.Encode(expected.Header.Encode()));
        if (expected.StateRoot is { } root) json.WriteString("stateRoot", root.ToString());
        json.WriteStartArray("transactions");
        foreach (Transaction transaction in block.Transactions) json.WriteStringValue(Hex.Encode(transaction.Encoded));
        json.WriteEndArray();
        json.WriteStartArray("outcomes");
        foreach (TxOutcome outcome in expected.Transactions)
        {
            json.WriteStartObject();
            if (outcome.Refusal is { } refusal)
            {
                json.WriteString("refused", refusal);
            }
            else
            {
                json.WriteBoolean("succeeded", outcome.Succeeded);
                json.WriteNumber("gasUsed", outcome.GasUsed);
                if (outcome.Created is { } created) json.WriteString("created", created.ToString());
                if (outcome.Output is { } output) json.WriteString("output", Hex.Encode(output));
                json.WriteStartArray("logs");
                foreach (LogEntry log in outcome.Logs)
                {
                    json.WriteStartObject();
                    json.WriteString("address", log.Address.ToString());
                    json.WriteStartArray("topics");
                    foreach (Hash256 topic in log.Topics) json.WriteStringValue(topic.ToString());
                    json.WriteEndArray();
                    json.WriteString("data", Hex.Encode(log.Data));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads a vector.</summary>
    public static Vector Read(ReadOnlyMemory<byte> file)
    {
        using JsonDocument document = JsonDocument.Parse(file);
        JsonElement root = document.RootElement;
        var accounts = new List<GenesisAccount>();
        foreach (JsonElement account in root.GetProperty("accounts").EnumerateArray())
        {
            accounts.Add(new GenesisAccount(
                Address.Parse(AnvilJson.Text(account, "address")),
                AnvilJson.Quantity(account.GetProperty("balance")),
                AnvilJson.UInt64(account, "nonce"),
                AnvilJson.Bytes(account, "code"),
                [.. account.GetProperty("storage").EnumerateObject().Select(s => (Parse(s.Name), AnvilJson.Quantity(s.Value)))]));
        }

        var blocks = new List<ScriptBlock>();
        var expected = new List<BlockOutcome>();
        foreach (JsonElement block in root.GetProperty("blocks").EnumerateArray())
        {
            BlockHeader header = Header(AnvilJson.Bytes(block, "header"));
            blocks.Add(new ScriptBlock(header, [.. block.GetProperty("transactions").EnumerateArray().Select(t => Decode(Hex.Decode(t.GetString())))]));
            expected.Add(new BlockOutcome(header, [.. block.GetProperty("outcomes").EnumerateArray().Select(ReadOutcome)],
                block.TryGetProperty("stateRoot", out _) ? AnvilJson.Hash(block, "stateRoot") : null));
        }

        var script = new ChainScript(FuzzFork.Find(AnvilJson.Text(root, "fork")), Header(AnvilJson.Bytes(root, "genesis")), accounts, blocks);
        return new Vector(AnvilJson.Text(root, "name"), AnvilJson.Text(root, "about"), script, expected);
    }

    private static TxOutcome ReadOutcome(JsonElement outcome)
    {
        if (outcome.TryGetProperty("refused", out JsonElement refused)) return new TxOutcome { Refusal = refused.GetString() };
        return new TxOutcome
        {
            Succeeded = outcome.GetProperty("succeeded").GetBoolean(),
            GasUsed = outcome.GetProperty("gasUsed").GetUInt64(),
            Created = outcome.TryGetProperty("created", out JsonElement created) ? Address.Parse(created.GetString()) : null,
            Output = outcome.TryGetProperty("output", out _) ? AnvilJson.Bytes(outcome, "output") : null,
            Logs = [.. outcome.GetProperty("logs").EnumerateArray().Select(AnvilJson.Log)],
        };
    }

    private static UInt256 Parse(string text) => UInt256.TryParse(text, out UInt256 value) ? value : throw new InvalidDataException($"'{text}' is no number");

    private static BlockHeader Header(byte[] encoded) => BlockHeader.TryDecode(encoded, out BlockHeader? header) ? header! : throw new InvalidDataException("a header does not decode");

    private static Transaction Decode(byte[] encoded) =>
        Transaction.TryDecode(encoded, out Transaction? transaction, out TransactionError error) ? transaction! : throw new InvalidDataException($"a transaction does not decode: {error}");
}
