using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>Runs transactions one after another against a state: validation, payment, execution, refunds, fees.</summary>
/// <remarks>
/// <see cref="StartBlock"/> sets the environment; then each <see cref="Execute"/> either changes the state or rejects the
/// transaction and leaves it as it was. <see cref="TakeDiff"/> tells what all of them changed. This is the transaction handler of
/// <see cref="BlockExecutor"/>; a state test runs one transaction through it. Not for use by two threads at once.
/// </remarks>
public sealed partial class TransactionProcessor : IDisposable
{
    private readonly ICrypto _crypto;
    private readonly EvmMachine _machine;
    private Rules _rules = ForkRules.London;
    private BlockContext _block;
    private L1FeeParameters _l1Fees;
    private bool _hasL1Fees;

    /// <summary>A processor with a machine of its own.</summary>
    public TransactionProcessor(ICrypto crypto)
    {
        _crypto = crypto;
        _machine = new EvmMachine(crypto);
    }

    /// <summary>The machine, for system calls, overrides and tracers.</summary>
    public EvmMachine Machine => _machine;

    /// <summary>The rules of the running block.</summary>
    public Rules Rules => _rules;

    /// <summary>The context of the running block.</summary>
    public ref readonly BlockContext Block => ref _block;

    /// <summary>Blob gas used by the running block's transactions so far.</summary>
    public ulong BlobGasUsed { get; private set; }

    /// <summary>The DA footprint of the running block's transactions so far.</summary>
    public ulong DAFootprint { get; private set; }

    /// <summary>The L1 prices and scalars of the running block; read at the first call, after the L1 attributes deposit. Default on L1.</summary>
    public L1FeeParameters L1Fees
    {
        get
        {
            if (!_hasL1Fees)
            {
                _l1Fees = _rules.L1Cost == L1CostFormula.None ? default : L1FeeParameters.Read(_machine.Journal, _rules);
                _hasL1Fees = true;
            }

            return _l1Fees;
        }
    }

    /// <summary>Begins a block.</summary>
    public void StartBlock(Rules rules, in BlockContext block, IWorldState state, IBlockHashes blockHashes)
    {
        _rules = rules;
        _block = block;
        _hasL1Fees = false;
        BlobGasUsed = 0;
        DAFootprint = 0;
        _machine.StartBlock(state, blockHashes, block, rules.Evm);
    }

    /// <summary>Executes a transaction.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="gasAvailable">The gas left in the block.</param>
    /// <param name="leniency">Rules to pass over, for simulated calls.</param>
    public TransactionOutcome Execute(Transaction transaction, ulong gasAvailable, Leniency leniency = Leniency.None) =>
        transaction.IsDeposit ? ExecuteDeposit(transaction, gasAvailable) : ExecuteSigned(transaction, gasAvailable, leniency);

    /// <summary>Everything that changed since the block began.</summary>
    public StateDiff TakeDiff() => _machine.TakeDiff();

