using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.Protocol;

/// <summary>Builds a block: the forced transactions are in it already, <see cref="TryAdd"/> offers others, <see cref="Seal"/> makes the block.</summary>
/// <remarks>Made by <see cref="BlockExecutor.TryBegin"/>, whose machine it uses until it is sealed or dropped; another block may not run on that executor meanwhile.</remarks>
public sealed class BlockBuilder
{
    private readonly ICrypto _crypto;
    private readonly TransactionProcessor _processor;
    private readonly BlockExecution _execution;
    private readonly BlockHeader _template;
    private readonly IExecutionState _state;
    private readonly BuildOptions _options;
    private readonly IReadOnlyList<Withdrawal>? _withdrawals;
    private readonly List<Transaction> _transactions = [];
    private ulong _daSize;
    private ulong _size = 1024; // header and list headers, generously

    internal BlockBuilder(
        ICrypto crypto, TransactionProcessor processor, BlockExecution execution, BlockHeader template, IExecutionState state, BuildOptions options,
        IReadOnlyList<Withdrawal>? withdrawals)
    {
        _crypto = crypto;
        _processor = processor;
        _execution = execution;
        _template = template;
        _state = state;
        _options = options;
        _withdrawals = withdrawals;
        _size += (ulong)(withdrawals?.Count ?? 0) * 64;
    }

    /// <summary>The rules of the block.</summary>
    public Rules Rules => _processor.Rules;

    /// <summary>The block's base fee in wei.</summary>
    public UInt256 BaseFee => _processor.Block.BaseFee;

    /// <summary>The price of a unit of blob gas in wei.</summary>
    public UInt256 BlobBaseFee => _processor.Block.BlobBaseFee;

    /// <summary>The block's number.</summary>
    public ulong Number => _template.Number;

    /// <summary>The block's timestamp in seconds.</summary>
    public ulong Timestamp => _template.Timestamp;

    /// <summary>The gas left.</summary>
    public ulong GasLeft => _execution.GasLeft;

    /// <summary>Observes the transactions that are offered; null for none. Take it away before sealing.</summary>
    public ITracer? Tracer
    {
        get => _processor.Machine.Tracer;
        set => _processor.Machine.Tracer = value;
    }

    /// <summary>The number of transactions in the block so far.</summary>
    public int TransactionCount => _transactions.Count;

    /// <summary>What the fee recipient has earned so far, in wei.</summary>
    public UInt256 PriorityFees => _execution.PriorityFees;

    /// <summary>The value of a storage slot after the transactions so far.</summary>
    public UInt256 GetStorage(in Address account, in UInt256 slot) => _processor.Machine.Journal.GetStorage(account, slot);

    /// <summary>Adds a transaction that must be in the block; a rejection makes the payload invalid.</summary>
    internal TransactionVerdict AddForced(Transaction transaction)
    {
        TransactionVerdict verdict = _execution.Add(transaction, out _);
        if (verdict == TransactionVerdict.Valid) Account(transaction);
        return verdict;
    }

    private void Account(Transaction transaction)
    {
        _transactions.Add(transaction);
        _size += (ulong)transaction.Encoded.Length + 8;
        if (_options.MaxDABlockSize is not null && !transaction.IsDeposit) _daSize += L1DataFee.EstimatedSize(transaction.FastLzSize);
    }

    /// <summary>Offers a pool transaction. One that is not included leaves the block as it was.</summary>
    /// <param name="transaction">The transaction; no deposit.</param>
    /// <param name="verdict">Why it was rejected, where the result says so.</param>
    public AddResult TryAdd(Transaction transaction, out TransactionVerdict verdict)
    {
        verdict = TransactionVerdict.TypeNotAllowed;
        if (transaction.IsDeposit) return AddResult.Rejected;
        AddResult room = CheckRoom(transaction);
        if (room != AddResult.Included) return room;
        verdict = _execution.Add(transaction, out _);
        switch (verdict)
        {
            case TransactionVerdict.Valid:
                Account(transaction);
                return AddResult.Included;
            case TransactionVerdict.BlockGasExceeded: return AddResult.NoGas;
            case TransactionVerdict.DAFootprintExceeded: return AddResult.NoDASpace;
            case TransactionVerdict.BlockBlobGasExceeded: return AddResult.NoBlobSpace;
            default: return AddResult.Rejected;
        }
    }

