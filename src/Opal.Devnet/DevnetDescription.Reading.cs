using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Devnet;

public sealed partial record DevnetDescription
{
    /// <summary>Reads the devnet.json of a data directory.</summary>
    /// <exception cref="DevnetException">There is none, or it is damaged.</exception>
    public static DevnetDescription Read(string directory)
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return ReadValue(new JsonValue(document.RootElement, FileName));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DevnetException($"there is no {FileName} in {directory}: no devnet runs there ('opal devnet --datadir {directory}' starts one)", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or JsonFormatException)
        {
            throw new DevnetException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private static DevnetDescription ReadValue(JsonValue value)
    {
        JsonValue l1 = value["l1"], l2 = value["l2"];
        bool hasVerifier = value.TryGet("verifier", out JsonValue verifier);
        return new DevnetDescription
        {
            L1ChainId = l1["chainId"].AsNumber(),
            L1Rpc = Url(l1["rpc"]),
            L1Beacon = l1.OrNone("beacon", Url),
            L2ChainId = l2["chainId"].AsNumber(),
            L2Rpc = Url(l2["rpc"]),
            L2WebSocket = Url(l2["ws"]),
            L2Engine = Url(l2["engine"]),
            JwtFile = l2["jwtFile"].AsString(),
            NodeRpc = Url(value["node"]["rpc"]),
            VerifierL2Rpc = hasVerifier ? Url(verifier["l2Rpc"]) : null,
            VerifierNodeRpc = hasVerifier ? Url(verifier["nodeRpc"]) : null,
            BatcherRpc = Url(value["batcher"]["rpc"]),
            ProposerRpc = Url(value["proposer"]["rpc"]),
            Proofs = value.OrNone("proofs", static name => name.AsString()) == DevnetState.NameOf(WithdrawalProofs.Games) ? WithdrawalProofs.Games : WithdrawalProofs.OutputOracle,
            RollupConfigFile = value["rollupConfig"].AsString(),
            GenesisFile = value["genesis"].AsString(),
            Addresses = ReadAddresses(value["addresses"]),
            Accounts = value["accounts"].AsArray(static item => new DevnetAccount(item["address"].AsAddress(), item["privateKey"].AsData(32))),
            Roles = ReadAddresses(value["roles"]),
        };
    }

    private static Uri Url(JsonValue value) => Uri.TryCreate(value.AsString(), UriKind.Absolute, out Uri? url) ? url : throw value.Fault("expected a URL");

    private static List<KeyValuePair<string, Address>> ReadAddresses(JsonValue value) =>
        [.. value.Element.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, new JsonValue(property.Value, property.Name).AsAddress()))];
}
