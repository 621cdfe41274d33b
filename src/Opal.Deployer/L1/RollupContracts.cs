using Opal.Deployer.Abi;
using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Primitives;

namespace Opal.Deployer.L1;

/// <summary>What a rollup's L1 side is made of: the contracts, and how each is initialised, in the order of the deployment.</summary>
internal sealed class RollupContracts(DeployConfig config, ContractBundle bundle, L1DeploymentOptions options, Address deployer, DeploymentPlanner plan)
{
    private const string MessengerName = "OVM_L1CrossDomainMessenger";

    /// <summary>Marks "no custom gas token" in SystemConfig.</summary>
    private static readonly Address Ether = Address.Parse("0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE");

    private static readonly UInt256 MaxUInt128 = new(ulong.MaxValue, ulong.MaxValue);

    private DeploymentAddresses At => plan.Addresses;

    private bool DeploysFaultProofs => config.UseFaultProofs || options.DeployBothSets;

    private bool DeploysOutputOracle => !config.UseFaultProofs || options.DeployBothSets;

    /// <summary>The argument-free implementations: their addresses do not depend on this deployment, so that they may be there already.</summary>
    public IReadOnlyList<Address> SharedImplementations()
    {
        var addresses = new List<Address>();
        foreach (string name in new[]
        {
            "SuperchainConfig", "ProtocolVersions", "L1CrossDomainMessenger", "OptimismMintableERC20Factory", "SystemConfig", "L1StandardBridge", "L1ERC721Bridge",
            "OptimismPortal", "L2OutputOracle", "DisputeGameFactory",
        })
        {
            addresses.Add(plan.Create2Address(bundle[name].InitCode.Span));
        }

        addresses.Add(plan.Create2Address(Portal2InitCode()));
        addresses.Add(plan.Create2Address(bundle["DelayedWETH"].InitCodeWith(config.FaultGameWithdrawalDelay)));
        byte[] oracle = bundle["PreimageOracle"].InitCodeWith(config.PreimageOracleMinProposalSize, config.PreimageOracleChallengePeriod);
        addresses.Add(plan.Create2Address(oracle));
        addresses.Add(plan.Create2Address(bundle["MIPS"].InitCodeWith(plan.Create2Address(oracle))));
        return addresses;
    }

    /// <summary>Everything that does not need the L2 genesis.</summary>
    public void PlanBase()
    {
        Superchain();
        Proxies();
        Implementations();
        Portal();
        SystemConfig();
        Bridges();
        if (config.UseAltDa && config.DaCommitmentType == "KeccakCommitment") DataAvailabilityChallenge();
    }

    /// <summary>What refers to the L2 genesis, and the hand-over to the owner.</summary>
    /// <param name="genesisTime">The L2 genesis time.</param>
    /// <param name="genesisOutputRoot">The output root of L2 block 0.</param>
    public void PlanGenesisDependent(ulong genesisTime, Hash256 genesisOutputRoot)
    {
        if (DeploysOutputOracle) OutputOracle(genesisTime);
        if (DeploysFaultProofs) FaultProofs(genesisOutputRoot);
        HandOver();
    }

    private void Superchain()
    {
        plan.Create("AddressManager", "AddressManager");
        plan.Create("ProxyAdmin", "ProxyAdmin", deployer);
        Admin("ProxyAdmin.setAddressManager", "setAddressManager", 100_000, At["AddressManager"]);

        plan.Create("SuperchainConfigProxy", "Proxy", At["ProxyAdmin"]);
        plan.Implementation("SuperchainConfig", "SuperchainConfig", 150_000);
        Initialize("SuperchainConfig", 400_000, config.SuperchainConfigGuardian, false);

        plan.Create("ProtocolVersionsProxy", "Proxy", At["ProxyAdmin"]);
        plan.Implementation("ProtocolVersions", "ProtocolVersions", 250_000);
        Initialize("ProtocolVersions", 400_000, config.FinalSystemOwner, config.RequiredProtocolVersion.ToUInt256(), config.RecommendedProtocolVersion.ToUInt256());
    }

    private void Proxies()
    {
        foreach (string name in new[]
        {
            "OptimismPortalProxy", "SystemConfigProxy", "OptimismMintableERC20FactoryProxy", "L1ERC721BridgeProxy", "DisputeGameFactoryProxy", "L2OutputOracleProxy",
            "DelayedWETHProxy", "AnchorStateRegistryProxy",
        })
        {
            plan.Create(name, "Proxy", At["ProxyAdmin"]);
        }

        plan.Create("L1StandardBridgeProxy", "L1ChugSplashProxy", At["ProxyAdmin"]);
        plan.Create("L1CrossDomainMessengerProxy", "ResolvedDelegateProxy", At["AddressManager"], MessengerName);
        ContractArtifact manager = bundle["AddressManager"];
        plan.Call("AddressManager.transferOwnership", At["AddressManager"], manager.CallData("transferOwnership", At["ProxyAdmin"]), 100_000, manager);
    }