    private TransactionOutcome ExecuteSigned(Transaction transaction, ulong gasAvailable, Leniency leniency)
    {
        TransactionVerdict verdict = TransactionChecks.CheckStateless(transaction, _rules, _block.ChainId, leniency, out ulong intrinsicGas, out ulong floorGas);
        if (verdict == TransactionVerdict.Valid) verdict = CheckBlock(transaction, gasAvailable, leniency);
        if (verdict != TransactionVerdict.Valid) return TransactionOutcome.Rejected(verdict);
        if (!transaction.TryGetSender(_crypto, out Address sender)) return TransactionOutcome.Rejected(TransactionVerdict.InvalidSignature);

        bool isFree = IsFree(transaction, leniency);
        UInt256 price = isFree ? UInt256.Zero : transaction.EffectiveGasPrice(_block.BaseFee);
        Journal journal = _machine.Journal;
        _machine.StartTransaction(new TransactionContext { Origin = sender, GasPrice = price, BlobHashes = transaction.BlobVersionedHashes });
        verdict = CheckSender(transaction, sender, leniency);
        if (verdict != TransactionVerdict.Valid) return TransactionOutcome.Rejected(verdict);

        ulong footprint = 0;
        if (_rules.BlobGas == BlobGasRule.DAFootprint && (leniency & Leniency.FreeWhenUnpriced) == 0)
        {
            footprint = L1Fees.DAFootprint(transaction);
            if (footprint > _block.GasLimit - Math.Min(DAFootprint, _block.GasLimit)) return TransactionOutcome.Rejected(TransactionVerdict.DAFootprintExceeded);
        }

        // simulated calls pay for gas where they name a price, but for nothing else
        bool paysL2Fees = _rules.IsOptimism && (leniency & Leniency.FreeWhenUnpriced) == 0;
        UInt256 l1Cost = paysL2Fees ? L1CostOf(transaction) : UInt256.Zero;
        UInt256 operatorFee = paysL2Fees ? OperatorFeeOf(transaction.GasLimit) : UInt256.Zero;
        UInt256 extra = SaturatingMath.Add(l1Cost, operatorFee);
        ulong blobGas = (ulong)transaction.BlobVersionedHashes.Length * BlobGas.GasPerBlob;
        UInt256 upfront = (price * transaction.GasLimit) + (_block.BlobBaseFee * blobGas) + extra;
        if ((leniency & Leniency.SkipBalance) != 0)
        {
            UInt256 needed = SaturatingMath.Add(upfront, transaction.Value);
            if (journal.GetBalance(sender) < needed) journal.SetBalance(sender, needed);
        }
        else if (!IsPayable(transaction, isFree, extra, journal.GetBalance(sender)))
        {
            return TransactionOutcome.Rejected(TransactionVerdict.InsufficientFunds);
        }

        journal.SubBalance(sender, upfront);
        ulong nonce = journal.GetNonce(sender);
        journal.SetNonce(sender, unchecked(nonce + 1)); // the largest passes only where nonces are not checked
        WarmUp(transaction, sender);
        if (transaction.AuthorizationList.Length > 0) ApplyAuthorizations(transaction.AuthorizationList);

        CallResult result = Run(transaction, sender, nonce, intrinsicGas);
        ulong gasUsed = Settle(transaction.GasLimit, floorGas, result, out ulong gasBeforeRefund);

        UInt256 actualOperatorFee = paysL2Fees ? OperatorFeeOf(gasUsed) : UInt256.Zero;
        journal.AddBalance(sender, (price * (transaction.GasLimit - gasUsed)) + (operatorFee - actualOperatorFee));
        UInt256 tip = price > _block.BaseFee ? price - _block.BaseFee : UInt256.Zero;
        UInt256 priorityFee = tip * gasUsed;
        journal.AddBalance(_block.Coinbase, priorityFee);
        if (_rules.IsOptimism && !isFree) PayVaults(gasUsed, l1Cost, actualOperatorFee);
        BlobGasUsed += blobGas;
        DAFootprint += footprint;
        return Finish(result, gasUsed, gasBeforeRefund, price, priorityFee, footprint, 0);
    }

    /// <summary>Whether a balance covers the most that a transaction can cost.</summary>
    private static bool IsPayable(Transaction transaction, bool isFree, in UInt256 extra, in UInt256 balance)
    {
        if (isFree && transaction.Type != TransactionType.Blob) return balance >= transaction.Value;
        return TransactionChecks.TryMaxCost(transaction, out UInt256 most) && UInt256.TryAdd(most, extra, out most) && balance >= most;
    }

    private static bool IsFree(Transaction transaction, Leniency leniency) =>
        (leniency & Leniency.FreeWhenUnpriced) != 0 && transaction.MaxFeePerGas.IsZero;

    private TransactionVerdict CheckBlock(Transaction transaction, ulong gasAvailable, Leniency leniency)
    {
        if (transaction.GasLimit > gasAvailable || transaction.GasLimit > long.MaxValue) return TransactionVerdict.BlockGasExceeded;
        if (!IsFree(transaction, leniency) && transaction.MaxFeePerGas < _block.BaseFee) return TransactionVerdict.MaxFeeBelowBaseFee;
        if (transaction.Type != TransactionType.Blob) return TransactionVerdict.Valid;
        if (transaction.MaxFeePerBlobGas < _block.BlobBaseFee) return TransactionVerdict.MaxFeePerBlobGasTooLow;
        ulong blobGas = (ulong)transaction.BlobVersionedHashes.Length * BlobGas.GasPerBlob;
        return BlobGasUsed + blobGas > _rules.Blobs.MaxBlobs * BlobGas.GasPerBlob ? TransactionVerdict.BlockBlobGasExceeded : TransactionVerdict.Valid;
    }

    private TransactionVerdict CheckSender(Transaction transaction, in Address sender, Leniency leniency)
    {
        Journal journal = _machine.Journal;
        ulong nonce = journal.GetNonce(sender);
        if ((leniency & Leniency.SkipNonce) == 0 && transaction.Nonce != nonce)
        {
            return transaction.Nonce < nonce ? TransactionVerdict.NonceTooLow : TransactionVerdict.NonceTooHigh;
        }

        if (nonce == ulong.MaxValue && (leniency & Leniency.SkipNonce) == 0) return TransactionVerdict.NonceOverflow;
        if ((leniency & Leniency.SkipSenderCode) != 0 || journal.GetCodeHash(sender) == Hash256.EmptyCode) return TransactionVerdict.Valid;
        bool isDelegated = _rules.Evm.HasDelegation && Delegation.TryParse(journal.GetCode(sender).Span, out _);
        return isDelegated ? TransactionVerdict.Valid : TransactionVerdict.SenderIsContract;
    }

