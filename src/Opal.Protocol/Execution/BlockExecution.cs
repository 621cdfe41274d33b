using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>A block as it runs: what comes before its transactions, each transaction with its receipt, and what comes after. Import and building share it.</summary>
internal sealed class BlockExecution(TransactionProcessor processor, ChainSpec spec)
{
    private readonly List<Receipt> _receipts = [];

    internal List<Receipt> Receipts => _receipts;

    internal ulong GasUsed { get; private set; }

    internal ulong GasLimit { get; private set; }

    internal UInt256 PriorityFees { get; private set; }

    internal ulong GasLeft => GasLimit - GasUsed;

    /// <summary>Begins a block: the changes that the protocol itself makes before the first transaction.</summary>
    /// <param name="header">The block's header; outcome fields are not read.</param>
    /// <param name="parent">The parent's header.</param>
    /// <param name="state">The parent's state.</param>
    /// <param name="overrides">What a simulated block assumes before all that: accounts, precompiles, the blob base fee; the rest is in its header.</param>
    internal void Start(BlockHeader header, BlockHeader parent, IExecutionState state, CallOverrides? overrides = null)
    {
        Rules rules = spec.At(header);
        if (overrides is not null) rules = overrides.Apply(rules);
        GasLimit = header.GasLimit;
        BlockContext context = ContextOf(header, rules, spec.ChainId);
        if (overrides?.BlobBaseFee is { } blobBaseFee) context = context with { BlobBaseFee = blobBaseFee };
        processor.StartBlock(rules, context, state, state);
        for (int i = 0; i < (overrides?.Accounts.Count ?? 0); i++) processor.Machine.Journal.Override(overrides!.Accounts[i].Address, overrides.Accounts[i].Account);
        if (rules.HasBeaconRoot) CallSystem(SystemContracts.BeaconRoots, header.ParentBeaconBlockRoot ?? Hash256.Zero);
        if (rules.StoresParentHash) CallSystem(SystemContracts.BlockHashes, header.ParentHash);
        if (rules.HasCreate2Deployer && !spec.At(parent).HasCreate2Deployer) DeployCreate2Deployer();
    }

    /// <summary>What opcodes see of a block.</summary>
    internal static BlockContext ContextOf(BlockHeader header, Rules rules, ulong chainId) => new()
    {
        ChainId = chainId,
        Number = header.Number,
        Timestamp = header.Timestamp,
        GasLimit = header.GasLimit,
        BaseFee = header.BaseFeePerGas ?? UInt256.Zero,
        BlobBaseFee = rules.BlobGas switch
        {
            BlobGasRule.None => UInt256.Zero,
            BlobGasRule.Blobs => BlobGas.BaseFee(header.ExcessBlobGas ?? 0, rules.Blobs),
            _ => UInt256.One,
        },
        PrevRandao = rules.IsProofOfWork ? header.Difficulty : header.MixHash.ToUInt256(),
        Coinbase = header.Beneficiary,
    };

    private void CallSystem(in Address contract, in Hash256 input)
    {
        if (processor.Machine.Journal.GetCodeHash(contract) == Hash256.EmptyCode) return;
        CallSystem(contract, input.ToArray());
    }

    private CallResult CallSystem(in Address contract, ReadOnlyMemory<byte> input)
    {
        EvmMachine machine = processor.Machine;
        machine.StartTransaction(new TransactionContext { Origin = SystemContracts.Caller });
        machine.Journal.WarmAddress(contract);
        CallResult result = machine.Call(new CallMessage { Caller = SystemContracts.Caller, To = contract, Input = input, Gas = SystemContracts.CallGas });
        machine.EndTransaction();
        return result;
    }

    /// <summary>Canyon's change to the state: the create2Deployer's code.</summary>
    private void DeployCreate2Deployer()
    {
        EvmMachine machine = processor.Machine;
        if (machine.Journal.GetCodeHash(Create2Deployer.Address) == Create2Deployer.CodeHash) return;
        machine.StartTransaction(default);
        machine.Journal.SetCode(Create2Deployer.Address, Create2Deployer.Code.Span);
        machine.EndTransaction();
    }

