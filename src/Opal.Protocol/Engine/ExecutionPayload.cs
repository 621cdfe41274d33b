using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>A block as the Engine API carries it.</summary>
/// <remarks>Spec: execution-apis, engine; exec-engine.md. What is not in the payload (the beacon root, the requests) is given beside it.</remarks>
public sealed class ExecutionPayload
{
    public Hash256 ParentHash { get; init; }

    public Address FeeRecipient { get; init; }

    public Hash256 StateRoot { get; init; }

    public Hash256 ReceiptsRoot { get; init; }

    public Bloom LogsBloom { get; init; } = Bloom.Empty;

    public Hash256 PrevRandao { get; init; }

    public ulong BlockNumber { get; init; }

    public ulong GasLimit { get; init; }

    public ulong GasUsed { get; init; }

    /// <summary>Seconds.</summary>
    public ulong Timestamp { get; init; }

    public byte[] ExtraData { get; init; } = [];

    /// <summary>Wei.</summary>
    public UInt256 BaseFeePerGas { get; init; }

    public Hash256 BlockHash { get; init; }

    /// <summary>EIP-2718 encodings.</summary>
    public IReadOnlyList<byte[]> Transactions { get; init; } = [];

    /// <summary>Null before Shanghai and Canyon (V1).</summary>
    public IReadOnlyList<Withdrawal>? Withdrawals { get; init; }

    /// <summary>Null before Cancun and Ecotone (V3).</summary>
    public ulong? BlobGasUsed { get; init; }

    /// <summary>Null before Cancun and Ecotone (V3).</summary>
    public ulong? ExcessBlobGas { get; init; }

    /// <summary>The storage root of the L2ToL1MessagePasser; L2 from Isthmus on, else null.</summary>
    public Hash256? WithdrawalsRoot { get; init; }

    /// <summary>Makes the block and checks its hash.</summary>
    /// <param name="parentBeaconBlockRoot">Null before Cancun and Ecotone.</param>
    /// <param name="requestsHash">Null before Prague and Isthmus; see <see cref="ExecutionRequests.Hash"/>.</param>
    /// <param name="block">The block.</param>
    /// <param name="error">What is wrong.</param>
    public bool TryGetBlock(Hash256? parentBeaconBlockRoot, Hash256? requestsHash, out Block? block, out PayloadError error)
    {
        block = null;
        var transactions = new Transaction[Transactions.Count];
        for (int i = 0; i < transactions.Length; i++)
        {
            if (!Transaction.TryDecode(Transactions[i], out Transaction? transaction, out _))
            {
                error = PayloadError.MalformedTransaction;
                return false;
            }

            transactions[i] = transaction!;
        }

        Withdrawal[]? withdrawals = null;
        if (Withdrawals is { } given)
        {
            withdrawals = new Withdrawal[given.Count];
            for (int i = 0; i < withdrawals.Length; i++) withdrawals[i] = given[i];
        }

        Hash256? withdrawalsRoot = WithdrawalsRoot ?? (withdrawals is null ? null : BodyRoots.OfWithdrawals(withdrawals));
        var header = new BlockHeader
        {
            ParentHash = ParentHash,
            Beneficiary = FeeRecipient,
            StateRoot = StateRoot,
            TransactionsRoot = BodyRoots.OfTransactions(transactions),
            ReceiptsRoot = ReceiptsRoot,
            LogsBloom = LogsBloom,
            Number = BlockNumber,
            GasLimit = GasLimit,
            GasUsed = GasUsed,
            Timestamp = Timestamp,
            ExtraData = ExtraData,
            MixHash = PrevRandao,
            BaseFeePerGas = BaseFeePerGas,
            WithdrawalsRoot = withdrawalsRoot,
            BlobGasUsed = BlobGasUsed,
            ExcessBlobGas = ExcessBlobGas,
            ParentBeaconBlockRoot = parentBeaconBlockRoot,
            RequestsHash = requestsHash,
        };
        if (header.Hash != BlockHash)
        {
            error = PayloadError.BlockHashMismatch;
            return false;
        }

        error = PayloadError.None;
        block = new Block { Header = header, Transactions = transactions, Withdrawals = withdrawals };
        return true;
    }

    /// <summary>The payload of a block.</summary>
    /// <param name="block">The block; after the merge.</param>
    /// <param name="hasWithdrawalsRoot">Whether the withdrawals root is not that of the list: L2 from Isthmus on.</param>
    public static ExecutionPayload FromBlock(Block block, bool hasWithdrawalsRoot)
    {
        BlockHeader header = block.Header;
        var transactions = new byte[block.Transactions.Length][];
        for (int i = 0; i < transactions.Length; i++) transactions[i] = block.Transactions[i].Encoded;
        return new ExecutionPayload
        {
            ParentHash = header.ParentHash,
            FeeRecipient = header.Beneficiary,
            StateRoot = header.StateRoot,
            ReceiptsRoot = header.ReceiptsRoot,
            LogsBloom = header.LogsBloom,
            PrevRandao = header.MixHash,
            BlockNumber = header.Number,
            GasLimit = header.GasLimit,
            GasUsed = header.GasUsed,
            Timestamp = header.Timestamp,
            ExtraData = header.ExtraData,
            BaseFeePerGas = header.BaseFeePerGas ?? UInt256.Zero,
            BlockHash = header.Hash,
            Transactions = transactions,
            Withdrawals = block.Withdrawals,
            BlobGasUsed = header.BlobGasUsed,
            ExcessBlobGas = header.ExcessBlobGas,
            WithdrawalsRoot = hasWithdrawalsRoot ? header.WithdrawalsRoot : null,
        };
    }
}
