using Opal.Primitives;

namespace Opal.Deployer.Config;

/// <summary>The layer that fees withdrawn from a fee vault go to.</summary>
public enum WithdrawalNetwork : byte
{
    /// <summary>L1, by a withdrawal through the standard bridge. Written 0 or "remote".</summary>
    L1 = 0,

    /// <summary>L2, by a plain transfer. Written 1 or "local".</summary>
    L2 = 1,
}

/// <summary>Where a fee vault's contents go.</summary>
/// <param name="Recipient">The account.</param>
/// <param name="MinimumWithdrawalAmount">Wei that must have gathered before a withdrawal.</param>
/// <param name="Network">The layer.</param>
public readonly record struct FeeVaultConfig(Address Recipient, UInt256 MinimumWithdrawalAmount, WithdrawalNetwork Network);

/// <summary>
/// The parameters of a chain, before it exists: the input of the L1 deployment and of the L2 genesis. The JSON form is the
/// official deploy config's; see <see cref="DeployConfigFile"/>.
/// </summary>
public sealed record DeployConfig
{
    // --- chains ---

    /// <summary>Chain id of L1.</summary>
    public required ulong L1ChainId { get; init; }

    /// <summary>Chain id of L2; differs from L1's.</summary>
    public required ulong L2ChainId { get; init; }

    /// <summary>Seconds between L1 blocks.</summary>
    public required ulong L1BlockTime { get; init; }

    /// <summary>Seconds between L2 blocks; not above L1's.</summary>
    public required ulong L2BlockTime { get; init; }

    /// <summary>The L1 block that the L2 chain starts from: a hash, a number, a tag; null = the latest once SystemConfig is initialised.</summary>
    public string? L1StartingBlockTag { get; init; }

    // --- rollup parameters ---

    /// <summary>Seconds that L2 time may run ahead of its L1 origin before the sequencer may only make empty blocks.</summary>
    public required ulong MaxSequencerDrift { get; init; }

    /// <summary>L1 blocks in which an epoch's batches must be included.</summary>
    public required ulong SequencerWindowSize { get; init; }

    /// <summary>L1 blocks that a channel may stay open.</summary>
    public required ulong ChannelTimeout { get; init; }

    /// <summary>Signer of gossiped unsafe blocks.</summary>
    public required Address P2PSequencerAddress { get; init; }

    /// <summary>Where batcher transactions are sent.</summary>
    public required Address BatchInboxAddress { get; init; }

    /// <summary>Who sends them.</summary>
    public required Address BatchSenderAddress { get; init; }

    // --- owners ---

    /// <summary>Owner of the L2 ProxyAdmin predeploy.</summary>
    public required Address ProxyAdminOwner { get; init; }

    /// <summary>Owner of the L1 contracts, once deployed.</summary>
    public required Address FinalSystemOwner { get; init; }

    /// <summary>Who may pause withdrawals.</summary>
    public required Address SuperchainConfigGuardian { get; init; }

    // --- output oracle ---

    /// <summary>L2 blocks between proposals.</summary>
    public required ulong L2OutputOracleSubmissionInterval { get; init; }

    /// <summary>L2 genesis time as the oracle knows it, Unix seconds; null = the start block's (written -1).</summary>
    public ulong? L2OutputOracleStartingTimestamp { get; init; }

    /// <summary>First L2 block the oracle counts from.</summary>
    public ulong L2OutputOracleStartingBlockNumber { get; init; }

    /// <summary>Who may propose.</summary>
    public required Address L2OutputOracleProposer { get; init; }

    /// <summary>Who may delete proposals.</summary>
    public required Address L2OutputOracleChallenger { get; init; }

    /// <summary>Seconds before a proposed output is final.</summary>
    public required ulong FinalizationPeriodSeconds { get; init; }

    // --- fee vaults and gas ---

    /// <summary>Vault of base fees.</summary>
    public required FeeVaultConfig BaseFeeVault { get; init; }

    /// <summary>Vault of L1 data fees.</summary>
    public required FeeVaultConfig L1FeeVault { get; init; }

    /// <summary>Vault of priority fees.</summary>
    public required FeeVaultConfig SequencerFeeVault { get; init; }

    /// <summary>Before Ecotone: L1 gas added to every transaction's.</summary>
    public ulong GasPriceOracleOverhead { get; init; }

    /// <summary>Before Ecotone: factor of the L1 fee, in millionths.</summary>
    public ulong GasPriceOracleScalar { get; init; }

    /// <summary>From Ecotone on: factor of the L1 base fee, in millionths.</summary>
    public uint GasPriceOracleBaseFeeScalar { get; init; } = 1368;

    /// <summary>From Ecotone on: factor of the L1 blob base fee, in millionths.</summary>
    public uint GasPriceOracleBlobBaseFeeScalar { get; init; } = 810949;

    // --- governance token ---

    /// <summary>Whether the GovernanceToken predeploy exists.</summary>
    public bool EnableGovernance { get; init; }

    /// <summary>Kept for the file; the contract's name is fixed.</summary>
    public string GovernanceTokenName { get; init; } = "Optimism";

    /// <summary>Kept for the file; the contract's symbol is fixed.</summary>
    public string GovernanceTokenSymbol { get; init; } = "OP";

    /// <summary>Who may mint the governance token.</summary>
    public Address GovernanceTokenOwner { get; init; }

