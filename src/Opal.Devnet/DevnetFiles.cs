using System.Text.Json;
using Opal.Deployer;
using Opal.Deployer.Config;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Devnet;

/// <summary>The files of a devnet besides devnet.json: what other programs need to join it.</summary>
/// <param name="Genesis">genesis.json.</param>
/// <param name="RollupConfig">rollup.json.</param>
/// <param name="Jwt">jwt.txt, written by whoever needs it first.</param>
internal sealed record DevnetFiles(string Genesis, string RollupConfig, string Jwt)
{
    /// <exception cref="DevnetException">A file cannot be written.</exception>
    public static DevnetFiles Write(string directory, DeployConfig config, RollupDeploymentResult rollup)
    {
        var files = new DevnetFiles(Path.Combine(directory, "genesis.json"), Path.Combine(directory, "rollup.json"), Path.Combine(directory, "jwt.txt"));
        try
        {
            GenesisFile.Save(files.Genesis, new ChainGenesis(rollup.Genesis.Block, rollup.Genesis.Spec));
            RollupConfigFile.Save(files.RollupConfig, rollup.RollupConfig);
            File.WriteAllBytes(Path.Combine(directory, "deploy-config.json"), DeployConfigWriter.ToJson(config));
            string deployments = Directory.CreateDirectory(Path.Combine(directory, "deployments")).FullName;
            foreach (string old in Directory.EnumerateFiles(deployments, "*.json")) File.Delete(old);
            foreach ((string name, Address address) in rollup.Addresses.All) WriteAddress(Path.Combine(deployments, name + ".json"), address);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DevnetException($"the data directory {directory} cannot be written: {error.Message}; choose another with --datadir", error);
        }

        return files;
    }

    private static void WriteAddress(string path, Address address)
    {
        using FileStream stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("address", address.ToChecksumString());
        json.WriteEndObject();
    }
}
