using Opal.Deployer.Abi;
using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Deployer.Keys;
using Opal.Deployer.L1;
using Opal.Deployer.L2;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.Commands;

/// <summary>What <c>opal genesis l2</c> is told; the flags are those of the official tool.</summary>
public sealed record GenesisL2Options
{
    /// <summary>--deploy-config.</summary>
    public required string DeployConfig { get; init; }

    /// <summary>--l1-deployments (a flat file) or --deployment-dir (a folder of NAME.json).</summary>
    public required string Deployments { get; init; }

    /// <summary>--l1-rpc.</summary>
    public required Uri L1Rpc { get; init; }

    /// <summary>--outfile.l2.</summary>
    public required string GenesisFile { get; init; }

    /// <summary>--outfile.rollup.</summary>
    public required string RollupFile { get; init; }

    /// <summary>--artifacts.</summary>
    public string? Artifacts { get; init; }

    /// <summary>--upgrade-bundles.</summary>
    public string? UpgradeBundles { get; init; }

    /// <summary>Where warnings go.</summary>
    public Action<string>? Progress { get; init; }
}

/// <summary>Makes genesis.json and rollup.json from a deploy config and contracts that are on L1.</summary>
public static class GenesisL2Command
{
    /// <summary>Runs the command.</summary>
    /// <exception cref="DeployerException">An input is missing or wrong.</exception>
    /// <exception cref="ConfigFileException">A file cannot be read or written.</exception>
    /// <exception cref="RpcTransportException">L1 cannot be reached.</exception>
    public static async Task<(L2Genesis Genesis, RollupConfig Rollup)> RunAsync(GenesisL2Options options, CancellationToken cancellation)
    {
        DeployConfig config = DeployConfigFile.Load(options.DeployConfig, options.Progress);
        DeploymentAddresses addresses = DeploymentAddresses.Load(options.Deployments);
        ContractBundle bundle = options.Artifacts is { } folder ? ContractBundle.FromFolder(folder) : ContractBundle.Embedded;
        using var rpc = new HttpRpcClient(options.L1Rpc);
        var l1 = new RpcL1Sender(new EthClient(rpc), ReadOnly);
        ulong chainId = await l1.GetChainIdAsync(cancellation);
        if (chainId != config.L1ChainId) throw new DeployerException($"L1 has the chain id {chainId}, {options.DeployConfig} says l1ChainID {config.L1ChainId}");

        L1BlockRef start = await FindStartAsync(l1, config, options.Deployments, cancellation);
        await CheckOutputOracleAsync(l1, bundle, addresses, start, cancellation);
        SystemConfig systemConfig = await SystemConfigGetters.ReadAsync(l1, bundle, addresses["SystemConfigProxy"], cancellation);
        L2Genesis genesis = RollupDeployment.BuildGenesis(config, addresses, start, bundle, UpgradeFiles.Load(options.UpgradeBundles));
        RollupConfig rollup = RollupDeployment.BuildRollupConfig(config, addresses, start, systemConfig, genesis);
        JsonRpc.GenesisFile.Save(options.GenesisFile, new ChainGenesis(genesis.Block, genesis.Spec));
        RollupConfigFile.Save(options.RollupFile, rollup);
        return (genesis, rollup);
    }

    /// <summary>The block that the deployment noted, else the config's; the output oracle knows its time already.</summary>
    private static async Task<L1BlockRef> FindStartAsync(RpcL1Sender l1, DeployConfig config, string deployments, CancellationToken cancellation)
    {
        string flat = Directory.Exists(deployments) ? Path.Combine(deployments, "..", DeploymentFiles.Deployments) : deployments;
        string tag = DeploymentFiles.ReadStartBlock(flat) ?? config.L1StartingBlockTag ?? "latest";
        L1BlockRef start = await l1.GetBlockAsync(tag, cancellation) ?? throw new DeployerException($"L1 has no block '{tag}'");
        if (config.L2OutputOracleStartingTimestamp is { } wanted && wanted != start.Timestamp)
        {
            throw new DeployerException($"l2OutputOracleStartingTimestamp is {wanted}, but the start block {start.Number} has the time {start.Timestamp}");
        }

        return start;
    }

    /// <summary>The oracle places L2 blocks by the genesis time it was initialised with: with another one, no proposal would ever be accepted.</summary>
    private static async Task CheckOutputOracleAsync(
        RpcL1Sender l1, ContractBundle bundle, DeploymentAddresses addresses, L1BlockRef start, CancellationToken cancellation)
    {
        if (!addresses.TryGet("L2OutputOracleProxy", out Address oracle)) return;
        AbiFunction startingTimestamp = bundle["L2OutputOracle"].Function("startingTimestamp");
        L1CallResult result = await l1.CallAsync(oracle, startingTimestamp.Encode(), UInt256.Zero, null, cancellation);
        if (!result.Success || !startingTimestamp.TryDecodeResult(result.Data, out AbiValue[] values)) return; // not initialised: the fault-proof variant
        if (values[0].AsUInt256() is { IsZero: false } time && time != start.Timestamp)
        {
            throw new DeployerException(
                $"the L2OutputOracle on L1 was initialised for an L2 chain that begins at {time}, the start block {start.Number} has the time {start.Timestamp}; "
                + "name the right block in l1StartingBlockTag");
        }
    }

    /// <summary>Nothing is sent here; calls need some account to come from.</summary>
    private static WalletKey ReadOnly { get; } = DevAccounts.Keys[0];
}
