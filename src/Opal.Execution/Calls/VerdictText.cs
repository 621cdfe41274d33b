using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Why a simulated transaction may not run, in the words clients match on: what was there and what was wanted.</summary>
internal static class VerdictText
{
    /// <summary>The clause of a verdict.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="sender">Its sender.</param>
    /// <param name="rules">The block's rules.</param>
    /// <param name="baseFee">The block's base fee.</param>
    /// <param name="nonce">The sender's nonce.</param>
    /// <param name="balance">The sender's balance.</param>
    public static string Of(TransactionVerdict verdict, Transaction transaction, in Address sender, Rules rules, in UInt256 baseFee, ulong nonce, in UInt256 balance)
    {
        string text = Descriptions.Of(verdict), address = sender.ToChecksumString();
        switch (verdict)
        {
            case TransactionVerdict.NonceTooLow or TransactionVerdict.NonceTooHigh:
                return $"{text}: address {address}, tx: {transaction.Nonce} state: {nonce}";
            case TransactionVerdict.NonceOverflow:
                return $"{text}: address {address}, nonce: {nonce}";
            case TransactionVerdict.MaxFeeBelowBaseFee:
                return $"{text}: address {address}, maxFeePerGas: {transaction.MaxFeePerGas}, baseFee: {baseFee}";
            case TransactionVerdict.PriorityFeeAboveMaxFee:
                return $"{text}: address {address}, maxPriorityFeePerGas: {transaction.MaxPriorityFeePerGas}, maxFeePerGas: {transaction.MaxFeePerGas}";
            case TransactionVerdict.InsufficientFunds:
                return $"{text}: address {address} have {balance} want {TransactionChecks.MaxCost(transaction)}";
            case TransactionVerdict.IntrinsicGasTooLow:
                return $"{text}: have {transaction.GasLimit}, want {IntrinsicGas.Of(transaction, rules, out _)}";
            case TransactionVerdict.FloorGasTooLow:
                IntrinsicGas.Of(transaction, rules, out ulong floor);
                return $"insufficient gas for floor data gas cost: have {transaction.GasLimit}, want {floor}";
            default:
                return text;
        }
    }
}