    private AddResult CheckRoom(Transaction transaction)
    {
        if (transaction.GasLimit > GasLeft || _size + (ulong)transaction.Encoded.Length + 8 > (ulong)Rules.MaxBlockSize) return AddResult.NoGas;
        if (_options.MaxDATransactionSize is not null || _options.MaxDABlockSize is not null)
        {
            ulong size = L1DataFee.EstimatedSize(transaction.FastLzSize);
            if (_options.MaxDATransactionSize is { } largest && size > largest) return AddResult.DATransactionTooLarge;
            if (_options.MaxDABlockSize is { } most && _daSize + size > most) return AddResult.NoDASpace;
        }

        if (transaction.Type != TransactionType.Blob || _options.MaxBlobs is not { } maxBlobs) return AddResult.Included;
        ulong blobGas = _processor.BlobGasUsed + ((ulong)transaction.BlobVersionedHashes.Length * BlobGas.GasPerBlob);
        return blobGas > maxBlobs * BlobGas.GasPerBlob ? AddResult.NoBlobSpace : AddResult.Included;
    }

    /// <summary>Makes the block. The builder is of no use afterwards.</summary>
    /// <param name="built">The block.</param>
    /// <returns>Why there can be no block: a system contract is missing or failed.</returns>
    public BlockError Seal(out BuiltBlock? built)
    {
        built = null;
        BlockError error = _execution.Finish(_template, _withdrawals, out List<byte[]> requests);
        if (error != BlockError.None) return error;
        Rules rules = Rules;
        Receipt[] receipts = _execution.Receipts.ToArray();
        Transaction[] transactions = _transactions.ToArray();
        Withdrawal[]? withdrawals = null;
        if (_withdrawals is { } given)
        {
            withdrawals = new Withdrawal[given.Count];
            for (int i = 0; i < withdrawals.Length; i++) withdrawals[i] = given[i];
        }

        StateDiff diff = _processor.TakeDiff();
        StateRoots roots = _state.ComputeRoots(diff, rules.Withdrawals == WithdrawalsRule.MessagePasser ? Predeploys.L2ToL1MessagePasser : null);
        var header = new BlockHeader
        {
            ParentHash = _template.ParentHash,
            Beneficiary = _template.Beneficiary,
            StateRoot = roots.StateRoot,
            TransactionsRoot = BodyRoots.OfTransactions(transactions),
            ReceiptsRoot = BodyRoots.OfReceipts(receipts),
            LogsBloom = Bloom.Of(receipts),
            Difficulty = _template.Difficulty,
            Number = _template.Number,
            GasLimit = _template.GasLimit,
            GasUsed = _execution.GasUsed,
            Timestamp = _template.Timestamp,
            ExtraData = _template.ExtraData,
            MixHash = _template.MixHash,
            BaseFeePerGas = _template.BaseFeePerGas,
            WithdrawalsRoot = rules.Withdrawals switch
            {
                WithdrawalsRule.None => null,
                WithdrawalsRule.MessagePasser => roots.StorageRoot,
                _ => BodyRoots.OfWithdrawals(withdrawals ?? []),
            },
            BlobGasUsed = rules.BlobGas switch
            {
                BlobGasRule.None => null,
                BlobGasRule.Blobs => _processor.BlobGasUsed,
                BlobGasRule.Zero => 0,
                _ => _processor.DAFootprint,
            },
            ExcessBlobGas = _template.ExcessBlobGas,
            ParentBeaconBlockRoot = _template.ParentBeaconBlockRoot,
            RequestsHash = rules.Requests switch
            {
                RequestsRule.None => null,
                RequestsRule.AlwaysEmpty => ExecutionRequests.EmptyHash,
                _ => ExecutionRequests.Hash(requests, _crypto),
            },
        };
        built = new BuiltBlock
        {
            Block = new Block { Header = header, Transactions = transactions, Withdrawals = withdrawals },
            Receipts = receipts,
            Diff = diff,
            Requests = requests,
            PriorityFees = _execution.PriorityFees,
        };
        return BlockError.None;
    }
}
