using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>All that differs from fork to fork and from L1 to L2, as data. Resolved once a block; code below asks these, never the time.</summary>
public sealed record Rules
{
    /// <summary>The fork's name.</summary>
    public required string Name { get; init; }

    /// <summary>The EVM's part.</summary>
    public required EvmRules Evm { get; init; }

    /// <summary>Whether this is an L2: fees go to vaults, the gas limit is given, the fee market's parameters are the chain's own.</summary>
    public bool IsOptimism { get; init; }

    /// <summary>Whether blocks are mined: difficulty, ommers' hash and block reward as before the merge (without ommers).</summary>
    public bool IsProofOfWork { get; init; }

    /// <summary>Wei that the beneficiary of a block gets for it.</summary>
    public UInt256 BlockReward { get; init; }

    // --- header ---

    /// <summary>The extra data.</summary>
    public ExtraDataRule ExtraData { get; init; }

    /// <summary>Withdrawals and their root.</summary>
    public WithdrawalsRule Withdrawals { get; init; }

    /// <summary>The blob gas fields.</summary>
    public BlobGasRule BlobGas { get; init; }

    /// <summary>Whether the header has the parent beacon block's root, and the block begins with the call that stores it (EIP-4788).</summary>
    public bool HasBeaconRoot { get; init; }

    /// <summary>Whether the block begins with the call that stores its parent's hash (EIP-2935).</summary>
    public bool StoresParentHash { get; init; }

    /// <summary>Requests and their hash.</summary>
    public RequestsRule Requests { get; init; }

    /// <summary>The largest RLP encoding of a block in bytes (EIP-7934).</summary>
    public int MaxBlockSize { get; init; } = int.MaxValue;

    // --- fee market ---

    /// <summary>The gas limit over the gas target, where the parent's extra data does not say.</summary>
    public uint Elasticity { get; init; } = 2;

    /// <summary>The base fee's max change denominator, where the parent's extra data does not say.</summary>
    public uint BaseFeeDenominator { get; init; } = 8;

    /// <summary>The blob market's parameters; meaningless where <see cref="BlobGas"/> is not Blobs.</summary>
    public BlobParameters Blobs { get; init; }

    /// <summary>The most blobs in a transaction: the block's maximum, from Osaka on 6 (EIP-7594).</summary>
    public ulong MaxBlobsPerTransaction { get; init; } = ulong.MaxValue;

    /// <summary>Whether the blob price has a reserve (EIP-7918).</summary>
    public bool HasBlobReservePrice { get; init; }

    // --- transactions ---

    /// <summary>The types that a block may hold.</summary>
    public TransactionTypes Types { get; init; }

    /// <summary>The largest gas limit of a transaction (EIP-7825); deposits are exempt.</summary>
    public ulong MaxTransactionGas { get; init; } = ulong.MaxValue;

    /// <summary>Whether call data has a floor price (EIP-7623).</summary>
    public bool HasCalldataFloor { get; init; }

    /// <summary>Whether the fee recipient is warm from the start (EIP-3651).</summary>
    public bool WarmsCoinbase { get; init; }

    // --- L2 ---

    /// <summary>The fee for L1 data.</summary>
    public L1CostFormula L1Cost { get; init; }

    /// <summary>The operator fee.</summary>
    public OperatorFeeFormula OperatorFee { get; init; }

    /// <summary>Whether deposits report the gas they used, and system transactions are gone (Regolith).</summary>
    public bool MetersDeposits { get; init; }

    /// <summary>Whether deposit receipts carry nonce and version in their encoding (Canyon).</summary>
    public bool HasDepositReceiptVersion { get; init; }

    /// <summary>Whether the create2Deployer is in the state: its code is put there in the first such block (Canyon).</summary>
    public bool HasCreate2Deployer { get; init; }

    /// <summary>The flag of a type in <see cref="Types"/>.</summary>
    public bool Allows(TransactionType type) => (Types & FlagOf(type)) != 0;

    private static TransactionTypes FlagOf(TransactionType type) => type switch
    {
        TransactionType.Legacy => TransactionTypes.Legacy,
        TransactionType.AccessList => TransactionTypes.AccessList,
        TransactionType.DynamicFee => TransactionTypes.DynamicFee,
        TransactionType.Blob => TransactionTypes.Blob,
        TransactionType.SetCode => TransactionTypes.SetCode,
        TransactionType.Deposit => TransactionTypes.Deposit,
        _ => TransactionTypes.None,
    };
}
