using System.Text.Json;
using Opal.Primitives;

namespace Opal.Deployer.Config;

/// <summary>The JSON form of <see cref="DeployConfig"/>: the official deploy config's keys.</summary>
/// <remarks>
/// Every wrong value is reported, all at once and by key. An unknown key is a warning: configurations written for other
/// releases of the contracts carry keys that mean nothing to this one. What would make another chain than the one asked for
/// (custom gas token, interop) is refused.
/// </remarks>
public static class DeployConfigFile
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="warn">Called for each key that is not understood.</param>
    /// <exception cref="DeployerException">The file cannot be read, or holds a wrong value; the message names file and keys.</exception>
    public static DeployConfig Load(string path, Action<string>? warn = null)
    {
        byte[] json;
        try
        {
            json = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DeployerException($"cannot read the deploy config {path}: {error.Message}", error);
        }

        return Parse(json, path, warn);
    }

    /// <summary>Reads the JSON text.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="warn">Called for each key that is not understood.</param>
    public static DeployConfig Parse(ReadOnlyMemory<byte> json, string name, Action<string>? warn = null)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, Lenient);
        }
        catch (JsonException error)
        {
            throw new DeployerException($"{name} is not JSON: {error.Message}", error);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new DeployerException($"{name}: a JSON object is wanted");
            var reader = new ConfigReader(document.RootElement);
            DeployConfig config = Read(reader);
            Check(config, reader);
            if (reader.Problems.Count > 0)
            {
                throw new DeployerException($"{name} cannot be used:\n  - {string.Join("\n  - ", reader.Problems)}");
            }

            foreach (string key in reader.UnknownKeys()) warn?.Invoke($"{name}: the key {key} is not known and has no effect");
            foreach (string warning in reader.Warnings) warn?.Invoke($"{name}: {warning}");
            return config;
        }
    }

    private static DeployConfig Read(ConfigReader r)
    {
        r.Ignore("l1UseClique", "cliqueSignerAddress", "l1GenesisBlockTimestamp", "l1GenesisBlockNonce", "l1GenesisBlockGasLimit", "l1GenesisBlockDifficulty",
            "l1GenesisBlockMixHash", "l1GenesisBlockCoinbase", "l1GenesisBlockNumber", "l1GenesisBlockGasUsed", "l1GenesisBlockParentHash",
            "l1GenesisBlockBaseFeePerGas", "l1GenesisBlockExcessBlobGas", "l1GenesisBlockBlobGasUsed", "l1CancunTimeOffset", "l1PragueTimeOffset",
            "deploymentWaitConfirmations", "numDeployConfirmations", "l1StandardBridgeProxy", "l1CrossDomainMessengerProxy", "l1ERC721BridgeProxy",
            "systemConfigProxy", "optimismPortalProxy", "daChallengeProxy", "daChallengeContractAddress", "protocolVersionsProxy", "proxyAdmin",
            "eip1559DenominatorCanyon", "customGasTokenAddress", "l2GenesisBlockCoinbase", "usePlasma");

        return new DeployConfig
        {
            L1ChainId = r.RequiredUInt64("l1ChainID"),
            L2ChainId = r.RequiredUInt64("l2ChainID"),
            L1BlockTime = r.RequiredUInt64("l1BlockTime"),
            L2BlockTime = r.RequiredUInt64("l2BlockTime"),
            L1StartingBlockTag = r.OptionalText("l1StartingBlockTag"),
            MaxSequencerDrift = r.RequiredUInt64("maxSequencerDrift"),
            SequencerWindowSize = r.RequiredUInt64("sequencerWindowSize"),
            ChannelTimeout = r.RequiredUInt64("channelTimeout"),
            P2PSequencerAddress = r.RequiredAddress("p2pSequencerAddress"),
            BatchInboxAddress = r.RequiredAddress("batchInboxAddress"),
            BatchSenderAddress = r.RequiredAddress("batchSenderAddress"),
            ProxyAdminOwner = r.RequiredAddress("proxyAdminOwner"),
            FinalSystemOwner = r.RequiredAddress("finalSystemOwner"),
            SuperchainConfigGuardian = r.RequiredAddress("superchainConfigGuardian"),
            L2OutputOracleSubmissionInterval = r.RequiredUInt64("l2OutputOracleSubmissionInterval"),
            L2OutputOracleStartingTimestamp = r.TimeOrMinusOne("l2OutputOracleStartingTimestamp"),
            L2OutputOracleStartingBlockNumber = r.UInt64("l2OutputOracleStartingBlockNumber", 0),
            L2OutputOracleProposer = r.RequiredAddress("l2OutputOracleProposer"),
            L2OutputOracleChallenger = r.RequiredAddress("l2OutputOracleChallenger"),
            FinalizationPeriodSeconds = r.RequiredUInt64("finalizationPeriodSeconds"),
            BaseFeeVault = Vault(r, "baseFeeVault"),
            L1FeeVault = Vault(r, "l1FeeVault"),
            SequencerFeeVault = Vault(r, "sequencerFeeVault"),
            GasPriceOracleOverhead = r.UInt64("gasPriceOracleOverhead", 0),
            GasPriceOracleScalar = r.UInt64("gasPriceOracleScalar", 0),
            GasPriceOracleBaseFeeScalar = r.UInt32("gasPriceOracleBaseFeeScalar", 1368),
            GasPriceOracleBlobBaseFeeScalar = r.UInt32("gasPriceOracleBlobBaseFeeScalar", 810949),
            EnableGovernance = r.Bool("enableGovernance"),
            GovernanceTokenName = r.OptionalText("governanceTokenName") ?? "Optimism",
            GovernanceTokenSymbol = r.OptionalText("governanceTokenSymbol") ?? "OP",
            GovernanceTokenOwner = r.Address("governanceTokenOwner"),
            L2GenesisBlockGasLimit = r.UInt64("l2GenesisBlockGasLimit", 30_000_000),
            L2GenesisBlockBaseFeePerGas = r.UInt256("l2GenesisBlockBaseFeePerGas", 1_000_000_000UL),
            L2GenesisBlockNonce = r.UInt64("l2GenesisBlockNonce", 0),
            L2GenesisBlockDifficulty = r.UInt256("l2GenesisBlockDifficulty", UInt256.Zero),
            L2GenesisBlockMixHash = r.Hash("l2GenesisBlockMixHash"),
            L2GenesisBlockNumber = r.UInt64("l2GenesisBlockNumber", 0),
            L2GenesisBlockGasUsed = r.UInt64("l2GenesisBlockGasUsed", 0),
            L2GenesisBlockParentHash = r.Hash("l2GenesisBlockParentHash"),
            L2GenesisBlockExtraData = r.Base64("l2GenesisBlockExtraData"),
            Eip1559Denominator = r.UInt64("eip1559Denominator", 50),
            Eip1559DenominatorCanyon = r.UInt64("eip1559DenominatorCanyon", 250),
            Eip1559Elasticity = r.UInt64("eip1559Elasticity", 10),
            Forks = Forks(r),
            FundDevAccounts = r.Bool("fundDevAccounts"),
            SystemConfigStartBlock = r.UInt64("systemConfigStartBlock", 0),
            RequiredProtocolVersion = r.Hash("requiredProtocolVersion"),
            RecommendedProtocolVersion = r.Hash("recommendedProtocolVersion"),
            UseFaultProofs = r.Bool("useFaultProofs"),
            ProofMaturityDelaySeconds = r.UInt64("proofMaturityDelaySeconds", 0),
            DisputeGameFinalityDelaySeconds = r.UInt64("disputeGameFinalityDelaySeconds", 0),
            RespectedGameType = r.UInt32("respectedGameType", 0),
            FaultGameAbsolutePrestate = r.Hash("faultGameAbsolutePrestate"),
            FaultGameGenesisOutputRoot = r.Hash("faultGameGenesisOutputRoot"),
            FaultGameGenesisBlock = r.UInt64("faultGameGenesisBlock", 0),
            FaultGameMaxDepth = r.UInt64("faultGameMaxDepth", 73),
            FaultGameSplitDepth = r.UInt64("faultGameSplitDepth", 30),
            FaultGameClockExtension = r.UInt64("faultGameClockExtension", 10800),
            FaultGameMaxClockDuration = r.UInt64("faultGameMaxClockDuration", 302400),
            FaultGameWithdrawalDelay = r.UInt64("faultGameWithdrawalDelay", 604800),
            FaultGameInitBond = r.UInt256("faultGameInitBond", UInt256.Zero),
            PreimageOracleMinProposalSize = r.UInt64("preimageOracleMinProposalSize", 126000),
            PreimageOracleChallengePeriod = r.UInt64("preimageOracleChallengePeriod", 86400),
            UseAltDa = r.Bool("useAltDA") | r.Bool("usePlasma"),
            DaCommitmentType = r.OptionalText("daCommitmentType") ?? "KeccakCommitment",
            DaChallengeWindow = r.UInt64("daChallengeWindow", 1000),
            DaResolveWindow = r.UInt64("daResolveWindow", 1000),
            DaBondSize = r.UInt256("daBondSize", 1_000_000_000UL),
            DaResolverRefundPercentage = r.UInt64("daResolverRefundPercentage", 0),
        };
    }

    private static FeeVaultConfig Vault(ConfigReader r, string name) => new(
        r.RequiredAddress($"{name}Recipient"), r.UInt256($"{name}MinimumWithdrawalAmount", UInt256.Zero), r.Network($"{name}WithdrawalNetwork"));

    private static ForkSchedule Forks(ConfigReader r) =>
        ForkSchedule.FromOffsets([.. ForkSchedule.Names.Select(name => r.OptionalUInt64($"l2Genesis{name}TimeOffset"))]) with
        {
            PectraBlobSchedule = r.OptionalUInt64("l2GenesisPectraBlobScheduleTimeOffset"),
        };

    private static void Check(DeployConfig config, ConfigReader r)
    {
        if (config.L1ChainId == config.L2ChainId && config.L1ChainId != 0) r.Problem("l2ChainID", "must differ from l1ChainID");
        if (config.L2BlockTime > config.L1BlockTime && config.L1BlockTime != 0) r.Problem("l2BlockTime", "must not be above l1BlockTime");
        if (config.L2GenesisBlockGasLimit is < 21_000_000 or > 200_000_000)
        {
            r.Problem("l2GenesisBlockGasLimit", $"is {config.L2GenesisBlockGasLimit}; SystemConfig accepts 21,000,000 (what deposits may take) to 200,000,000");
        }

        if (config.Eip1559Denominator == 0) r.Problem("eip1559Denominator", "must not be zero");
        if (config.Eip1559DenominatorCanyon == 0) r.Problem("eip1559DenominatorCanyon", "must not be zero");
        if (config.Eip1559Elasticity == 0) r.Problem("eip1559Elasticity", "must not be zero");
        if (config.Eip1559DenominatorCanyon > uint.MaxValue) r.Problem("eip1559DenominatorCanyon", "is above 2^32 - 1");
        if (config.Eip1559Elasticity > uint.MaxValue) r.Problem("eip1559Elasticity", "is above 2^32 - 1");
        if (config.L2GenesisBlockExtraData is { Length: > 32 }) r.Problem("l2GenesisBlockExtraData", "is longer than 32 bytes");
        if (config.EnableGovernance && config.GovernanceTokenOwner.IsZero) r.Problem("governanceTokenOwner", "is missing, and enableGovernance is true");
        if (config.Forks.FindDisorder() is { } disorder) r.Problem("l2Genesis…TimeOffset", $"are out of order: {disorder}");
        foreach ((string key, UInt256 amount) in new[]
        {
            ("baseFeeVaultMinimumWithdrawalAmount", config.BaseFeeVault.MinimumWithdrawalAmount),
            ("l1FeeVaultMinimumWithdrawalAmount", config.L1FeeVault.MinimumWithdrawalAmount),
            ("sequencerFeeVaultMinimumWithdrawalAmount", config.SequencerFeeVault.MinimumWithdrawalAmount),
        })
        {
            if (amount.BitLength > 128) r.Problem(key, "is above 2^128");
        }

        if (config.UseFaultProofs)
        {
            if (config.FaultGameMaxDepth > 125) r.Problem("faultGameMaxDepth", "is above 125");
            if (config.FaultGameSplitDepth >= config.FaultGameMaxDepth) r.Problem("faultGameSplitDepth", "must be below faultGameMaxDepth");
            if (config.FaultGameClockExtension > config.FaultGameMaxClockDuration) r.Problem("faultGameClockExtension", "must not be above faultGameMaxClockDuration");
            if (config.FaultGameAbsolutePrestate.IsZero) r.Problem("faultGameAbsolutePrestate", "is missing, and useFaultProofs is true");
            if (config.RespectedGameType > 1) r.Warnings.Add($"respectedGameType is {config.RespectedGameType}, and games of types 0 and 1 are deployed: no withdrawal can be proven before there are games of that type");
            if (config.FaultGameAbsolutePrestate == PlaceholderPrestate.Hash) r.Warnings.Add($"faultGameAbsolutePrestate {PlaceholderPrestate.Meaning}");
        }

        if (r.Bool("useCustomGasToken")) r.Problem("useCustomGasToken", "must be false: custom gas tokens were removed from the protocol");
        if (r.Bool("useInterop")) r.Problem("useInterop", "must be false: interop is not supported");
        if (r.OptionalUInt64("l2GenesisInteropTimeOffset") is not null) r.Problem("l2GenesisInteropTimeOffset", "must be absent: interop is not supported");
        if (config.UseAltDa) r.Warnings.Add("useAltDA: the challenge contract will be deployed, but rollup.json gets no alt_da settings, and Opal's node has no alternative data availability");
        if (config.Forks.Karst == 0)
        {
            r.Warnings.Add("l2GenesisKarstTimeOffset is 0: no upgrade transactions run at genesis, so the L2 contracts stay those of Jovian; schedule Karst after genesis to have them replaced");
        }

        if (config.UseAltDa && config.DaCommitmentType is not ("KeccakCommitment" or "GenericCommitment"))
        {
            r.Problem("daCommitmentType", "is neither KeccakCommitment nor GenericCommitment");
        }
    }
}
