using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>Network upgrade bundles as files.</summary>
/// <remarks>
/// Two shapes: one bundle as published, <c>{"metadata": {"version": "1.0.0"}, "transactions": [{"intent", "from", "to", "data", "gasLimit"}]}</c>; and a
/// collection, an object with a list of such transactions per fork (<c>ecotone</c>, …) or a published bundle as <c>karstBundle</c>.
/// What is read is not judged here: <see cref="NetworkUpgrades.IsPublished"/> knows the true ones.
/// </remarks>
public static class UpgradeBundleFile
{
    private const string What = "network upgrade bundle";
    private const string Version = "1.0.0";

    /// <summary>Reads one bundle of a fork.</summary>
    /// <exception cref="ConfigFileException">The file is missing or malformed.</exception>
    public static UpgradeBundle Read(string path, OptimismFork fork) => JsonConfigFile.Read(path, What, value => ReadBundle(value, fork));

    /// <summary>Reads one bundle of a fork from text that came from <paramref name="name"/>.</summary>
    /// <exception cref="ConfigFileException">The text is malformed.</exception>
    public static UpgradeBundle Parse(string name, ReadOnlyMemory<byte> utf8, OptimismFork fork) => JsonConfigFile.Parse(name, What, utf8, value => ReadBundle(value, fork));

    /// <summary>Reads a collection: the bundles of all forks it has; entries of forks unknown here are left out.</summary>
    /// <exception cref="ConfigFileException">The file is missing or malformed.</exception>
    public static IReadOnlyList<UpgradeBundle> ReadCollection(string path) => JsonConfigFile.Read(path, What, ReadAll);

    /// <summary>Reads a collection from text that came from <paramref name="name"/>.</summary>
    /// <exception cref="ConfigFileException">The text is malformed.</exception>
    public static IReadOnlyList<UpgradeBundle> ParseCollection(string name, ReadOnlyMemory<byte> utf8) => JsonConfigFile.Parse(name, What, utf8, ReadAll);

    private static List<UpgradeBundle> ReadAll(JsonValue value)
    {
        if (value.Element.ValueKind != JsonValueKind.Object) throw value.Fault("expected an object");
        var bundles = new List<UpgradeBundle>();
        foreach (JsonProperty property in value.Element.EnumerateObject())
        {
            string name = property.Name.EndsWith("Bundle", StringComparison.Ordinal) ? property.Name[..^"Bundle".Length] : property.Name;
            if (Enum.TryParse(name, ignoreCase: true, out OptimismFork fork) && !char.IsAsciiDigit(name[0])) bundles.Add(ReadBundle(new JsonValue(property.Value, property.Name), fork));
        }

        return bundles;
    }

    private static UpgradeBundle ReadBundle(JsonValue value, OptimismFork fork)
    {
        if (value.Element.ValueKind == JsonValueKind.Array) return new UpgradeBundle(fork, value.AsArray(ReadTransaction));
        JsonValue version = value["metadata"]["version"];
        if (version.AsString() != Version) throw version.Fault($"expected version {Version} of the bundle format");
        return new UpgradeBundle(fork, value["transactions"].AsArray(ReadTransaction));
    }

    private static UpgradeTransaction ReadTransaction(JsonValue value)
    {
        foreach (string amount in (ReadOnlySpan<string>)["mint", "value"])
        {
            if (value.TryGet(amount, out JsonValue given) && !given.AsLooseNumber().IsZero) throw given.Fault("an upgrade transaction moves no ether");
        }

        if (value.TryGet("isSystemTx", out JsonValue isSystem) && isSystem.AsBool()) throw isSystem.Fault("an upgrade transaction is no system transaction");
        string intent = value["intent"].AsString();
        if (intent.Length == 0) throw value["intent"].Fault("an upgrade transaction has an intent: its hash is made of it");
        return new UpgradeTransaction(
            intent,
            value["from"].AsAddress(),
            value.OrNull("to", static v => v.AsAddress()),
            value["data"].AsData(),
            value["gasLimit"].AsLooseUInt64());
    }
}
