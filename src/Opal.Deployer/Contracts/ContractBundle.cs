using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using Opal.Primitives;

namespace Opal.Deployer.Contracts;

/// <summary>A well-known contract of other projects that is there from the first block.</summary>
/// <param name="Name">Its name in the official list.</param>
/// <param name="Address">Where it lives on every chain.</param>
/// <param name="Code">Its deployed code; of Permit2, a template.</param>
public sealed record Preinstall(string Name, Address Address, ReadOnlyMemory<byte> Code);

/// <summary>The compiled contracts of one release: those embedded in the program, or a folder of forge artifacts.</summary>
public sealed partial class ContractBundle : IDisposable
{
    private const string ResourceName = "Opal.Deployer.bundle.json.gz";
    private static readonly Lazy<ContractBundle> LazyEmbedded = new(LoadEmbedded);

    private readonly ConcurrentDictionary<string, ContractArtifact> _contracts = new(StringComparer.Ordinal);
    private readonly Func<string, ContractArtifact> _load;
    private readonly JsonDocument? _document;

    private ContractBundle(string version, IReadOnlyList<Preinstall> preinstalls, Func<string, ContractArtifact> load, JsonDocument? document)
    {
        Version = version;
        Preinstalls = preinstalls;
        _load = load;
        _document = document;
    }

    /// <summary>The bundle that the program carries.</summary>
    /// <exception cref="DeployerException">The program was built without it.</exception>
    public static ContractBundle Embedded => LazyEmbedded.Value;

    /// <summary>Package name and version, such as <c>@eth-optimism/contracts-bedrock 0.17.3</c>.</summary>
    public string Version { get; }

    /// <summary>The preinstalls, sorted by name.</summary>
    public IReadOnlyList<Preinstall> Preinstalls { get; }

    /// <summary>The contract of this name. Safe to call from several threads.</summary>
    /// <exception cref="DeployerException">The release has none.</exception>
    public ContractArtifact this[string name] => _contracts.GetOrAdd(name, _load);

    /// <summary>The preinstall of this name.</summary>
    /// <exception cref="DeployerException">The release has none.</exception>
    public Preinstall Preinstall(string name) => Preinstalls.FirstOrDefault(preinstall => preinstall.Name == name)
        ?? throw new DeployerException($"{Version} has no preinstall {name}");

    /// <summary>Reads a bundle that eng/bundle-contracts.mjs wrote.</summary>
    /// <exception cref="DeployerException">It is damaged.</exception>
    public static ContractBundle FromGzip(Stream stream)
    {
        try
        {
            using var gzip = new GZipStream(stream, CompressionMode.Decompress);
            JsonDocument document = JsonDocument.Parse(gzip);
            JsonElement root = document.RootElement;
            JsonElement contracts = root.GetProperty("contracts");
            string version = $"{root.GetProperty("package").GetString()} {root.GetProperty("version").GetString()}";
            var preinstalls = new List<Preinstall>();
            foreach (JsonProperty entry in root.GetProperty("preinstalls").EnumerateObject())
            {
                preinstalls.Add(new Preinstall(entry.Name, Address.Parse(entry.Value.GetProperty("address").GetString()), Hex.Decode(entry.Value.GetProperty("code").GetString())));
            }

            return new ContractBundle(version, preinstalls, Load, document);

            ContractArtifact Load(string name) => contracts.TryGetProperty(name, out JsonElement contract)
                ? ArtifactReader.FromBundle(name, contract)
                : throw new DeployerException($"{version}, as packed, has no contract {name}");
        }
        catch (Exception error) when (error is JsonException or InvalidDataException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new DeployerException($"the contract bundle is damaged ({error.Message}); remove .opal/contracts and build again with ./opal", error);
        }
    }

    /// <summary>
    /// Another release's folder of raw artifacts, as <c>forge build</c> leaves them: <c>DIR/NAME.sol/NAME.json</c>. The
    /// preinstalls come from <c>DIR/../src/libraries/Preinstalls.sol</c> where that is, else from the embedded bundle.
    /// </summary>
    /// <exception cref="DeployerException">The folder is not there.</exception>
    public static ContractBundle FromFolder(string folder)
    {
        if (!Directory.Exists(folder)) throw new DeployerException($"there is no folder of contract artifacts at {folder}");
        string parent = Path.GetDirectoryName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar)) ?? "/";
        string source = Path.Combine(parent, "src", "libraries", "Preinstalls.sol");
        string manifest = Path.Combine(parent, "package.json");
        string version = $"artifacts in {folder}";
        if (File.Exists(manifest))
        {
            using JsonDocument package = ReadJson(manifest);
            if (package.RootElement.TryGetProperty("name", out JsonElement name) && package.RootElement.TryGetProperty("version", out JsonElement number))
            {
                version = $"{name.GetString()} {number.GetString()}";
            }
        }

        return new ContractBundle(version, File.Exists(source) ? ParsePreinstalls(File.ReadAllText(source), source) : Embedded.Preinstalls, Load, null);

        ContractArtifact Load(string name)
        {
            string path = Path.Combine(folder, $"{name}.sol", $"{name}.json");
            if (!File.Exists(path)) throw new DeployerException($"the contract {name} is not among the artifacts: {path} does not exist");
            using JsonDocument artifact = ReadJson(path);
            try
            {
                return ArtifactReader.FromForge(name, artifact.RootElement);
            }
            catch (Exception error) when (error is KeyNotFoundException or FormatException or InvalidOperationException)
            {
                throw new DeployerException($"{path} is not an artifact of forge: {error.Message}", error);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _document?.Dispose();

    private static ContractBundle LoadEmbedded()
    {
        using Stream stream = typeof(ContractBundle).Assembly.GetManifestResourceStream(ResourceName) ?? throw new DeployerException(
            "this build carries no contracts: build with ./opal, whose set-up packs them (eng/bundle-contracts.mjs), or name a folder with --artifacts");
        return FromGzip(stream);
    }

    private static JsonDocument ReadJson(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DeployerException($"cannot read {path}: {error.Message}", error);
        }
    }

    private static List<Preinstall> ParsePreinstalls(string source, string path)
    {
        var addresses = new Dictionary<string, Address>(StringComparer.Ordinal);
        foreach (Match match in AddressConstant().Matches(source)) addresses[match.Groups[1].Value] = Address.Parse(match.Groups[2].Value);
        var preinstalls = new List<Preinstall>();
        foreach (Match match in CodeConstant().Matches(source))
        {
            string name = match.Groups[1].Value;
            if (name == "Permit2Template") name = "Permit2";
            if (addresses.TryGetValue(name, out Address address)) preinstalls.Add(new Preinstall(name, address, Hex.Decode(match.Groups[2].Value)));
        }

        if (preinstalls.Count == 0) throw new DeployerException($"{path} has no code of preinstalls in the form this deployer reads");
        return [.. preinstalls.OrderBy(preinstall => preinstall.Name, StringComparer.Ordinal)];
    }

    [GeneratedRegex("address internal constant (\\w+) = (0x[0-9a-fA-F]{40});")]
    private static partial Regex AddressConstant();

    [GeneratedRegex("bytes internal constant (\\w+)Code =\\s*hex\"([0-9a-fA-F]+)\";")]
    private static partial Regex CodeConstant();
}
