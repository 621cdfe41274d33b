using System.Text.Json;
using Opal.Deployer;
using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Deployer.L1;
using Opal.Deployer.L2;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Devnet;

/// <summary>The files of a devnet besides devnet.json: what other programs need to join it.</summary>
/// <param name="Genesis">genesis.json.</param>
/// <param name="RollupConfig">rollup.json.</param>
/// <param name="Jwt">jwt.txt, written by whoever needs it first.</param>
internal sealed record DevnetFiles(string Genesis, string RollupConfig, string Jwt)
{
    private string DataDirectory => Path.GetDirectoryName(Genesis)!;

    private string Deployments => Path.Combine(DataDirectory, "deployments");

    /// <summary>Their names in a data directory.</summary>
    public static DevnetFiles In(string directory) => new(Path.Combine(directory, "genesis.json"), Path.Combine(directory, "rollup.json"), Path.Combine(directory, "jwt.txt"));

    /// <summary>The deployment of an earlier start.</summary>
    /// <param name="config">What was deployed.</param>
    /// <param name="upgrades">The network upgrade bundles.</param>
    /// <param name="gasUsed">L1 gas it took.</param>
    /// <exception cref="DevnetException">The files do not belong together.</exception>
    /// <exception cref="DeployerException">A file is missing or damaged.</exception>
    /// <exception cref="ConfigFileException">A file is missing or damaged.</exception>
    public RollupDeploymentResult ReadDeployment(DeployConfig config, NetworkUpgrades upgrades, ulong gasUsed)
    {
        Opal.Protocol.RollupConfig rollup = RollupConfigFile.Read(RollupConfig);
        DeploymentAddresses addresses = DeploymentAddresses.Load(Deployments);
        var start = new L1BlockRef(rollup.GenesisL1.Hash, rollup.GenesisL1.Number, Hash256.Zero, rollup.GenesisL2Time);
        L2Genesis genesis = RollupDeployment.BuildGenesis(config, addresses, start, ContractBundle.Embedded, upgrades);
        if (genesis.Header.Hash == rollup.GenesisL2.Hash) return new RollupDeploymentResult(addresses, genesis, rollup, start, gasUsed);
        throw new DevnetException(
            $"the rollup in {DataDirectory} begins with block {rollup.GenesisL2.Hash}, and this version of the program makes {genesis.Header.Hash} of its deployment; use the version that made it, choose another --datadir, or remove the directory");
    }

    /// <exception cref="DevnetException">A file cannot be written.</exception>
    public void WriteDeployment(DeployConfig config, RollupDeploymentResult rollup)
    {
        string directory = DataDirectory;
        try
        {
            GenesisFile.Save(Genesis, new ChainGenesis(rollup.Genesis.Block, rollup.Genesis.Spec));
            RollupConfigFile.Save(RollupConfig, rollup.RollupConfig);
            File.WriteAllBytes(Path.Combine(directory, "deploy-config.json"), DeployConfigWriter.ToJson(config));
            string deployments = Directory.CreateDirectory(Deployments).FullName;
            foreach (string old in Directory.EnumerateFiles(deployments, "*.json")) File.Delete(old);
            foreach ((string name, Address address) in rollup.Addresses.All) WriteAddress(Path.Combine(deployments, name + ".json"), address);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DevnetException($"the data directory {directory} cannot be written: {error.Message}; choose another with --datadir", error);
        }
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
