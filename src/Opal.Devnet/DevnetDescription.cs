using System.Text.Json;
using Opal.Primitives;

namespace Opal.Devnet;

/// <summary>An account with its key, as devnet.json lists it.</summary>
public sealed record DevnetAccount(Address Address, byte[] PrivateKey);

/// <summary>devnet.json: everything a tool needs to use the devnet.</summary>
public sealed partial record DevnetDescription
{
    /// <summary>The name of the file in the data directory.</summary>
    public const string FileName = "devnet.json";

    public required ulong L1ChainId { get; init; }
    public required Uri L1Rpc { get; init; }
    public required Uri? L1Beacon { get; init; }
    public required ulong L2ChainId { get; init; }
    public required Uri L2Rpc { get; init; }
    public required Uri L2WebSocket { get; init; }
    public required Uri L2Engine { get; init; }
    public required string JwtFile { get; init; }
    public required Uri NodeRpc { get; init; }
    public required Uri? VerifierL2Rpc { get; init; }
    public required Uri? VerifierNodeRpc { get; init; }
    public required Uri BatcherRpc { get; init; }
    public required Uri ProposerRpc { get; init; }

    /// <summary>How withdrawals are proven.</summary>
    public WithdrawalProofs Proofs { get; init; }

    public required string RollupConfigFile { get; init; }
    public required string GenesisFile { get; init; }
    public required IReadOnlyList<KeyValuePair<string, Address>> Addresses { get; init; }
    public required IReadOnlyList<DevnetAccount> Accounts { get; init; }
    public required IReadOnlyList<KeyValuePair<string, Address>> Roles { get; init; }

    /// <summary>Writes the file so that a reader sees nothing or all of it; readable by its owner only, since it holds keys.</summary>
    public void Write(string directory)
    {
        string final = Path.Combine(directory, FileName), temporary = final + ".tmp";
        using (var stream = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            WriteJson(json);
            json.Flush();
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, final, overwrite: true);
    }

    private void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();

        json.WriteStartObject("l1");
        json.WriteNumber("chainId", L1ChainId);
        json.WriteString("rpc", Text(L1Rpc));
        json.WriteString("beacon", L1Beacon is null ? null : Text(L1Beacon));
        json.WriteEndObject();

        json.WriteStartObject("l2");
        json.WriteNumber("chainId", L2ChainId);
        json.WriteString("rpc", Text(L2Rpc));
        json.WriteString("ws", Text(L2WebSocket));
        json.WriteString("engine", Text(L2Engine));
        json.WriteString("jwtFile", JwtFile);
        json.WriteEndObject();

        json.WriteStartObject("node");
        json.WriteString("rpc", Text(NodeRpc));
        json.WriteEndObject();

        if (VerifierL2Rpc is not null && VerifierNodeRpc is not null)
        {
            json.WriteStartObject("verifier");
            json.WriteString("l2Rpc", Text(VerifierL2Rpc));
            json.WriteString("nodeRpc", Text(VerifierNodeRpc));
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("verifier");
        }

        json.WriteStartObject("batcher");
        json.WriteString("rpc", Text(BatcherRpc));
        json.WriteEndObject();
        json.WriteStartObject("proposer");
        json.WriteString("rpc", Text(ProposerRpc));
        json.WriteEndObject();

        json.WriteString("proofs", DevnetState.NameOf(Proofs));
        json.WriteString("rollupConfig", RollupConfigFile);
        json.WriteString("genesis", GenesisFile);
        WriteAddresses(json, "addresses", Addresses);
        json.WriteStartArray("accounts");
        foreach (DevnetAccount account in Accounts)
        {
            json.WriteStartObject();
            json.WriteString("address", account.Address.ToChecksumString());
            json.WriteString("privateKey", Hex.Encode(account.PrivateKey));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteAddresses(json, "roles", Roles);
        json.WriteEndObject();
    }

    private static string Text(Uri url) => url.ToString().TrimEnd('/');

    private static void WriteAddresses(Utf8JsonWriter json, string name, IReadOnlyList<KeyValuePair<string, Address>> addresses)
    {
        json.WriteStartObject(name);
        foreach ((string key, Address address) in addresses) json.WriteString(key, address.ToChecksumString());
        json.WriteEndObject();
    }
}
