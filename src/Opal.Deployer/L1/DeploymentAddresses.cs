using System.Text.Json;
using Opal.Deployer.L2;
using Opal.Primitives;

namespace Opal.Deployer.L1;

/// <summary>The contracts of a deployment by their official names, such as <c>SystemConfigProxy</c>.</summary>
public sealed class DeploymentAddresses
{
    private readonly SortedDictionary<string, Address> _addresses = new(StringComparer.Ordinal);

    /// <summary>The address of a contract; setting adds it.</summary>
    /// <exception cref="DeployerException">It is not part of this deployment.</exception>
    public Address this[string name]
    {
        get => _addresses.TryGetValue(name, out Address address) ? address : throw new DeployerException($"the deployment has no {name}");
        set => _addresses[name] = value;
    }

    /// <summary>All contracts in order of name.</summary>
    public IReadOnlyDictionary<string, Address> All => _addresses;

    /// <summary>What the L2 genesis needs of them.</summary>
    public L1BridgeAddresses Bridges => new(this["L1CrossDomainMessengerProxy"], this["L1StandardBridgeProxy"], this["L1ERC721BridgeProxy"]);

    /// <summary>The address of a contract, if it is part of this deployment.</summary>
    public bool TryGet(string name, out Address address) => _addresses.TryGetValue(name, out address);

    /// <summary>Reads a flat JSON object of names and addresses (other values are passed over), or a folder of <c>NAME.json</c> with an <c>address</c> key.</summary>
    /// <exception cref="DeployerException">There is nothing to read, or it is damaged.</exception>
    public static DeploymentAddresses Load(string path)
    {
        var result = new DeploymentAddresses();
        try
        {
            if (Directory.Exists(path))
            {
                foreach (string file in Directory.EnumerateFiles(path, "*.json"))
                {
                    using JsonDocument one = JsonDocument.Parse(File.ReadAllBytes(file));
                    if (one.RootElement.ValueKind == JsonValueKind.Object && one.RootElement.TryGetProperty("address", out JsonElement address))
                    {
                        result.Add(Path.GetFileNameWithoutExtension(file), address);
                    }
                }
            }
            else
            {
                using JsonDocument flat = JsonDocument.Parse(File.ReadAllBytes(path));
                foreach (JsonProperty entry in flat.RootElement.EnumerateObject()) result.Add(entry.Name, entry.Value);
            }
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new DeployerException($"cannot read the deployments at {path}: {error.Message}", error);
        }

        if (result._addresses.Count == 0) throw new DeployerException($"there are no contract addresses in {path}");
        return result;
    }

    private void Add(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String && Address.TryParse(value.GetString(), out Address address)) _addresses[name] = address;
    }
}