    // --- L2 genesis block ---

    /// <summary>Gas limit of L2 blocks.</summary>
    public ulong L2GenesisBlockGasLimit { get; init; } = 30_000_000;

    /// <summary>Base fee of block 0, wei.</summary>
    public UInt256 L2GenesisBlockBaseFeePerGas { get; init; } = 1_000_000_000UL;

    /// <summary>Header field of block 0.</summary>
    public ulong L2GenesisBlockNonce { get; init; }

    /// <summary>Header field of block 0.</summary>
    public UInt256 L2GenesisBlockDifficulty { get; init; }

    /// <summary>Header field of block 0.</summary>
    public Hash256 L2GenesisBlockMixHash { get; init; }

    /// <summary>Number of the first block; 0 but for migrated chains.</summary>
    public ulong L2GenesisBlockNumber { get; init; }

    /// <summary>Header field of block 0.</summary>
    public ulong L2GenesisBlockGasUsed { get; init; }

    /// <summary>Header field of block 0.</summary>
    public Hash256 L2GenesisBlockParentHash { get; init; }

    /// <summary>Header field of block 0, up to 32 bytes; null = what the forks at genesis ask for. Base64 in the file.</summary>
    public byte[]? L2GenesisBlockExtraData { get; init; }

    /// <summary>EIP-1559 before Canyon: the base fee moves by at most 1/this a block.</summary>
    public ulong Eip1559Denominator { get; init; } = 50;

    /// <summary>The same from Canyon on.</summary>
    public ulong Eip1559DenominatorCanyon { get; init; } = 250;

    /// <summary>EIP-1559: gas limit over gas target.</summary>
    public ulong Eip1559Elasticity { get; init; } = 10;

    /// <summary>When the forks activate.</summary>
    public ForkSchedule Forks { get; init; } = new();

    /// <summary>Whether the 30 well-known test accounts get 10,000 ETH each at the L2 genesis.</summary>
    public bool FundDevAccounts { get; init; }

    // --- superchain ---

    /// <summary>Override of SystemConfig's start block on upgrades; 0 for new chains.</summary>
    public ulong SystemConfigStartBlock { get; init; }

    /// <summary>Protocol version that nodes must have.</summary>
    public Hash256 RequiredProtocolVersion { get; init; }

    /// <summary>Protocol version that nodes should have.</summary>
    public Hash256 RecommendedProtocolVersion { get; init; }

    // --- fault proofs ---

    /// <summary>Whether the portal asks the dispute game factory instead of the output oracle.</summary>
    public bool UseFaultProofs { get; init; }

    /// <summary>Seconds between proving and finalising a withdrawal.</summary>
    public ulong ProofMaturityDelaySeconds { get; init; }

    /// <summary>Seconds between a game's resolution and finalising withdrawals on it.</summary>
    public ulong DisputeGameFinalityDelaySeconds { get; init; }

    /// <summary>The game type that withdrawals are proven against.</summary>
    public uint RespectedGameType { get; init; }

    /// <summary>The VM's state before the program's first step.</summary>
    public Hash256 FaultGameAbsolutePrestate { get; init; }

    /// <summary>Anchor output root; zero = computed from the L2 genesis.</summary>
    public Hash256 FaultGameGenesisOutputRoot { get; init; }

    /// <summary>L2 block of the anchor.</summary>
    public ulong FaultGameGenesisBlock { get; init; }

    /// <summary>Depth of the game tree.</summary>
    public ulong FaultGameMaxDepth { get; init; } = 73;

    /// <summary>Depth at which outputs turn into execution traces.</summary>
    public ulong FaultGameSplitDepth { get; init; } = 30;

    /// <summary>Seconds.</summary>
    public ulong FaultGameClockExtension { get; init; } = 10800;

    /// <summary>Seconds.</summary>
    public ulong FaultGameMaxClockDuration { get; init; } = 302400;

    /// <summary>Seconds that a bond stays locked after its game.</summary>
    public ulong FaultGameWithdrawalDelay { get; init; } = 604800;

    /// <summary>Wei that must come with a new game, of either type. A key of ours, <c>faultGameInitBond</c>, absent when zero, as the official deployment leaves it.</summary>
    public UInt256 FaultGameInitBond { get; init; }

    /// <summary>Bytes.</summary>
    public ulong PreimageOracleMinProposalSize { get; init; } = 126000;

    /// <summary>Seconds.</summary>
    public ulong PreimageOracleChallengePeriod { get; init; } = 86400;

    // --- alternative data availability ---

    /// <summary>Whether batches live off L1 with commitments on it. Key: useAltDA, once usePlasma.</summary>
    public bool UseAltDa { get; init; }

    /// <summary>KeccakCommitment or GenericCommitment.</summary>
    public string DaCommitmentType { get; init; } = "KeccakCommitment";

    /// <summary>L1 blocks in which a commitment may be challenged.</summary>
    public ulong DaChallengeWindow { get; init; } = 1000;

    /// <summary>L1 blocks in which a challenge may be answered.</summary>
    public ulong DaResolveWindow { get; init; } = 1000;

    /// <summary>Wei.</summary>
    public UInt256 DaBondSize { get; init; } = 1_000_000_000UL;

    /// <summary>Percent of the resolving cost paid back.</summary>
    public ulong DaResolverRefundPercentage { get; init; }
}
