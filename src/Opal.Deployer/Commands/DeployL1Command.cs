using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Deployer.Keys;
using Opal.Deployer.L1;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Deployer.Commands;

/// <summary>What <c>opal deploy l1</c> is told.</summary>
public sealed record DeployL1Options
{
    /// <summary>JSON-RPC of L1.</summary>
    public required Uri L1Rpc { get; init; }

    /// <summary>The deploy config file.</summary>
    public required string DeployConfig { get; init; }

    /// <summary>The deployer's key.</summary>
    public required WalletKey PrivateKey { get; init; }

    /// <summary>Folder for the results and the journal.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>A folder of forge artifacts in place of the embedded contracts.</summary>
    public string? Artifacts { get; init; }

    /// <summary>File with network upgrade bundles, for a genesis with Isthmus or later.</summary>
    public string? UpgradeBundles { get; init; }

    /// <summary>Salt text of the shared implementations.</summary>
    public string ImplementationSalt { get; init; } = "ethers phoenix";

    /// <summary>Creates implementations plainly, without the deterministic deployer.</summary>
    public bool NoCreate2 { get; init; }

    /// <summary>Deploys the contracts of both withdrawal systems.</summary>
    public bool BothSets { get; init; }

    /// <summary>Pause between two looks at L1.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where progress goes.</summary>
    public Action<string>? Progress { get; init; }
}

/// <summary>Deploys the L1 contracts and writes everything that nodes need; run again, it resumes.</summary>
public static class DeployL1Command
{
    /// <summary>Runs the command.</summary>
    /// <exception cref="DeployerException">It cannot go on.</exception>
    /// <exception cref="ConfigFileException">An upgrade bundle file is wrong, or an output cannot be written.</exception>
    /// <exception cref="RpcTransportException">L1 cannot be reached.</exception>
    public static async Task<RollupDeploymentResult> RunAsync(DeployL1Options options, CancellationToken cancellation)
    {
        DeployConfig config = DeployConfigFile.Load(options.DeployConfig, options.Progress);
        ContractBundle bundle = options.Artifacts is { } folder ? ContractBundle.FromFolder(folder) : ContractBundle.Embedded;
        using var rpc = new HttpRpcClient(options.L1Rpc);
        var deployment = new L1DeploymentOptions
        {
            ImplementationSalt = options.ImplementationSalt,
            UseCreate2 = !options.NoCreate2,
            DeployBothSets = options.BothSets,
            JournalPath = Path.Combine(options.OutputDirectory, DeploymentFiles.Journal),
            PollInterval = options.PollInterval,
            Progress = options.Progress,
        };
        RollupDeploymentResult result = await RollupDeployment.DeployAsync(
            new RollupDeploymentOptions
            {
                Config = config,
                L1 = new RpcL1Sender(new EthClient(rpc), options.PrivateKey),
                Deployment = deployment,
                Contracts = bundle,
                Upgrades = UpgradeFiles.Load(options.UpgradeBundles),
            },
            cancellation);
        DeploymentFiles.Write(options.OutputDirectory, config, result, deployment, bundle.Version);
        return result;
    }
}
