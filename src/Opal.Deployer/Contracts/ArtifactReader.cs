using System.Text.Json;
using Opal.Deployer.Abi;
using Opal.Primitives;

namespace Opal.Deployer.Contracts;

/// <summary>Reads the parts that both forms of an artifact (our bundle's and forge's) share.</summary>
internal static class ArtifactReader
{
    /// <summary>The entry of a contract in the bundle.</summary>
    public static ContractArtifact FromBundle(string name, JsonElement contract)
    {
        var immutables = new List<IReadOnlyList<int>>();
        foreach (JsonElement offsets in contract.GetProperty("immutableReferences").EnumerateArray())
        {
            immutables.Add([.. offsets.EnumerateArray().Select(offset => offset.GetInt32())]);
        }

        return Build(name, contract.GetProperty("abi"), contract.GetProperty("initCode"), contract.GetProperty("runtimeCode"), immutables,
            contract.GetProperty("storageLayout"));
    }

    /// <summary>A raw artifact of forge.</summary>
    public static ContractArtifact FromForge(string name, JsonElement artifact)
    {
        JsonElement deployed = artifact.GetProperty("deployedBytecode");
        var immutables = new List<IReadOnlyList<int>>();
        if (deployed.TryGetProperty("immutableReferences", out JsonElement references))
        {
            // keyed by the syntax tree's ids, which grow in order of declaration
            foreach (JsonProperty reference in references.EnumerateObject().OrderBy(entry => long.Parse(entry.Name)))
            {
                immutables.Add([.. reference.Value.EnumerateArray().Select(place => place.GetProperty("start").GetInt32())]);
            }
        }

        JsonElement storage = artifact.TryGetProperty("storageLayout", out JsonElement layout) && layout.ValueKind == JsonValueKind.Object
            ? layout.GetProperty("storage")
            : default;
        return Build(name, artifact.GetProperty("abi"), artifact.GetProperty("bytecode").GetProperty("object"), deployed.GetProperty("object"), immutables, storage);
    }

    private static ContractArtifact Build(
        string name, JsonElement abi, JsonElement init, JsonElement runtime, List<IReadOnlyList<int>> immutables, JsonElement storage)
    {
        var functions = new List<AbiFunction>();
        var errors = new List<AbiFunction>();
        var events = new List<AbiFunction>();
        IReadOnlyList<AbiType> constructor = [];
        foreach (JsonElement entry in abi.EnumerateArray())
        {
            switch (entry.GetProperty("type").GetString())
            {
                case "constructor": constructor = AbiType.Parse(TypesOf(entry, "inputs")).Components; break;
                case "function": functions.Add(Signature(entry)); break;
                case "error": errors.Add(Signature(entry)); break;
                case "event": events.Add(Signature(entry)); break;
                default: break; // receive and fallback have no signature
            }
        }

        return new ContractArtifact
        {
            Name = name,
            InitCode = Code(name, init),
            RuntimeCode = Code(name, runtime),
            ImmutableReferences = immutables,
            StorageLayout = storage.ValueKind != JsonValueKind.Array ? [] : [.. storage.EnumerateArray().Select(Variable)],
            Constructor = constructor,
            Functions = functions,
            Errors = errors,
            Events = events,
        };
    }

    private static AbiFunction Signature(JsonElement entry) => new(
        entry.GetProperty("name").GetString() + TypesOf(entry, "inputs"), entry.TryGetProperty("outputs", out _) ? TypesOf(entry, "outputs") : "()");

    private static string TypesOf(JsonElement entry, string list) => $"({string.Join(',', entry.GetProperty(list).EnumerateArray().Select(TypeOf))})";

    private static string TypeOf(JsonElement parameter)
    {
        string type = parameter.GetProperty("type").GetString()!;
        return type.StartsWith("tuple", StringComparison.Ordinal) ? TypesOf(parameter, "components") + type[5..] : type;
    }

    private static StorageVariable Variable(JsonElement variable) => new(
        variable.GetProperty("label").GetString()!, variable.GetProperty("slot").GetString()!, variable.GetProperty("offset").GetInt32(),
        variable.GetProperty("type").GetString()!);

    private static byte[] Code(string name, JsonElement text) => text.GetString() is { } hex && Hex.TryDecode(hex, out byte[] code)
        ? code
        : throw new DeployerException($"the code of {name} is not linked bytecode (a library's address is missing in it)");
}
