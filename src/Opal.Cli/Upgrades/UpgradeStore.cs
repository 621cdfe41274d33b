using System.Text;
using System.Text.Json;
using Opal.JsonRpc;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Cli.Upgrades;

/// <summary>The installed network upgrade transactions: one JSON object, a bundle a fork, each as it was published.</summary>
/// <remarks>A bundle gets in only when its hash is the one that is pinned in the program.</remarks>
internal sealed class UpgradeStore(string path)
{
    private static readonly OptimismFork[] s_forks = [.. Enum.GetValues<OptimismFork>().Where(NetworkUpgrades.HasTransactions)];

    /// <summary>Forks that have upgrade transactions at all.</summary>
    public static IReadOnlyList<OptimismFork> Forks => s_forks;

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>The forks whose published bundle is here.</summary>
    /// <exception cref="ConfigFileException">The file is malformed.</exception>
    public IReadOnlyList<OptimismFork> Installed() =>
        File.Exists(Path) ? [.. UpgradeBundleFile.ReadCollection(Path).Where(NetworkUpgrades.IsPublished).Select(static bundle => bundle.Fork)] : [];

    /// <summary>Takes what is usable of a file: a published bundle, or a collection of bundles by fork.</summary>
    /// <param name="name">Where the text comes from, for errors.</param>
    /// <param name="text">The JSON.</param>
    /// <returns>The forks whose bundle was put in; those that were there already among them.</returns>
    /// <exception cref="ConfigFileException">The text is malformed, or holds nothing that is published.</exception>
    public IReadOnlyList<OptimismFork> Install(string name, byte[] text)
    {
        var found = new SortedDictionary<OptimismFork, string>();
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("transactions", out _)) TakeOne(name, text, found);
            else TakeAll(name, text, document.RootElement, found);
        }
        catch (JsonException error)
        {
            throw new ConfigFileException(name, $"is no JSON ({error.Message})", "give the published bundle, or a collection of bundles by fork", error);
        }

        if (found.Count == 0) throw new ConfigFileException(name, "holds no published bundle of upgrade transactions", "give the official file: its hash must be the one this program knows");
        Save(found);
        return [.. found.Keys];
    }

    /// <summary>A bundle does not name its fork: its hash does.</summary>
    private static void TakeOne(string name, byte[] text, SortedDictionary<OptimismFork, string> found)
    {
        foreach (OptimismFork fork in s_forks)
        {
            if (NetworkUpgrades.IsPublished(UpgradeBundleFile.Parse(name, text, fork))) found[fork] = Encoding.UTF8.GetString(text);
        }
    }

    private static void TakeAll(string name, byte[] text, JsonElement root, SortedDictionary<OptimismFork, string> found)
    {
        foreach (UpgradeBundle bundle in UpgradeBundleFile.ParseCollection(name, text))
        {
            if (!NetworkUpgrades.HasTransactions(bundle.Fork)) continue;
            if (!NetworkUpgrades.IsPublished(bundle))
            {
                throw new ConfigFileException(name, $"the bundle of {bundle.Fork} is not the published one (its hash is {bundle.Hash})", "install the official file; nothing was changed");
            }

            foreach (JsonProperty property in root.EnumerateObject())
            {
                if (IsOf(property.Name, bundle.Fork)) found[bundle.Fork] = property.Value.GetRawText();
            }
        }
    }

    private static bool IsOf(string name, OptimismFork fork) =>
        name.Equals($"{fork}", StringComparison.OrdinalIgnoreCase) || name.Equals($"{fork}Bundle", StringComparison.OrdinalIgnoreCase);

    private void Save(SortedDictionary<OptimismFork, string> found)
    {
        var all = new SortedDictionary<OptimismFork, string>();
        if (File.Exists(Path))
        {
            using JsonDocument old = JsonDocument.Parse(File.ReadAllBytes(Path));
            foreach (OptimismFork fork in s_forks)
            {
                foreach (JsonProperty property in old.RootElement.EnumerateObject())
                {
                    if (IsOf(property.Name, fork)) all[fork] = property.Value.GetRawText();
                }
            }
        }

        foreach ((OptimismFork fork, string bundle) in found) all[fork] = bundle;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach ((OptimismFork fork, string bundle) in all)
            {
                writer.WritePropertyName(fork.ToString().ToLowerInvariant());
                writer.WriteRawValue(bundle);
            }

            writer.WriteEndObject();
        }

        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
        DurableFile.Write(Path, buffer.ToArray());
    }
}