    private void Implementations()
    {
        plan.Implementation("L1CrossDomainMessenger", "L1CrossDomainMessenger", 300_000);
        plan.Implementation("OptimismMintableERC20Factory", "OptimismMintableERC20Factory", 150_000);
        plan.Implementation("SystemConfig", "SystemConfig", 450_000);
        plan.Implementation("L1StandardBridge", "L1StandardBridge", 250_000);
        plan.Implementation("L1ERC721Bridge", "L1ERC721Bridge", 250_000);
        if (!config.UseFaultProofs || options.DeployBothSets) plan.Implementation("OptimismPortal", "OptimismPortal", 300_000);
        if (DeploysOutputOracle) plan.Implementation("L2OutputOracle", "L2OutputOracle", 300_000);
        if (!DeploysFaultProofs) return;
        plan.Implementation("OptimismPortal2", "OptimismPortal2", 300_000, config.ProofMaturityDelaySeconds, config.DisputeGameFinalityDelaySeconds);
        plan.Implementation("DisputeGameFactory", "DisputeGameFactory", 200_000);
        plan.Implementation("DelayedWETH", "DelayedWETH", 200_000, config.FaultGameWithdrawalDelay);
        plan.Implementation("PreimageOracle", "PreimageOracle", 700_000, config.PreimageOracleMinProposalSize, config.PreimageOracleChallengePeriod);
        plan.Implementation("Mips", "MIPS", 150_000, At["PreimageOracle"]);
        plan.Implementation("AnchorStateRegistry", "AnchorStateRegistry", 150_000, At["DisputeGameFactoryProxy"]);
    }

    private void Portal()
    {
        if (config.UseFaultProofs)
        {
            Initialize("OptimismPortal", "OptimismPortal2", 600_000,
                At["DisputeGameFactoryProxy"], At["SystemConfigProxy"], At["SuperchainConfigProxy"], config.RespectedGameType);
        }
        else
        {
            Initialize("OptimismPortal", "OptimismPortal", 600_000, At["L2OutputOracleProxy"], At["SystemConfigProxy"], At["SuperchainConfigProxy"]);
        }
    }

    private void SystemConfig() => Initialize("SystemConfig", 1_200_000,
        config.FinalSystemOwner,
        config.GasPriceOracleBaseFeeScalar,
        config.GasPriceOracleBlobBaseFeeScalar,
        config.BatchSenderAddress.ToUInt256(),
        config.L2GenesisBlockGasLimit,
        config.P2PSequencerAddress,
        AbiValue.List(20_000_000UL, 10UL, 8UL, 1_000_000_000UL, 1_000_000UL, MaxUInt128),
        config.BatchInboxAddress,
        AbiValue.List(
            At["L1CrossDomainMessengerProxy"], At["L1ERC721BridgeProxy"], At["L1StandardBridgeProxy"], At["DisputeGameFactoryProxy"], At["OptimismPortalProxy"],
            At["OptimismMintableERC20FactoryProxy"], Ether));

    private void Bridges()
    {
        Admin("L1StandardBridgeProxy.setProxyType", "setProxyType", 100_000, At["L1StandardBridgeProxy"], 1UL);
        Initialize("L1StandardBridge", 600_000, At["L1CrossDomainMessengerProxy"], At["SuperchainConfigProxy"], At["SystemConfigProxy"]);
        Initialize("L1ERC721Bridge", 500_000, At["L1CrossDomainMessengerProxy"], At["SuperchainConfigProxy"]);
        Initialize("OptimismMintableERC20Factory", 400_000, At["L1StandardBridgeProxy"]);
        Admin("L1CrossDomainMessengerProxy.setProxyType", "setProxyType", 100_000, At["L1CrossDomainMessengerProxy"], 2UL);
        Admin("L1CrossDomainMessengerProxy.setImplementationName", "setImplementationName", 150_000, At["L1CrossDomainMessengerProxy"], MessengerName);
        Initialize("L1CrossDomainMessenger", 700_000, At["SuperchainConfigProxy"], At["OptimismPortalProxy"], At["SystemConfigProxy"]);
    }

    private void OutputOracle(ulong genesisTime) => Initialize("L2OutputOracle", 600_000,
        config.L2OutputOracleSubmissionInterval, config.L2BlockTime, config.L2OutputOracleStartingBlockNumber, genesisTime, config.L2OutputOracleProposer,
        config.L2OutputOracleChallenger, config.FinalizationPeriodSeconds);

