using Opal.Crypto;
using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Deployer.L1;
using Opal.Deployer.L2;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer;

/// <summary>What a rollup deployment needs.</summary>
public sealed record RollupDeploymentOptions
{
    /// <summary>The chain to make.</summary>
    public required DeployConfig Config { get; init; }

    /// <summary>The deployer's account on L1.</summary>
    public required IL1Sender L1 { get; init; }

    /// <summary>How to deploy on L1.</summary>
    public L1DeploymentOptions Deployment { get; init; } = new();

    /// <summary>The contracts; null = the embedded ones.</summary>
    public ContractBundle? Contracts { get; init; }

    /// <summary>Network upgrade bundles, for forks from Isthmus on that are active at genesis.</summary>
    public NetworkUpgrades Upgrades { get; init; } = NetworkUpgrades.None;

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A deployed rollup: everything its nodes need to begin.</summary>
/// <param name="Addresses">The L1 contracts.</param>
/// <param name="Genesis">The L2 genesis.</param>
/// <param name="RollupConfig">rollup.json.</param>
/// <param name="StartBlock">The L1 block that the L2 chain starts from.</param>
/// <param name="GasUsed">L1 gas of the whole deployment.</param>
public sealed record RollupDeploymentResult(DeploymentAddresses Addresses, L2Genesis Genesis, RollupConfig RollupConfig, L1BlockRef StartBlock, ulong GasUsed);

/// <summary>From a deploy config to a rollup: L1 contracts, L2 genesis, rollup config.</summary>
public static class RollupDeployment
{
    /// <summary>Deploys the L1 contracts (or resumes that) and computes the rest.</summary>
    /// <exception cref="DeployerException">It cannot go on; the message says why.</exception>
    public static async Task<RollupDeploymentResult> DeployAsync(RollupDeploymentOptions options, CancellationToken cancellation)
    {
        ContractBundle bundle = options.Contracts ?? ContractBundle.Embedded;
        var deployment = new L1Deployment(
            options.Config, bundle, options.L1, options.Deployment,
            (addresses, start) => BuildGenesis(options.Config, addresses, start, bundle, options.Upgrades).OutputRoot, options.Time);
        L1DeploymentResult l1 = await deployment.RunAsync(cancellation);
        L2Genesis genesis = BuildGenesis(options.Config, l1.Addresses, l1.StartBlock, bundle, options.Upgrades);
        RollupConfig rollup = BuildRollupConfig(options.Config, l1.Addresses, l1.StartBlock, l1.SystemConfig, genesis);
        return new RollupDeploymentResult(l1.Addresses, genesis, rollup, l1.StartBlock, l1.GasUsed);
    }

    /// <summary>The L2 genesis of contracts that are deployed already.</summary>
    public static L2Genesis BuildGenesis(DeployConfig config, DeploymentAddresses addresses, L1BlockRef start, ContractBundle bundle, NetworkUpgrades upgrades) =>
        L2Genesis.Build(config, addresses.Bridges, start.Timestamp, bundle, upgrades, NativeCrypto.Instance);

    /// <summary>The rollup config of a deployment.</summary>
    /// <param name="config">The chain's parameters.</param>
    /// <param name="addresses">The L1 contracts.</param>
    /// <param name="start">The L1 start block.</param>
    /// <param name="systemConfig">What the SystemConfig contract says: the node takes later changes from its events.</param>
    /// <param name="genesis">The L2 genesis.</param>
    public static RollupConfig BuildRollupConfig(DeployConfig config, DeploymentAddresses addresses, L1BlockRef start, SystemConfig systemConfig, L2Genesis genesis)
    {
        addresses.TryGet("ProtocolVersionsProxy", out Address protocolVersions);
        return new RollupConfig
        {
            GenesisL1 = start.Id,
            GenesisL2 = genesis.Header.Id,
            GenesisL2Time = genesis.Header.Timestamp,
            GenesisSystemConfig = systemConfig,
            BlockTimeSeconds = config.L2BlockTime,
            MaxSequencerDriftSeconds = config.MaxSequencerDrift,
            SequencingWindowSize = config.SequencerWindowSize,
            ChannelTimeoutBlocks = config.ChannelTimeout,
            L1ChainId = config.L1ChainId,
            L2ChainId = config.L2ChainId,
            Forks = config.Forks.ToForkTimes(genesis.Header.Timestamp),
            PectraBlobScheduleTime = ForkSchedule.TimeOf(config.Forks.PectraBlobSchedule, genesis.Header.Timestamp),
            BatchInboxAddress = config.BatchInboxAddress,
            DepositContractAddress = addresses["OptimismPortalProxy"],
            L1SystemConfigAddress = addresses["SystemConfigProxy"],
            ProtocolVersionsAddress = protocolVersions,
            FeeMarket = new OptimismFeeMarket((uint)config.Eip1559Elasticity, (uint)config.Eip1559Denominator, (uint)config.Eip1559DenominatorCanyon),
        };
    }
}
