using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.Execution;

/// <summary>How one transaction of a simulated block ended.</summary>
/// <param name="Outcome">What it did.</param>
/// <param name="Logs">Its logs, with those of ether moved where asked for.</param>
internal sealed record SimulatedCall(TransactionOutcome Outcome, IReadOnlyList<(LogEntry Log, ulong Index)> Logs);

/// <summary>A simulated block.</summary>
internal sealed record SimulationResult(Block Block, IReadOnlyList<Receipt> Receipts, IReadOnlyList<SimulatedCall> Calls);

/// <summary>Simulates blocks, one on another, on the state after a block (eth_simulateV1). For one request.</summary>
/// <param name="chain">The chain.</param>
/// <param name="state">The state after the block they build on.</param>
/// <param name="validates">Whether nonces, fees and balances count as in a real block.</param>
/// <param name="tracesTransfers">Whether moves of ether are logged.</param>
/// <param name="gasCap">Most gas of all transactions together; 0 sets no limit.</param>
/// <param name="timeout">Most time.</param>
internal sealed class BlockSimulator(Blockchain chain, ChainState state, bool validates, bool tracesTransfers, ulong gasCap, TimeSpan timeout)
{
    private const ulong MaxBlocks = 256;
    private const ulong SecondsBetweenBlocks = 12;

    private readonly SimulatedState _state = new(state);
    private readonly CallDeadline _deadline = new(timeout, gasCap == 0 ? ulong.MaxValue : gasCap);
    private ulong _gasLeft = gasCap == 0 ? long.MaxValue : gasCap;

    private Leniency Leniency => validates ? Leniency.SkipSenderCode | Leniency.SkipGasCap : Leniency.Call;

    /// <summary>Simulates the blocks, and empty ones where numbers are left out.</summary>
    /// <exception cref="RpcException">The blocks are not in order, there are too many, or a transaction may not run.</exception>
    public List<SimulationResult> Run(IReadOnlyList<SimulatedBlock> blocks)
    {
        List<SimulatedBlock> all = Complete(blocks);
        List<SimulationResult> results = [];
        using ExecutorLease lease = chain.RentExecutor();
        BlockHeader parent = state.Block.Header;
        foreach (SimulatedBlock block in all)
        {
            SimulationResult result = Run(lease.Executor, block, parent);
            results.Add(result);
            parent = result.Block.Header;
        }

        return results;
    }

    private List<SimulatedBlock> Complete(IReadOnlyList<SimulatedBlock> blocks)
    {
        List<SimulatedBlock> all = [];
        BlockHeader first = state.Block.Header;
        ulong number = first.Number, time = first.Timestamp;
        foreach (SimulatedBlock block in blocks)
        {
            ulong next = block.Number ?? number + 1;
            if (next <= number) throw new RpcException(SimulationErrors.BlockNumber, $"block numbers must be in order: {next} <= {number}");
            if (next - first.Number > MaxBlocks) throw new RpcException(SimulationErrors.ClientLimit, "too many blocks");
            while (++number < next) all.Add(new SimulatedBlock { Number = number, Timestamp = time += SecondsBetweenBlocks });
            ulong at = block.Timestamp ?? time + SecondsBetweenBlocks;
            if (at <= time) throw new RpcException(SimulationErrors.BlockTimestamp, $"block timestamps must be in order: {at} <= {time}");
            time = at;
            all.Add(block with { Number = next, Timestamp = at });
        }

        return all;
    }

    private BlockHeader TemplateOf(SimulatedBlock block, BlockHeader parent, Rules rules)
    {
        UInt256? baseFee = block.BaseFee ?? UInt256.Zero;
        if (block.BaseFee is null && validates)
        {
            baseFee = BaseFee.TryNext(parent, chain.Spec.At(parent), rules, out UInt256 next) ? next : throw RpcException.Refused("the parent's extra data holds no fee parameters");
        }

        return new BlockHeader
        {
            ParentHash = parent.Hash,
            Beneficiary = block.FeeRecipient ?? parent.Beneficiary,
            Difficulty = block.Difficulty ?? parent.Difficulty,
            Number = block.Number!.Value,
            GasLimit = block.GasLimit ?? parent.GasLimit,
            Timestamp = block.Timestamp!.Value,
            ExtraData = rules.IsOptimism ? parent.ExtraData : [],
            MixHash = block.PrevRandao ?? Hash256.Zero,
            BaseFeePerGas = baseFee,
            ParentBeaconBlockRoot = rules.HasBeaconRoot ? block.BeaconRoot ?? Hash256.Zero : null,
            ExcessBlobGas = rules.BlobGas switch
            {
                BlobGasRule.None => null,
                BlobGasRule.Blobs => parent.ExcessBlobGas is null ? 0 : BlobGas.NextExcess(parent, rules.Blobs, rules.HasBlobReservePrice),
                _ => 0,
            },
        };
    }

