using System.Text.Json;
using Opal.Primitives;

namespace Opal.Deployer.Config;

/// <summary>Writes <see cref="DeployConfig"/> as the official deploy config, one that <see cref="DeployConfigFile"/> reads back equal.</summary>
public static class DeployConfigWriter
{
    /// <summary>The file's text.</summary>
    public static byte[] ToJson(DeployConfig c)
    {
        using var buffer = new MemoryStream();
        using (var w = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            w.WriteStartObject();
            Chains(w, c);
            Owners(w, c);
            Genesis(w, c);
            Proofs(w, c);
            w.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static void Chains(Utf8JsonWriter w, DeployConfig c)
    {
        w.WriteNumber("l1ChainID", c.L1ChainId);
        w.WriteNumber("l2ChainID", c.L2ChainId);
        w.WriteNumber("l1BlockTime", c.L1BlockTime);
        w.WriteNumber("l2BlockTime", c.L2BlockTime);
        if (c.L1StartingBlockTag is { } tag) w.WriteString("l1StartingBlockTag", tag);
        w.WriteNumber("maxSequencerDrift", c.MaxSequencerDrift);
        w.WriteNumber("sequencerWindowSize", c.SequencerWindowSize);
        w.WriteNumber("channelTimeout", c.ChannelTimeout);
        w.WriteString("p2pSequencerAddress", c.P2PSequencerAddress.ToChecksumString());
        w.WriteString("batchInboxAddress", c.BatchInboxAddress.ToChecksumString());
        w.WriteString("batchSenderAddress", c.BatchSenderAddress.ToChecksumString());
        w.WriteNumber("l2OutputOracleSubmissionInterval", c.L2OutputOracleSubmissionInterval);
        if (c.L2OutputOracleStartingTimestamp is { } start) w.WriteNumber("l2OutputOracleStartingTimestamp", start);
        else w.WriteNumber("l2OutputOracleStartingTimestamp", -1);
        w.WriteNumber("l2OutputOracleStartingBlockNumber", c.L2OutputOracleStartingBlockNumber);
        w.WriteString("l2OutputOracleProposer", c.L2OutputOracleProposer.ToChecksumString());
        w.WriteString("l2OutputOracleChallenger", c.L2OutputOracleChallenger.ToChecksumString());
        w.WriteNumber("finalizationPeriodSeconds", c.FinalizationPeriodSeconds);
    }

    private static void Owners(Utf8JsonWriter w, DeployConfig c)
    {
        w.WriteString("proxyAdminOwner", c.ProxyAdminOwner.ToChecksumString());
        w.WriteString("finalSystemOwner", c.FinalSystemOwner.ToChecksumString());
        w.WriteString("superchainConfigGuardian", c.SuperchainConfigGuardian.ToChecksumString());
        Vault(w, "baseFeeVault", c.BaseFeeVault);
        Vault(w, "l1FeeVault", c.L1FeeVault);
        Vault(w, "sequencerFeeVault", c.SequencerFeeVault);
        w.WriteNumber("gasPriceOracleOverhead", c.GasPriceOracleOverhead);
        w.WriteNumber("gasPriceOracleScalar", c.GasPriceOracleScalar);
        w.WriteNumber("gasPriceOracleBaseFeeScalar", c.GasPriceOracleBaseFeeScalar);
        w.WriteNumber("gasPriceOracleBlobBaseFeeScalar", c.GasPriceOracleBlobBaseFeeScalar);
        w.WriteBoolean("enableGovernance", c.EnableGovernance);
        w.WriteString("governanceTokenName", c.GovernanceTokenName);
        w.WriteString("governanceTokenSymbol", c.GovernanceTokenSymbol);
        w.WriteString("governanceTokenOwner", c.GovernanceTokenOwner.ToChecksumString());
    }

    private static void Genesis(Utf8JsonWriter w, DeployConfig c)
    {
        w.WriteString("l2GenesisBlockNonce", Hex.Quantity(c.L2GenesisBlockNonce));
        w.WriteString("l2GenesisBlockGasLimit", Hex.Quantity(c.L2GenesisBlockGasLimit));
        w.WriteString("l2GenesisBlockDifficulty", c.L2GenesisBlockDifficulty.ToQuantity());
        w.WriteString("l2GenesisBlockMixHash", c.L2GenesisBlockMixHash.ToString());
        w.WriteString("l2GenesisBlockNumber", Hex.Quantity(c.L2GenesisBlockNumber));
        w.WriteString("l2GenesisBlockGasUsed", Hex.Quantity(c.L2GenesisBlockGasUsed));
        w.WriteString("l2GenesisBlockParentHash", c.L2GenesisBlockParentHash.ToString());
        w.WriteString("l2GenesisBlockBaseFeePerGas", c.L2GenesisBlockBaseFeePerGas.ToQuantity());
        if (c.L2GenesisBlockExtraData is { } extra) w.WriteBase64String("l2GenesisBlockExtraData", extra);
        for (int i = 0; i < ForkSchedule.Names.Count; i++) Offset(w, ForkSchedule.Names[i], c.Forks.Offsets[i]);
        if (c.Forks.PectraBlobSchedule is { } pectra) Offset(w, "PectraBlobSchedule", pectra);
        w.WriteNumber("eip1559Denominator", c.Eip1559Denominator);
        w.WriteNumber("eip1559DenominatorCanyon", c.Eip1559DenominatorCanyon);
        w.WriteNumber("eip1559Elasticity", c.Eip1559Elasticity);
        w.WriteNumber("systemConfigStartBlock", c.SystemConfigStartBlock);
        w.WriteString("requiredProtocolVersion", c.RequiredProtocolVersion.ToString());
        w.WriteString("recommendedProtocolVersion", c.RecommendedProtocolVersion.ToString());
        w.WriteBoolean("fundDevAccounts", c.FundDevAccounts);
    }

    private static void Proofs(Utf8JsonWriter w, DeployConfig c)
    {
        w.WriteBoolean("useFaultProofs", c.UseFaultProofs);
        w.WriteNumber("proofMaturityDelaySeconds", c.ProofMaturityDelaySeconds);
        w.WriteNumber("disputeGameFinalityDelaySeconds", c.DisputeGameFinalityDelaySeconds);
        w.WriteNumber("respectedGameType", c.RespectedGameType);
        w.WriteString("faultGameAbsolutePrestate", c.FaultGameAbsolutePrestate.ToString());
        w.WriteString("faultGameGenesisOutputRoot", c.FaultGameGenesisOutputRoot.ToString());
        w.WriteNumber("faultGameGenesisBlock", c.FaultGameGenesisBlock);
        w.WriteNumber("faultGameMaxDepth", c.FaultGameMaxDepth);
        w.WriteNumber("faultGameSplitDepth", c.FaultGameSplitDepth);
        w.WriteNumber("faultGameClockExtension", c.FaultGameClockExtension);
        w.WriteNumber("faultGameMaxClockDuration", c.FaultGameMaxClockDuration);
        w.WriteNumber("faultGameWithdrawalDelay", c.FaultGameWithdrawalDelay);
        if (!c.FaultGameInitBond.IsZero) w.WriteString("faultGameInitBond", c.FaultGameInitBond.ToQuantity());
        w.WriteNumber("preimageOracleMinProposalSize", c.PreimageOracleMinProposalSize);
        w.WriteNumber("preimageOracleChallengePeriod", c.PreimageOracleChallengePeriod);
        w.WriteBoolean("useAltDA", c.UseAltDa);
        w.WriteString("daCommitmentType", c.DaCommitmentType);
        w.WriteNumber("daChallengeWindow", c.DaChallengeWindow);
        w.WriteNumber("daResolveWindow", c.DaResolveWindow);
        w.WriteString("daBondSize", c.DaBondSize.ToQuantity());
        w.WriteNumber("daResolverRefundPercentage", c.DaResolverRefundPercentage);
    }

    private static void Vault(Utf8JsonWriter w, string name, in FeeVaultConfig vault)
    {
        w.WriteString($"{name}Recipient", vault.Recipient.ToChecksumString());
        w.WriteString($"{name}MinimumWithdrawalAmount", vault.MinimumWithdrawalAmount.ToQuantity());
        w.WriteNumber($"{name}WithdrawalNetwork", (int)vault.Network);
    }

    private static void Offset(Utf8JsonWriter w, string fork, ulong? offset)
    {
        if (offset is { } seconds) w.WriteString($"l2Genesis{fork}TimeOffset", Hex.Quantity(seconds));
        else w.WriteNull($"l2Genesis{fork}TimeOffset");
    }
}
