using System.Globalization;
using Opal.Deployer.Keys;
using Opal.Primitives;

namespace Opal.Deployer.Config;

/// <summary>Deploy configs to begin with.</summary>
public static class DeployConfigTemplate
{
    private static readonly UInt256 TenEther = new UInt256(10) * 1_000_000_000_000_000_000UL;

    /// <summary>The values of the official getting-started tutorial for a testnet rollup, with the forks that these contracts need no upgrade bundle for.</summary>
    /// <param name="wallets">The roles' accounts.</param>
    /// <param name="l1ChainId">L1's chain id.</param>
    /// <param name="l2ChainId">The new chain's id.</param>
    /// <param name="l1BlockTime">Seconds between L1 blocks.</param>
    /// <param name="l1StartingBlock">Hash of the L1 block to start from; null = the latest after the deployment.</param>
    public static DeployConfig GettingStarted(Wallets wallets, ulong l1ChainId, ulong l2ChainId, ulong l1BlockTime = 12, Hash256? l1StartingBlock = null)
    {
        Address admin = wallets.Admin.Address;
        var vault = new FeeVaultConfig(admin, TenEther, WithdrawalNetwork.L1);
        return new DeployConfig
        {
            L1ChainId = l1ChainId,
            L2ChainId = l2ChainId,
            L1BlockTime = l1BlockTime,
            L2BlockTime = 2,
            L1StartingBlockTag = l1StartingBlock?.ToString(),
            MaxSequencerDrift = 600,
            SequencerWindowSize = 3600,
            ChannelTimeout = 300,
            P2PSequencerAddress = wallets.Sequencer.Address,
            BatchInboxAddress = BatchInboxOf(l2ChainId),
            BatchSenderAddress = wallets.Batcher.Address,
            ProxyAdminOwner = admin,
            FinalSystemOwner = admin,
            SuperchainConfigGuardian = admin,
            L2OutputOracleSubmissionInterval = 120,
            L2OutputOracleProposer = wallets.Proposer.Address,
            L2OutputOracleChallenger = admin,
            FinalizationPeriodSeconds = 12,
            BaseFeeVault = vault,
            L1FeeVault = vault,
            SequencerFeeVault = vault,
            EnableGovernance = true,
            GovernanceTokenOwner = admin,
            Eip1559Elasticity = 6,
            Forks = ForkSchedule.AtGenesisThrough("Holocene"),
            FaultGameMaxDepth = 44,
            FaultGameSplitDepth = 14,
            FaultGameClockExtension = 0,
            FaultGameMaxClockDuration = 600,
            PreimageOracleMinProposalSize = 1_800_000,
            PreimageOracleChallengePeriod = 86_400,
        };
    }

    /// <summary>The same chain with dispute games in place of the output oracle, with delays for trying it out: 12 s after a proof, 6 s after a game.</summary>
    /// <param name="config">The chain.</param>
    /// <param name="absolutePrestate">The fault-proof program's absolute prestate.</param>
    public static DeployConfig WithGames(DeployConfig config, Hash256 absolutePrestate) => config with
    {
        UseFaultProofs = true,
        RespectedGameType = 0,
        ProofMaturityDelaySeconds = 12,
        DisputeGameFinalityDelaySeconds = 6,
        FaultGameAbsolutePrestate = absolutePrestate,
    };

    /// <summary>The customary batch inbox: 0xff, and the chain id's decimal digits at the end.</summary>
    public static Address BatchInboxOf(ulong l2ChainId) => Address.Parse("ff" + l2ChainId.ToString(CultureInfo.InvariantCulture).PadLeft(38, '0'));
}