    /// <summary>Executes the next transaction and, if it is valid, adds its receipt.</summary>
    internal TransactionVerdict Add(Transaction transaction, out TransactionOutcome outcome, Leniency leniency = Leniency.None)
    {
        outcome = processor.Execute(transaction, GasLeft, leniency);
        if (outcome.Verdict != TransactionVerdict.Valid) return outcome.Verdict;
        GasUsed += outcome.GasUsed;
        PriorityFees += outcome.PriorityFee;
        _receipts.Add(MakeReceipt(transaction, outcome));
        return TransactionVerdict.Valid;
    }

    private Receipt MakeReceipt(Transaction transaction, in TransactionOutcome outcome)
    {
        Rules rules = processor.Rules;
        bool isBlob = transaction.Type == TransactionType.Blob;
        bool hasFootprint = rules.BlobGas == BlobGasRule.DAFootprint;
        ulong blobGas = isBlob ? (ulong)transaction.BlobVersionedHashes.Length * BlobGas.GasPerBlob : outcome.DAFootprint;
        return new Receipt
        {
            Type = transaction.Type,
            Succeeded = outcome.Succeeded,
            CumulativeGasUsed = GasUsed,
            Logs = outcome.Logs,
            DepositNonce = transaction.IsDeposit && rules.MetersDeposits ? outcome.DepositNonce : null,
            DepositReceiptVersion = transaction.IsDeposit && rules.HasDepositReceiptVersion ? 1 : null,
            GasUsed = outcome.GasUsed,
            ContractAddress = transaction.To is null ? outcome.Created : null,
            EffectiveGasPrice = outcome.GasPrice,
            BlobGasUsed = isBlob || hasFootprint ? blobGas : null,
            BlobGasPrice = isBlob ? processor.Block.BlobBaseFee : null,
            L1Fee = rules.L1Cost == L1CostFormula.None || transaction.IsDeposit ? null : processor.L1Fees.Describe(rules, transaction),
        };
    }

    /// <summary>Ends the block: withdrawals, block reward, requests.</summary>
    /// <param name="header">The block's header; outcome fields are not read.</param>
    /// <param name="withdrawals">The withdrawals.</param>
    /// <param name="requests">The requests, type byte first; empty ones left out. Empty where the fork has none.</param>
    internal BlockError Finish(BlockHeader header, IReadOnlyList<Withdrawal>? withdrawals, out List<byte[]> requests)
    {
        requests = [];
        Rules rules = processor.Rules;
        EvmMachine machine = processor.Machine;
        if (!rules.BlockReward.IsZero || withdrawals is { Count: > 0 })
        {
            machine.StartTransaction(default);
            if (!rules.BlockReward.IsZero) machine.Journal.AddBalance(header.Beneficiary, rules.BlockReward);
            for (int i = 0; i < (withdrawals?.Count ?? 0); i++) machine.Journal.AddBalance(withdrawals![i].Address, withdrawals[i].AmountWei);
            machine.EndTransaction();
        }

        return rules.Requests == RequestsRule.FromExecution ? CollectRequests(requests) : BlockError.None;
    }

    private BlockError CollectRequests(List<byte[]> requests)
    {
        var deposits = new List<byte> { ExecutionRequests.DepositType };
        foreach (Receipt receipt in _receipts)
        {
            if (!BeaconDepositLogs.TryAppend(receipt.Logs, spec.DepositContract, deposits)) return BlockError.InvalidDepositLog;
        }

        if (deposits.Count > 1) requests.Add(deposits.ToArray());
        BlockError error = CollectBySystemCall(SystemContracts.WithdrawalRequests, ExecutionRequests.WithdrawalType, requests);
        return error == BlockError.None
            ? CollectBySystemCall(SystemContracts.ConsolidationRequests, ExecutionRequests.ConsolidationType, requests)
            : error;
    }

    private BlockError CollectBySystemCall(in Address contract, byte type, List<byte[]> requests)
    {
        if (processor.Machine.Journal.GetCodeHash(contract) == Hash256.EmptyCode) return BlockError.SystemContractMissing;
        CallResult result = CallSystem(contract, ReadOnlyMemory<byte>.Empty);
        if (!result.IsSuccess) return BlockError.SystemCallFailed;
        if (result.Output.IsEmpty) return BlockError.None;
        var request = new byte[result.Output.Length + 1];
        request[0] = type;
        result.Output.Span.CopyTo(request.AsSpan(1));
        requests.Add(request);
        return BlockError.None;
    }
}
