using System.Text.Json;
using Opal.Deployer.Config;
using Opal.Deployer.L1;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer;

/// <summary>The files that a deployment leaves in its folder, under the names that the official tools and tutorials use.</summary>
/// <remarks>
/// <c>deployments.json</c>: flat, name to address, and where it stands on L1. <c>deployments/NAME.json</c>: one a contract, with
/// an <c>address</c> key. <c>rollup.json</c>, <c>genesis.json</c>: for the nodes. <c>jwt.txt</c>: the Engine API's secret, made once.
/// <c>deploy-config.json</c>: the parameters as they were understood.
/// </remarks>
public static class DeploymentFiles
{
    public const string Deployments = "deployments.json";
    public const string DeploymentsFolder = "deployments";
    public const string Rollup = "rollup.json";
    public const string Genesis = "genesis.json";
    public const string Jwt = "jwt.txt";
    public const string Config = "deploy-config.json";
    public const string Journal = "deployment-journal.json";

    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Writes all of them into <paramref name="folder"/>; an existing jwt.txt stays.</summary>
    /// <exception cref="DeployerException">A file cannot be written.</exception>
    /// <exception cref="ConfigFileException">A file cannot be written.</exception>
    public static void Write(string folder, DeployConfig config, RollupDeploymentResult result, L1DeploymentOptions options, string contracts)
    {
        WriteAddresses(folder, config, result.Addresses, result.StartBlock, options, contracts);
        WriteWhole(Path.Combine(folder, Config), DeployConfigWriter.ToJson(config));
        RollupConfigFile.Save(Path.Combine(folder, Rollup), result.RollupConfig);
        GenesisFile.Save(Path.Combine(folder, Genesis), new ChainGenesis(result.Genesis.Block, result.Genesis.Spec));
        JwtSecretFile.ReadOrCreate(Path.Combine(folder, Jwt));
    }

    /// <summary>Writes deployments.json and the folder of single files.</summary>
    public static void WriteAddresses(
        string folder, DeployConfig config, DeploymentAddresses addresses, L1BlockRef start, L1DeploymentOptions options, string contracts)
    {
        WriteWhole(Path.Combine(folder, Deployments), ToJson(writer =>
        {
            foreach ((string name, Address address) in addresses.All) writer.WriteString(name, address.ToChecksumString());
            writer.WriteNumber("l1ChainId", config.L1ChainId);
            writer.WriteNumber("l2ChainId", config.L2ChainId);
            writer.WriteNumber("startBlock", start.Number);
            writer.WriteString("startBlockHash", start.Hash.ToString());
            writer.WriteString("implSalt", options.ImplementationSalt);
            writer.WriteString("contracts", contracts);
        }));
        foreach ((string name, Address address) in addresses.All)
        {
            WriteWhole(Path.Combine(folder, DeploymentsFolder, $"{name}.json"), ToJson(writer => writer.WriteString("address", address.ToChecksumString())));
        }
    }

    /// <summary>The start block's hash that deployments.json states; null where the file has none.</summary>
    public static string? ReadStartBlock(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.TryGetProperty("startBlockHash", out JsonElement hash) ? hash.GetString() : null;
        }
        catch (Exception error) when (error is JsonException or IOException or InvalidOperationException)
        {
            throw new DeployerException($"cannot read {path}: {error.Message}", error);
        }
    }

    private static byte[] ToJson(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    /// <summary>Whoever reads the file sees the old or the new whole.</summary>
    private static void WriteWhole(string path, byte[] content)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllBytes(path + ".part", content);
            File.Move(path + ".part", path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DeployerException($"cannot write {path}: {error.Message}", error);
        }
    }
}