    private void FaultProofs(Hash256 genesisOutputRoot)
    {
        Initialize("DisputeGameFactory", 400_000, deployer);
        Initialize("DelayedWETH", 400_000, deployer, At["SuperchainConfigProxy"]);
        Hash256 root = config.FaultGameGenesisOutputRoot.IsZero ? genesisOutputRoot : config.FaultGameGenesisOutputRoot;
        AbiValue anchor = AbiValue.List(root, config.FaultGameGenesisBlock);
        Initialize("AnchorStateRegistry", 700_000, AbiValue.List(
            AbiValue.List(0UL, anchor), AbiValue.List(1UL, anchor), AbiValue.List(255UL, anchor), AbiValue.List(2UL, anchor)));

        AbiValue[] common =
        [
            config.FaultGameAbsolutePrestate, config.FaultGameMaxDepth, config.FaultGameSplitDepth, config.FaultGameClockExtension,
            config.FaultGameMaxClockDuration, At["Mips"], At["DelayedWETHProxy"], At["AnchorStateRegistryProxy"], config.L2ChainId,
        ];
        plan.Create("FaultDisputeGame", "FaultDisputeGame", [0UL, .. common]);
        plan.Create("PermissionedDisputeGame", "PermissionedDisputeGame", [1UL, .. common, config.L2OutputOracleProposer, config.L2OutputOracleChallenger]);
        ContractArtifact factory = bundle["DisputeGameFactory"];
        plan.Call("DisputeGameFactoryProxy.setImplementation.0", At["DisputeGameFactoryProxy"], factory.CallData("setImplementation", 0UL, At["FaultDisputeGame"]), 150_000, factory);
        plan.Call("DisputeGameFactoryProxy.setImplementation.1", At["DisputeGameFactoryProxy"], factory.CallData("setImplementation", 1UL, At["PermissionedDisputeGame"]), 150_000, factory);
        if (config.FaultGameInitBond.IsZero) return;
        foreach (ulong type in (ulong[])[0, 1])
        {
            plan.Call($"DisputeGameFactoryProxy.setInitBond.{type}", At["DisputeGameFactoryProxy"], factory.CallData("setInitBond", type, config.FaultGameInitBond), 150_000, factory);
        }
    }

    private void DataAvailabilityChallenge()
    {
        plan.Create("DataAvailabilityChallengeProxy", "Proxy", At["ProxyAdmin"]);
        plan.Create("DataAvailabilityChallenge", "DataAvailabilityChallenge");
        Initialize("DataAvailabilityChallenge", 500_000, config.FinalSystemOwner, config.DaChallengeWindow, config.DaResolveWindow, config.DaBondSize, config.DaResolverRefundPercentage);
    }

    private void HandOver()
    {
        if (config.FinalSystemOwner == deployer) return;
        if (DeploysFaultProofs)
        {
            Transfer("DisputeGameFactoryProxy", "DisputeGameFactory");
            Transfer("DelayedWETHProxy", "DelayedWETH");
        }

        Transfer("ProxyAdmin", "ProxyAdmin");
    }

    private void Transfer(string key, string contract) =>
        plan.Call($"{key}.transferOwnership", At[key], bundle[contract].CallData("transferOwnership", config.FinalSystemOwner), 150_000, bundle[contract]);

    private byte[] Portal2InitCode() => bundle["OptimismPortal2"].InitCodeWith(config.ProofMaturityDelaySeconds, config.DisputeGameFinalityDelaySeconds);

    private void Initialize(string name, ulong gasLimit, params AbiValue[] arguments) => Initialize(name, name, gasLimit, arguments);

    /// <summary>Points the proxy <c>nameProxy</c> at an implementation and initialises it in one transaction.</summary>
    private void Initialize(string name, string implementation, ulong gasLimit, params AbiValue[] arguments)
    {
        ContractArtifact artifact = bundle[implementation];
        byte[] initialize = artifact.CallData("initialize", arguments);
        byte[] data = bundle["ProxyAdmin"].CallData("upgradeAndCall", At[$"{name}Proxy"], At[implementation], initialize);
        plan.Call($"{name}Proxy.initialize", At["ProxyAdmin"], data, gasLimit, artifact);
    }

    private void Admin(string key, string function, ulong gasLimit, params AbiValue[] arguments)
    {
        ContractArtifact admin = bundle["ProxyAdmin"];
        plan.Call(key, At["ProxyAdmin"], admin.CallData(function, arguments), gasLimit, admin);
    }
}