    private SimulationResult Run(BlockExecutor executor, SimulatedBlock block, BlockHeader parent)
    {
        Rules rules = chain.Spec.At(block.Number!.Value, block.Timestamp!.Value);
        BlockHeader header = TemplateOf(block, parent, rules);
        executor.BeginSimulated(header, parent, _state, block.Overrides);
        List<Transaction> transactions = [];
        List<SimulatedCall> calls = [];
        ulong gasUsed = 0;
        var logs = new LogCounter();
        foreach (CallArguments call in block.Calls)
        {
            _deadline.Check();
            Transaction transaction = ToTransaction(call, header, executor.Journal, gasUsed);
            var tracer = new TransferTracer(tracesTransfers, _deadline, logs);
            ulong nonce = executor.Journal.GetNonce(call.From);
            UInt256 balance = executor.Journal.GetBalance(call.From);
            TransactionOutcome outcome = executor.NextSimulated(transaction, Leniency, tracer);
            if (outcome.Verdict != TransactionVerdict.Valid)
            {
                string reason = VerdictText.Of(outcome.Verdict, transaction, call.From, rules, header.BaseFeePerGas ?? UInt256.Zero, nonce, balance);
                throw new RpcException(SimulationErrors.Of(outcome.Verdict), $"err: {reason} (supplied gas {transaction.GasLimit})");
            }

            gasUsed += outcome.GasUsed;
            _gasLeft -= outcome.GasUsed;
            transactions.Add(transaction);
            calls.Add(new SimulatedCall(outcome, tracer.Logs));
        }

        Withdrawal[]? withdrawals = rules.Withdrawals == WithdrawalsRule.None ? null : block.Withdrawals;
        Check(executor.EndSimulated(header, withdrawals, out SimulatedResult result));
        _state.Apply(result.Diff);
        Block done = Seal(header, rules, transactions, withdrawals, result);
        _state.AddHash(done.Number, done.Hash);
        return new SimulationResult(done, result.Receipts, calls);
    }

    private static void Check(BlockError error)
    {
        if (error != BlockError.None) throw RpcException.Refused(Descriptions.Of(error));
    }

    private Transaction ToTransaction(CallArguments call, BlockHeader header, Journal journal, ulong gasUsed)
    {
        ulong gas = call.Gas ?? header.GasLimit - gasUsed;
        if (gas > header.GasLimit - gasUsed) throw new RpcException(SimulationErrors.BlockGasLimit, $"block gas limit reached: {gasUsed} >= {header.GasLimit}");
        var transaction = new Transaction
        {
            Type = call switch
            {
                { GasPrice: not null } => TransactionType.Legacy,
                { AuthorizationList: not null } => TransactionType.SetCode,
                { BlobVersionedHashes: not null } => TransactionType.Blob,
                _ => TransactionType.DynamicFee,
            },
            ChainId = call.GasPrice is null ? chain.Spec.ChainId : null,
            Nonce = call.Nonce ?? journal.GetNonce(call.From),
            MaxFeePerGas = call.GasPrice ?? call.MaxFeePerGas ?? UInt256.Zero,
            MaxPriorityFeePerGas = call.GasPrice ?? call.MaxPriorityFeePerGas ?? UInt256.Zero,
            GasLimit = Math.Min(gas, _gasLeft),
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            AccessList = call.AccessList ?? [],
            BlobVersionedHashes = call.BlobVersionedHashes ?? [],
            MaxFeePerBlobGas = call.MaxFeePerBlobGas ?? UInt256.Zero,
            AuthorizationList = call.AuthorizationList ?? [],
        };
        transaction.SetSender(call.From);
        return transaction;
    }

    private Block Seal(BlockHeader template, Rules rules, List<Transaction> transactions, Withdrawal[]? withdrawals, SimulatedResult result)
    {
        bool hasMessagePasser = rules.Withdrawals == WithdrawalsRule.MessagePasser;
        StateRoots roots = _state.ComputeRoots(hasMessagePasser ? Predeploys.L2ToL1MessagePasser : null);
        var header = new BlockHeader
        {
            ParentHash = template.ParentHash,
            Beneficiary = template.Beneficiary,
            StateRoot = roots.StateRoot,
            TransactionsRoot = BodyRoots.OfTransactions(transactions),
            ReceiptsRoot = BodyRoots.OfReceipts(result.Receipts),
            LogsBloom = Bloom.Of(result.Receipts),
            Difficulty = template.Difficulty,
            Number = template.Number,
            GasLimit = template.GasLimit,
            GasUsed = result.GasUsed,
            Timestamp = template.Timestamp,
            ExtraData = template.ExtraData,
            MixHash = template.MixHash,
            BaseFeePerGas = template.BaseFeePerGas,
            WithdrawalsRoot = hasMessagePasser ? roots.StorageRoot : withdrawals is null ? null : BodyRoots.OfWithdrawals(withdrawals),
            BlobGasUsed = result.BlobGasUsed,
            ExcessBlobGas = template.ExcessBlobGas,
            ParentBeaconBlockRoot = template.ParentBeaconBlockRoot,
            RequestsHash = rules.Requests switch
            {
                RequestsRule.None => null,
                RequestsRule.FromExecution => ExecutionRequests.Hash(result.Requests, chain.Crypto),
                _ => ExecutionRequests.EmptyHash,
            },
        };
        return new Block { Header = header, Transactions = [.. transactions], Withdrawals = withdrawals };
    }
}
