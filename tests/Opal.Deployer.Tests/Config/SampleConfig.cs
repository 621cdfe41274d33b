using System.Text.Json.Nodes;
using Opal.Deployer.Config;
using Opal.Primitives;

namespace Opal.Deployer.Tests.Config;

/// <summary>A deploy config that is valid as it stands, for tests to change.</summary>
internal static class SampleConfig
{
    public static Address Account(byte n) => Address.FromNumber(0xa0000ul + n);

    public static DeployConfig Create() => new()
    {
        L1ChainId = 900,
        L2ChainId = 901,
        L1BlockTime = 12,
        L2BlockTime = 2,
        MaxSequencerDrift = 600,
        SequencerWindowSize = 3600,
        ChannelTimeout = 300,
        P2PSequencerAddress = Account(1),
        BatchInboxAddress = Address.Parse("0xff00000000000000000000000000000000000901"),
        BatchSenderAddress = Account(2),
        ProxyAdminOwner = Account(3),
        FinalSystemOwner = Account(4),
        SuperchainConfigGuardian = Account(5),
        L2OutputOracleSubmissionInterval = 120,
        L2OutputOracleProposer = Account(6),
        L2OutputOracleChallenger = Account(7),
        FinalizationPeriodSeconds = 12,
        BaseFeeVault = new FeeVaultConfig(Account(8), 10_000_000_000_000_000_000UL, WithdrawalNetwork.L1),
        L1FeeVault = new FeeVaultConfig(Account(9), 10_000_000_000_000_000_000UL, WithdrawalNetwork.L1),
        SequencerFeeVault = new FeeVaultConfig(Account(10), 10_000_000_000_000_000_000UL, WithdrawalNetwork.L2),
        EnableGovernance = true,
        GovernanceTokenOwner = Account(11),
        Forks = ForkSchedule.AtGenesisThrough("fjord") with { Granite = 0, Holocene = 0, Isthmus = 10, Jovian = 20 },
        FaultGameAbsolutePrestate = Hash256.Parse("0x03ababababababababababababababababababababababababababababababab"),
        FaultGameMaxDepth = 50,
        FaultGameSplitDepth = 14,
        FaultGameClockExtension = 0,
        FaultGameMaxClockDuration = 1200,
        PreimageOracleMinProposalSize = 10000,
        PreimageOracleChallengePeriod = 120,
        ProofMaturityDelaySeconds = 12,
        DisputeGameFinalityDelaySeconds = 6,
    };

    public static JsonNode Json() => JsonNode.Parse(DeployConfigWriter.ToJson(Create()))!;
}