    private UInt256 L1CostOf(Transaction transaction) => _rules.L1Cost == L1CostFormula.None ? UInt256.Zero : L1Fees.L1Cost(_rules.L1Cost, transaction);

    private UInt256 OperatorFeeOf(ulong gas) => _rules.OperatorFee == OperatorFeeFormula.None ? UInt256.Zero : L1Fees.OperatorFee(_rules.OperatorFee, gas);

    /// <summary>EIP-2929, 2930, 3651: what is warm before the first instruction. Precompiles always are.</summary>
    private void WarmUp(Transaction transaction, in Address sender)
    {
        Journal journal = _machine.Journal;
        journal.WarmAddress(sender);
        if (transaction.To is { } to) journal.WarmAddress(to);
        if (_rules.WarmsCoinbase) journal.WarmAddress(_block.Coinbase);
        foreach (AccessListItem item in transaction.AccessList)
        {
            journal.WarmAddress(item.Address);
            foreach (Hash256 key in item.StorageKeys) journal.WarmSlot(item.Address, key.ToUInt256());
        }
    }

    /// <summary>EIP-7702: sets or clears delegations; an authorization that does not hold is passed over.</summary>
    private void ApplyAuthorizations(Authorization[] authorizations)
    {
        Journal journal = _machine.Journal;
        foreach (Authorization authorization in authorizations)
        {
            if (!authorization.ChainId.IsZero && authorization.ChainId != _block.ChainId) continue;
            if (authorization.Nonce == ulong.MaxValue) continue;
            if (!authorization.TryGetAuthority(_crypto, out Address authority)) continue;
            journal.WarmAddress(authority);
            if (journal.GetCodeHash(authority) != Hash256.EmptyCode && !Delegation.TryParse(journal.GetCode(authority).Span, out _)) continue;
            if (journal.GetNonce(authority) != authorization.Nonce) continue;
            if (!journal.IsEmpty(authority)) journal.AddRefund((long)IntrinsicGas.AuthorizationRefund);
            journal.SetCode(authority, authorization.Address.IsZero ? default : Delegation.Create(authorization.Address));
            journal.SetNonce(authority, authorization.Nonce + 1);
        }
    }

    private CallResult Run(Transaction transaction, in Address sender, ulong nonce, ulong intrinsicGas) => _machine.Call(new CallMessage
    {
        Caller = sender,
        To = transaction.To,
        Value = transaction.Value,
        Input = transaction.Data,
        Gas = (long)(transaction.GasLimit - intrinsicGas),
        CreationNonce = nonce,
    });

    /// <summary>EIP-3529 and 7623: the gas used after refunds, and not below the floor.</summary>
    private ulong Settle(ulong gasLimit, ulong floorGas, in CallResult result, out ulong gasBeforeRefund)
    {
        ulong gasUsed = gasLimit - (ulong)result.GasLeft;
        gasBeforeRefund = Math.Max(gasUsed, floorGas);
        ulong refund = Math.Min((ulong)Math.Max(_machine.Journal.Refund, 0), gasUsed / 5);
        return Math.Max(gasUsed - refund, floorGas);
    }

    private void PayVaults(ulong gasUsed, in UInt256 l1Cost, in UInt256 operatorFee)
    {
        Journal journal = _machine.Journal;
        journal.AddBalance(Predeploys.BaseFeeVault, _block.BaseFee * gasUsed);
        journal.AddBalance(Predeploys.L1FeeVault, l1Cost);
        if (_rules.OperatorFee != OperatorFeeFormula.None) journal.AddBalance(Predeploys.OperatorFeeVault, operatorFee);
    }

    private TransactionOutcome Finish(
        in CallResult result, ulong gasUsed, ulong gasBeforeRefund, in UInt256 price, in UInt256 priorityFee, ulong footprint, ulong depositNonce)
    {
        _machine.EndTransaction();
        return new TransactionOutcome
        {
            Verdict = TransactionVerdict.Valid,
            Halt = result.Halt,
            Succeeded = result.IsSuccess,
            GasUsed = gasUsed,
            GasBeforeRefund = gasBeforeRefund,
            Output = result.Output,
            Created = result.Created,
            Logs = _machine.Journal.GetLogs(),
            GasPrice = price,
            PriorityFee = priorityFee,
            DAFootprint = footprint,
            DepositNonce = depositNonce,
        };
    }

    /// <summary>Frees the machine.</summary>
    public void Dispose() => _machine.Dispose();
}
