using Opal.Deployer.Abi;
using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Deployer.L2;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.L1;

/// <summary>Asks the deployed contracts whether they are what the deploy config says; names everything that is not.</summary>
internal sealed class DeploymentVerifier(
    DeployConfig config, ContractBundle bundle, IL1Sender sender, DeploymentAddresses addresses, L1DeploymentOptions options, L1BlockRef start)
{
    private readonly List<Check> _checks = [];

    private sealed record Check(string Proxy, AbiFunction Function, byte[] Data, AbiValue Expected);

    /// <summary>Verifies, and answers with the system config as the contract gives it.</summary>
    /// <exception cref="DeployerException">Something is not as it should be.</exception>
    public async Task<SystemConfig> VerifyAsync(CancellationToken cancellation)
    {
        Collect();
        string?[] faults = await Task.WhenAll(_checks.Select(check => FindFaultAsync(check, cancellation)));
        string[] found = [.. faults.OfType<string>(), .. await FindWrongVersionsAsync(cancellation)];
        if (found.Length > 0) throw new DeployerException($"the deployed contracts are not what the deploy config asks for:\n  - {string.Join("\n  - ", found)}");
        return await SystemConfigGetters.ReadAsync(sender, bundle, addresses["SystemConfigProxy"], cancellation);
    }

    private void Collect()
    {
        Expect("AddressManager", "AddressManager", "owner", addresses["ProxyAdmin"]);
        Expect("ProxyAdmin", "ProxyAdmin", "owner", config.FinalSystemOwner);
        Expect("ProxyAdmin", "ProxyAdmin", "addressManager", addresses["AddressManager"]);
        Expect("SuperchainConfigProxy", "SuperchainConfig", "guardian", config.SuperchainConfigGuardian);
        Expect("ProtocolVersionsProxy", "ProtocolVersions", "owner", config.FinalSystemOwner);
        Expect("ProtocolVersionsProxy", "ProtocolVersions", "required", config.RequiredProtocolVersion);
        CollectSystemConfig();

        Expect("L1CrossDomainMessengerProxy", "L1CrossDomainMessenger", "PORTAL", addresses["OptimismPortalProxy"]);
        Expect("L1CrossDomainMessengerProxy", "L1CrossDomainMessenger", "OTHER_MESSENGER", L2Contracts.L2CrossDomainMessenger);
        Expect("L1StandardBridgeProxy", "L1StandardBridge", "messenger", addresses["L1CrossDomainMessengerProxy"]);
        Expect("L1StandardBridgeProxy", "L1StandardBridge", "otherBridge", L2Contracts.L2StandardBridge);
        Expect("L1ERC721BridgeProxy", "L1ERC721Bridge", "messenger", addresses["L1CrossDomainMessengerProxy"]);
        Expect("L1ERC721BridgeProxy", "L1ERC721Bridge", "otherBridge", L2Contracts.L2ERC721Bridge);
        Expect("OptimismMintableERC20FactoryProxy", "OptimismMintableERC20Factory", "BRIDGE", addresses["L1StandardBridgeProxy"]);

        string portal = config.UseFaultProofs ? "OptimismPortal2" : "OptimismPortal";
        Expect("OptimismPortalProxy", portal, "guardian", config.SuperchainConfigGuardian);
        Expect("OptimismPortalProxy", portal, "systemConfig", addresses["SystemConfigProxy"]);
        if (config.UseFaultProofs)
        {
            Expect("OptimismPortalProxy", portal, "disputeGameFactory", addresses["DisputeGameFactoryProxy"]);
            Expect("OptimismPortalProxy", portal, "respectedGameType", config.RespectedGameType);
        }
        else
        {
            Expect("OptimismPortalProxy", portal, "l2Oracle", addresses["L2OutputOracleProxy"]);
        }

        if (!config.UseFaultProofs || options.DeployBothSets) CollectOutputOracle();
        if (config.UseFaultProofs || options.DeployBothSets) CollectFaultProofs();
    }

    private void CollectSystemConfig()
    {
        const string proxy = "SystemConfigProxy", contract = "SystemConfig";
        Expect(proxy, contract, "owner", config.FinalSystemOwner);
        Expect(proxy, contract, "batcherHash", config.BatchSenderAddress);
        Expect(proxy, contract, "gasLimit", config.L2GenesisBlockGasLimit);
        Expect(proxy, contract, "unsafeBlockSigner", config.P2PSequencerAddress);
        Expect(proxy, contract, "batchInbox", config.BatchInboxAddress);
        Expect(proxy, contract, "basefeeScalar", config.GasPriceOracleBaseFeeScalar);
        Expect(proxy, contract, "blobbasefeeScalar", config.GasPriceOracleBlobBaseFeeScalar);
        Expect(proxy, contract, "optimismPortal", addresses["OptimismPortalProxy"]);
        Expect(proxy, contract, "l1CrossDomainMessenger", addresses["L1CrossDomainMessengerProxy"]);
        Expect(proxy, contract, "l1StandardBridge", addresses["L1StandardBridgeProxy"]);
        Expect(proxy, contract, "l1ERC721Bridge", addresses["L1ERC721BridgeProxy"]);
        Expect(proxy, contract, "optimismMintableERC20Factory", addresses["OptimismMintableERC20FactoryProxy"]);
        Expect(proxy, contract, "disputeGameFactory", addresses["DisputeGameFactoryProxy"]);
    }

    private void CollectOutputOracle()
    {
        const string proxy = "L2OutputOracleProxy", contract = "L2OutputOracle";
        Expect(proxy, contract, "submissionInterval", config.L2OutputOracleSubmissionInterval);
        Expect(proxy, contract, "l2BlockTime", config.L2BlockTime);
        Expect(proxy, contract, "startingBlockNumber", config.L2OutputOracleStartingBlockNumber);
        Expect(proxy, contract, "startingTimestamp", start.Timestamp);
        Expect(proxy, contract, "proposer", config.L2OutputOracleProposer);
        Expect(proxy, contract, "challenger", config.L2OutputOracleChallenger);
        Expect(proxy, contract, "finalizationPeriodSeconds", config.FinalizationPeriodSeconds);
    }

    private void CollectFaultProofs()
    {
        Expect("DisputeGameFactoryProxy", "DisputeGameFactory", "owner", config.FinalSystemOwner);
        Expect("DelayedWETHProxy", "DelayedWETH", "owner", config.FinalSystemOwner);
        Expect("DelayedWETHProxy", "DelayedWETH", "delay", config.FaultGameWithdrawalDelay);
        Expect("DisputeGameFactoryProxy", "DisputeGameFactory", "gameImpls", addresses["FaultDisputeGame"], 0UL);
        Expect("DisputeGameFactoryProxy", "DisputeGameFactory", "gameImpls", addresses["PermissionedDisputeGame"], 1UL);
        foreach (ulong type in (ulong[])[0, 1]) Expect("DisputeGameFactoryProxy", "DisputeGameFactory", "initBonds", config.FaultGameInitBond, type);
        Expect("PermissionedDisputeGame", "PermissionedDisputeGame", "proposer", config.L2OutputOracleProposer);
        Expect("PermissionedDisputeGame", "PermissionedDisputeGame", "challenger", config.L2OutputOracleChallenger);
        Expect("AnchorStateRegistryProxy", "AnchorStateRegistry", "disputeGameFactory", addresses["DisputeGameFactoryProxy"]);
        foreach (string game in new[] { "FaultDisputeGame", "PermissionedDisputeGame" })
        {
            Expect(game, game, "l2ChainId", config.L2ChainId);
            Expect(game, game, "absolutePrestate", config.FaultGameAbsolutePrestate);
            Expect(game, game, "vm", addresses["Mips"]);
        }
    }

    private void Expect(string name, string contract, string function, AbiValue expected, params AbiValue[] arguments)
    {
        AbiFunction asked = bundle[contract].Function(function);
        _checks.Add(new Check(name, asked, asked.Encode(arguments), expected));
    }

    private async Task<string?> FindFaultAsync(Check check, CancellationToken cancellation)
    {
        string what = $"{check.Proxy}.{check.Function.Name}()";
        L1CallResult result = await sender.CallAsync(addresses[check.Proxy], check.Data, UInt256.Zero, null, cancellation);
        if (!result.Success) return $"{what} reverts: {RevertReason.Describe(result.Data)}";
        if (!check.Function.TryDecodeResult(result.Data, out AbiValue[] values) || values.Length == 0) return $"{what} answers nothing: there is no contract";
        UInt256 got = values[0].AsUInt256(), wanted = check.Expected.AsUInt256();
        return got == wanted ? null : $"{what} is {got.ToQuantity()}, not {wanted.ToQuantity()}";
    }

    /// <summary>Each proxy must answer version() as its implementation does: it then points at it.</summary>
    private async Task<IEnumerable<string>> FindWrongVersionsAsync(CancellationToken cancellation)
    {
        var version = new AbiFunction("version()", "(string)");
        var pairs = new List<(string Proxy, string Implementation)>();
        foreach (string name in addresses.All.Keys.Where(name => name.EndsWith("Proxy", StringComparison.Ordinal)))
        {
            string implementation = name[..^5];
            if (implementation == "OptimismPortal" && config.UseFaultProofs) implementation = "OptimismPortal2";
            if (addresses.TryGet(implementation, out _)) pairs.Add((name, implementation));
        }

        byte[] data = version.Encode();
        L1CallResult[] proxies = await Task.WhenAll(pairs.Select(pair => sender.CallAsync(addresses[pair.Proxy], data, UInt256.Zero, null, cancellation)));
        L1CallResult[] targets = await Task.WhenAll(pairs.Select(pair => sender.CallAsync(addresses[pair.Implementation], data, UInt256.Zero, null, cancellation)));
        return pairs
            .Where((_, i) => !proxies[i].Success || !targets[i].Success || targets[i].Data.Length == 0 || !proxies[i].Data.AsSpan().SequenceEqual(targets[i].Data))
            .Select(pair => $"{pair.Proxy} is not the {pair.Implementation} at {addresses[pair.Implementation].ToChecksumString()}");
    }
}
