using System.Globalization;
using Opal.Deployer.Config;
using Opal.Deployer.Keys;
using Opal.Primitives;

namespace Opal.Devnet;

/// <summary>The deploy config of a devnet: small windows, short waits, Holocene at genesis.</summary>
internal static class DevnetDeployConfig
{
    public const ulong L1ChainId = 900;
    public const ulong L2ChainId = 901;

    /// <summary>Blocks after genesis at which Isthmus and Jovian activate where their bundles are there.</summary>
    private const ulong IsthmusBlocks = 10, JovianBlocks = 20;

    /// <param name="l1ChainId">The L1's chain id.</param>
    /// <param name="l1BlockSeconds">Seconds between L1 blocks.</param>
    /// <param name="l2BlockSeconds">Seconds between L2 blocks.</param>
    /// <param name="withUpgrades">Whether Isthmus and Jovian are scheduled.</param>
    /// <param name="proofs">How withdrawals are proven.</param>
    public static DeployConfig Make(ulong l1ChainId, ulong l1BlockSeconds, ulong l2BlockSeconds, bool withUpgrades, WithdrawalProofs proofs)
    {
        DeployConfig config = Make(l1ChainId, l1BlockSeconds, l2BlockSeconds, withUpgrades);
        return proofs == WithdrawalProofs.Games ? WithGames(config) : config;
    }

    /// <summary>The time between two games of the proposer.</summary>
    public static TimeSpan GameInterval(TimeSpan l1BlockTime) => l1BlockTime * 5;

    /// <summary>Dispute games that are over in seconds: a few L1 blocks to challenge one, two to wait after it.</summary>
    private static DeployConfig WithGames(DeployConfig config) => config with
    {
        UseFaultProofs = true,
        RespectedGameType = 0,
        FaultGameAbsolutePrestate = PlaceholderPrestate.Hash,
        FaultGameMaxDepth = 44,
        FaultGameSplitDepth = 14,
        FaultGameClockExtension = 0,
        FaultGameMaxClockDuration = Math.Max(12, 6 * config.L1BlockTime),
        FaultGameWithdrawalDelay = 2 * config.L1BlockTime,
        FaultGameInitBond = 1_000_000_000_000_000UL, // 0.001 ETH
        ProofMaturityDelaySeconds = 2 * config.L1BlockTime,
        DisputeGameFinalityDelaySeconds = 2 * config.L1BlockTime,
        PreimageOracleMinProposalSize = 10_000,
        PreimageOracleChallengePeriod = 5,
        L2OutputOracleChallenger = DevnetKeys.Challenger.Address,
    };

    private static DeployConfig Make(ulong l1ChainId, ulong l1BlockSeconds, ulong l2BlockSeconds, bool withUpgrades)
    {
        Wallets roles = DevnetKeys.Roles;
        ForkSchedule forks = ForkSchedule.AtGenesisThrough("Holocene");
        if (withUpgrades) forks = forks with { Isthmus = IsthmusBlocks * l2BlockSeconds, Jovian = JovianBlocks * l2BlockSeconds };
        var vault = new FeeVaultConfig(roles.Admin.Address, UInt256.Zero, WithdrawalNetwork.L1);
        return new DeployConfig
        {
            L1ChainId = l1ChainId,
            L2ChainId = L2ChainId,
            L1BlockTime = l1BlockSeconds,
            L2BlockTime = l2BlockSeconds,
            MaxSequencerDrift = 600,
            SequencerWindowSize = 3600,
            ChannelTimeout = 300,
            P2PSequencerAddress = roles.Sequencer.Address,
            BatchInboxAddress = InboxOf(L2ChainId),
            BatchSenderAddress = roles.Batcher.Address,
            ProxyAdminOwner = roles.Admin.Address,
            FinalSystemOwner = roles.Admin.Address,
            SuperchainConfigGuardian = roles.Admin.Address,
            L2OutputOracleSubmissionInterval = Math.Max(1, 20 / l2BlockSeconds),
            L2OutputOracleProposer = roles.Proposer.Address,
            L2OutputOracleChallenger = roles.Admin.Address,
            FinalizationPeriodSeconds = 2,
            BaseFeeVault = vault,
            L1FeeVault = vault,
            SequencerFeeVault = vault,
            EnableGovernance = true,
            GovernanceTokenOwner = roles.Admin.Address,
            L2GenesisBlockGasLimit = 60_000_000,
            Eip1559Elasticity = 6,
            Forks = forks,
            FundDevAccounts = true,
        };
    }

    /// <summary>0xff and the chain id's decimal digits at the end, as is the custom.</summary>
    private static Address InboxOf(ulong l2ChainId) => Address.Parse("ff" + l2ChainId.ToString(CultureInfo.InvariantCulture).PadLeft(38, '0'));
}
