using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>genesis.json in geth's form, both ways, for L1 chains and, with an <c>optimism</c> section, for L2 chains.</summary>
/// <remarks>Addresses and slots of the alloc may have a 0x prefix or not; numbers may be decimal, hexadecimal, or JSON numbers.</remarks>
public static class GenesisFile
{
    private const string What = "genesis file (genesis.json)";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="chain">The chain, for files without a <c>config</c> section, as the superchain registry has them.</param>
    /// <exception cref="ConfigFileException">The file is missing, malformed, or schedules an upgrade that is not supported.</exception>
    public static ChainGenesis Read(string path, ChainSpec? chain = null) =>
        JsonConfigFile.Read(path, What, value => ReadValue(value, chain));

    /// <summary>Reads text that came from <paramref name="name"/>.</summary>
    /// <exception cref="ConfigFileException">The text is malformed, or schedules an upgrade that is not supported.</exception>
    public static ChainGenesis Parse(string name, ReadOnlyMemory<byte> utf8, ChainSpec? chain = null) =>
        JsonConfigFile.Parse(name, What, utf8, value => ReadValue(value, chain));

    /// <summary>Writes a file.</summary>
    public static void Save(string path, ChainGenesis chain)
    {
        using FileStream file = File.Create(path);
        using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true, IndentSize = 1 });
        Write(writer, chain);
    }

    /// <summary>Reads the object.</summary>
    /// <exception cref="JsonFormatException">A field is malformed.</exception>
    public static ChainGenesis ReadValue(JsonValue value, ChainSpec? chain = null)
    {
        ChainSpec spec = value.TryGet("config", out JsonValue config) || chain is null ? ChainConfigJson.Read(config.IsNull ? value["config"] : config) : chain;
        bool hasState = value.TryGet("alloc", out JsonValue alloc);
        Hash256? stateHash = value.OrNull("stateHash", static v => v.AsHash());
        if (!hasState && stateHash is null) throw new JsonFormatException("field \"alloc\" is missing: the accounts of the genesis state");
        var genesis = new Genesis
        {
            Accounts = hasState ? ReadAlloc(alloc) : [],
            StateRoot = stateHash,
            Number = Number(value, "number") ?? 0,
            ParentHash = value.OrNull("parentHash", static v => v.AsHash()) ?? Hash256.Zero,
            Timestamp = Number(value, "timestamp") ?? 0,
            GasLimit = value["gasLimit"].AsLooseUInt64(),
            GasUsed = Number(value, "gasUsed") ?? 0,
            Difficulty = value.OrNull("difficulty", static v => v.AsLooseNumber()) ?? UInt256.Zero,
            MixHash = value.OrNull("mixHash", static v => v.AsHash()) ?? value.OrNull("mixhash", static v => v.AsHash()) ?? Hash256.Zero,
            Coinbase = value.OrNull("coinbase", static v => v.AsAddress()) ?? Address.Zero,
            Nonce = Number(value, "nonce") ?? 0,
            ExtraData = value.OrNone("extraData", static v => v.AsString().Length == 0 ? [] : v.AsData()) ?? [],
            BaseFeePerGas = value.OrNull("baseFeePerGas", static v => v.AsLooseNumber()),
            BlobGasUsed = Number(value, "blobGasUsed"),
            ExcessBlobGas = Number(value, "excessBlobGas"),
            ParentBeaconBlockRoot = value.OrNull("parentBeaconBlockRoot", static v => v.AsHash()),
        };
        return new ChainGenesis(genesis, spec);
    }

    private static ulong? Number(JsonValue value, string field) => value.OrNull(field, static v => v.AsLooseUInt64());

    private static List<GenesisAccount> ReadAlloc(JsonValue alloc)
    {
        if (alloc.Element.ValueKind != JsonValueKind.Object) throw alloc.Fault("expected an object of accounts by address");
        var accounts = new List<GenesisAccount>(alloc.Element.GetPropertyCount());
        var seen = new HashSet<Address>();
        foreach (JsonProperty property in alloc.Element.EnumerateObject())
        {
            if (!Address.TryParse(property.Name, out Address address)) throw new JsonFormatException($"alloc: \"{property.Name}\" is no address (40 hexadecimal digits)");
            if (!seen.Add(address)) throw new JsonFormatException($"alloc: account {address} is given twice");
            accounts.Add(ReadAccount(address, new JsonValue(property.Value, $"alloc {property.Name}")));
        }

        return accounts;
    }

    private static GenesisAccount ReadAccount(Address address, JsonValue value)
    {
        var storage = new List<(UInt256 Slot, UInt256 Value)>();
        if (value.TryGet("storage", out JsonValue slots))
        {
            if (slots.Element.ValueKind != JsonValueKind.Object) throw slots.Fault("expected an object of values by slot");
            foreach (JsonProperty slot in slots.Element.EnumerateObject())
            {
                storage.Add((ReadWord(slot.Name, value.Name), ReadWord(slot.Value.ValueKind == JsonValueKind.String ? slot.Value.GetString()! : "", value.Name)));
            }
        }

        byte[] code = value.OrNone("code", static v => ReadBytes(v)) ?? [];
        return new GenesisAccount(address, value.OrNull("balance", static v => v.AsLooseNumber()) ?? UInt256.Zero, Number(value, "nonce") ?? 0, code, storage);
    }

    private static byte[] ReadBytes(JsonValue value) => Hex.TryDecode(value.AsString(), out byte[] bytes) ? bytes : throw value.Fault("expected hexadecimal digits, two a byte");

    /// <summary>A storage word: up to 64 hexadecimal digits, with or without 0x.</summary>
    private static UInt256 ReadWord(string text, string account)
    {
        ReadOnlySpan<char> digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        return digits.Length is > 0 and <= 64 && UInt256.TryParse($"0x{digits}", out UInt256 word)
            ? word
            : throw new JsonFormatException($"{account}: storage has \"{text}\", expected a word of up to 64 hexadecimal digits");
    }

    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter writer, ChainGenesis chain)
    {
        Genesis genesis = chain.Genesis;
        writer.WriteStartObject();
        writer.WritePropertyName("config"u8);
        ChainConfigJson.Write(writer, chain.Spec);
        writer.WriteQuantity("nonce"u8, genesis.Nonce);
        writer.WriteQuantity("timestamp"u8, genesis.Timestamp);
        writer.WriteData("extraData"u8, genesis.ExtraData);
        writer.WriteQuantity("gasLimit"u8, genesis.GasLimit);
        writer.WriteQuantity("difficulty"u8, genesis.Difficulty);
        writer.WriteHash("mixHash"u8, genesis.MixHash);
        writer.WriteAddress("coinbase"u8, genesis.Coinbase);
        writer.WriteQuantity("number"u8, genesis.Number);
        writer.WriteQuantity("gasUsed"u8, genesis.GasUsed);
        writer.WriteHash("parentHash"u8, genesis.ParentHash);
        if (genesis.BaseFeePerGas is { } baseFee) writer.WriteQuantity("baseFeePerGas"u8, baseFee);
        if (genesis.ExcessBlobGas is { } excess) writer.WriteQuantity("excessBlobGas"u8, excess);
        if (genesis.BlobGasUsed is { } used) writer.WriteQuantity("blobGasUsed"u8, used);
        if (genesis.ParentBeaconBlockRoot is { } beacon) writer.WriteHash("parentBeaconBlockRoot"u8, beacon);
        if (genesis.StateRoot is { } stateRoot) writer.WriteHash("stateHash"u8, stateRoot);
        writer.WriteStartObject("alloc"u8);
        foreach (GenesisAccount account in genesis.Accounts) WriteAccount(writer, account);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteAccount(Utf8JsonWriter writer, GenesisAccount account)
    {
        writer.WriteStartObject(account.Address.ToString());
        if (account.Code.Length > 0) writer.WriteData("code"u8, account.Code);
        if (account.Storage.Count > 0)
        {
            writer.WriteStartObject("storage"u8);
            foreach ((UInt256 slot, UInt256 value) in account.Storage) writer.WriteString(Hex.Encode(slot.ToBigEndianArray()), Hex.Encode(value.ToBigEndianArray()));
            writer.WriteEndObject();
        }

        writer.WriteQuantity("balance"u8, account.Balance);
        if (account.Nonce != 0) writer.WriteQuantity("nonce"u8, account.Nonce);
        writer.WriteEndObject();
    }
}
