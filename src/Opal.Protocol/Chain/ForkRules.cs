using Opal.Evm;

namespace Opal.Protocol;

/// <summary>The rules of every fork: each states what it changes over the one before.</summary>
public static class ForkRules
{
    private const TransactionTypes LondonTypes = TransactionTypes.Legacy | TransactionTypes.AccessList | TransactionTypes.DynamicFee;

    /// <summary>2 ether in wei, since Constantinople (EIP-1234).</summary>
    private const ulong ConstantinopleReward = 2_000_000_000_000_000_000;

    /// <summary>EIP-7825: 2^24.</summary>
    private const ulong OsakaMaxTransactionGas = 1UL << 24;

    /// <summary>EIP-7934: 10 MiB less 2 MiB for the beacon block.</summary>
    private const int OsakaMaxBlockSize = (10 << 20) - (2 << 20);

    // --- Ethereum ---

    public static Rules London { get; } = new()
    {
        Name = "London",
        Evm = EvmRules.London,
        IsProofOfWork = true,
        BlockReward = ConstantinopleReward,
        Types = LondonTypes,
    };

    public static Rules Paris { get; } = London with { Name = "Paris", Evm = EvmRules.Paris, IsProofOfWork = false, BlockReward = default };

    public static Rules Shanghai { get; } = Paris with { Name = "Shanghai", Evm = EvmRules.Shanghai, Withdrawals = WithdrawalsRule.List, WarmsCoinbase = true };

    public static Rules Cancun { get; } = Shanghai with
    {
        Name = "Cancun",
        Evm = EvmRules.Cancun,
        BlobGas = BlobGasRule.Blobs,
        Blobs = BlobParameters.Cancun,
        HasBeaconRoot = true,
        Types = LondonTypes | TransactionTypes.Blob,
    };

    public static Rules Prague { get; } = Cancun with
    {
        Name = "Prague",
        Evm = EvmRules.Prague,
        Blobs = BlobParameters.Prague,
        StoresParentHash = true,
        Requests = RequestsRule.FromExecution,
        HasCalldataFloor = true,
        Types = LondonTypes | TransactionTypes.Blob | TransactionTypes.SetCode,
    };

    public static Rules Osaka { get; } = Prague with
    {
        Name = "Osaka",
        Evm = EvmRules.Osaka,
        HasBlobReservePrice = true,
        MaxBlobsPerTransaction = 6,
        MaxTransactionGas = OsakaMaxTransactionGas,
        MaxBlockSize = OsakaMaxBlockSize,
    };

    // --- OP Stack ---

    public static Rules Bedrock { get; } = new()
    {
        Name = "Bedrock",
        Evm = EvmRules.OpBedrock,
        IsOptimism = true,
        ExtraData = ExtraDataRule.Empty,
        Types = LondonTypes | TransactionTypes.Deposit,
        L1Cost = L1CostFormula.Bedrock,
    };

    public static Rules Regolith { get; } = Bedrock with { Name = "Regolith", L1Cost = L1CostFormula.Regolith, MetersDeposits = true };

    public static Rules Canyon { get; } = Regolith with
    {
        Name = "Canyon",
        Evm = EvmRules.OpCanyon,
        WarmsCoinbase = true,
        Withdrawals = WithdrawalsRule.EmptyList,
        HasDepositReceiptVersion = true,
        HasCreate2Deployer = true,
    };

    /// <summary>Delta changes derivation only.</summary>
    public static Rules Delta { get; } = Canyon with { Name = "Delta" };

    public static Rules Ecotone { get; } = Delta with
    {
        Name = "Ecotone",
        Evm = EvmRules.OpEcotone,
        BlobGas = BlobGasRule.Zero,
        HasBeaconRoot = true,
        L1Cost = L1CostFormula.Ecotone,
    };

    public static Rules Fjord { get; } = Ecotone with { Name = "Fjord", Evm = EvmRules.OpFjord, L1Cost = L1CostFormula.Fjord };

    public static Rules Granite { get; } = Fjord with { Name = "Granite", Evm = EvmRules.OpGranite };

    public static Rules Holocene { get; } = Granite with { Name = "Holocene", ExtraData = ExtraDataRule.Holocene };

    public static Rules Isthmus { get; } = Holocene with
    {
        Name = "Isthmus",
        Evm = EvmRules.OpIsthmus,
        Withdrawals = WithdrawalsRule.MessagePasser,
        StoresParentHash = true,
        Requests = RequestsRule.AlwaysEmpty,
        HasCalldataFloor = true,
        OperatorFee = OperatorFeeFormula.Isthmus,
        Types = LondonTypes | TransactionTypes.SetCode | TransactionTypes.Deposit,
    };

    public static Rules Jovian { get; } = Isthmus with
    {
        Name = "Jovian",
        Evm = EvmRules.OpJovian,
        ExtraData = ExtraDataRule.Jovian,
        BlobGas = BlobGasRule.DAFootprint,
        OperatorFee = OperatorFeeFormula.Jovian,
    };

    public static Rules Karst { get; } = Jovian with { Name = "Karst", Evm = EvmRules.OpKarst, MaxTransactionGas = OsakaMaxTransactionGas };

    /// <summary>The rules of an Ethereum fork.</summary>
    public static Rules Of(EthereumFork fork) => fork switch
    {
        EthereumFork.London => London,
        EthereumFork.Paris => Paris,
        EthereumFork.Shanghai => Shanghai,
        EthereumFork.Cancun => Cancun,
        EthereumFork.Prague => Prague,
        _ => Osaka,
    };

    /// <summary>The rules of an OP Stack fork, with the standard fee market.</summary>
    public static Rules Of(OptimismFork fork) => fork switch
    {
        OptimismFork.Bedrock => Bedrock,
        OptimismFork.Regolith => Regolith,
        OptimismFork.Canyon => Canyon,
        OptimismFork.Delta => Delta,
        OptimismFork.Ecotone => Ecotone,
        OptimismFork.Fjord => Fjord,
        OptimismFork.Granite => Granite,
        OptimismFork.Holocene => Holocene,
        OptimismFork.Isthmus => Isthmus,
        OptimismFork.Jovian => Jovian,
        _ => Karst,
    };
}
