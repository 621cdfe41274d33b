using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <content>Deposited transactions (deposits.md#execution).</content>
public sealed partial class TransactionProcessor
{
    private TransactionOutcome ExecuteDeposit(Transaction deposit, ulong gasAvailable)
    {
        if (!_rules.Allows(TransactionType.Deposit)) return TransactionOutcome.Rejected(TransactionVerdict.TypeNotAllowed);
        bool takesBlockGas = _rules.MetersDeposits || !deposit.IsSystemTransaction;
        if (deposit.GasLimit > long.MaxValue || (takesBlockGas && deposit.GasLimit > gasAvailable))
        {
            return TransactionOutcome.Rejected(TransactionVerdict.BlockGasExceeded);
        }

        Address sender = deposit.From;
        Journal journal = _machine.Journal;
        _machine.StartTransaction(new TransactionContext { Origin = sender });

        // what is minted stays, whatever becomes of the rest
        if (deposit.Mint is { } mint) journal.AddBalance(sender, mint);
        ulong nonce = journal.GetNonce(sender);
        ulong intrinsicGas = IntrinsicGas.Of(deposit, _rules, out ulong floorGas);
        if (!CanBegin(deposit, nonce, intrinsicGas, floorGas)) return FailDeposit(deposit, nonce);

        journal.SetNonce(sender, nonce + 1);
        WarmUp(deposit, sender);
        CallResult result = Run(deposit, sender, nonce, intrinsicGas);
        ulong gasUsed, gasBeforeRefund;
        if (_rules.MetersDeposits)
        {
            gasUsed = Settle(deposit.GasLimit, floorGas, result, out gasBeforeRefund);
        }
        else
        {
            gasUsed = gasBeforeRefund = deposit.IsSystemTransaction ? 0 : deposit.GasLimit;
        }

        return Finish(result, gasUsed, gasBeforeRefund, UInt256.Zero, UInt256.Zero, 0, nonce);
    }

    /// <summary>Whether the deposit gets as far as its first instruction.</summary>
    private bool CanBegin(Transaction deposit, ulong nonce, ulong intrinsicGas, ulong floorGas)
    {
        if (deposit.IsSystemTransaction && _rules.MetersDeposits) return false;
        if (deposit.GasLimit < intrinsicGas || deposit.GasLimit < floorGas) return false;
        if (deposit.To is null && deposit.Data.Length > _rules.Evm.MaxInitCodeSize) return false;
        return nonce != ulong.MaxValue && _machine.Journal.GetBalance(deposit.From) >= deposit.Value;
    }

    /// <summary>Records a deposit that could not begin: the nonce grows all the same, and all its gas counts as used.</summary>
    private TransactionOutcome FailDeposit(Transaction deposit, ulong nonce)
    {
        Journal journal = _machine.Journal;
        if (nonce != ulong.MaxValue) journal.SetNonce(deposit.From, nonce + 1);
        ulong gasUsed = deposit.IsSystemTransaction && !_rules.MetersDeposits ? 0 : deposit.GasLimit;
        var nothing = new CallResult { Halt = Halt.OutOfGas, Created = deposit.To is null ? ContractAddress.OfCreate(deposit.From, nonce) : null };
        return Finish(nothing, gasUsed, gasUsed, UInt256.Zero, UInt256.Zero, 0, nonce);
    }
}
