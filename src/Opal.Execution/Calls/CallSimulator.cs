using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Runs transactions that are never included: eth_call, eth_estimateGas, eth_createAccessList. Thread-safe; calls run side by side.</summary>
/// <param name="chain">The chain.</param>
/// <param name="timeout">Most time of one call; zero sets no limit.</param>
public sealed class CallSimulator(Blockchain chain, TimeSpan timeout = default)
{
    /// <summary>Runs one transaction on a state and forgets what it did.</summary>
    /// <param name="scene">Where it runs.</param>
    /// <param name="arguments">The transaction.</param>
    /// <param name="gas">Its gas limit.</param>
    /// <param name="tracer">Watches, if given.</param>
    public CallAttempt Run(CallScene scene, CallArguments arguments, ulong gas, ITracer? tracer = null)
    {
        using ExecutorLease lease = chain.RentExecutor();
        Transaction transaction = ToTransaction(scene, arguments, gas);
        TransactionOutcome outcome = lease.Executor.Call(scene.Header, transaction, scene.State, OverridesFor(scene, transaction), tracer ?? new DeadlineTracer(new CallDeadline(timeout, gas)));
        return ToAttempt(outcome, scene, transaction, arguments.From);
    }

    /// <summary>A call that offers no price sees a base fee of zero.</summary>
    internal static CallOverrides? OverridesFor(CallScene scene, Transaction transaction) =>
        transaction.MaxFeePerGas.IsZero ? (scene.Overrides ?? new CallOverrides()) with { BaseFee = UInt256.Zero } : scene.Overrides;

    private static CallAttempt ToAttempt(in TransactionOutcome outcome, CallScene scene, Transaction transaction, in Address from)
    {
        if (outcome.Verdict != TransactionVerdict.Valid)
        {
            bool intrinsic = outcome.Verdict is TransactionVerdict.IntrinsicGasTooLow or TransactionVerdict.FloorGasTooLow;
            UInt256 baseFee = scene.Overrides?.BaseFee ?? scene.Header.BaseFeePerGas ?? UInt256.Zero;
            string reason = VerdictText.Of(outcome.Verdict, transaction, from, scene.Rules, baseFee, NonceOf(scene, from), BalanceOf(scene, from));
            return new CallAttempt($"err: {reason} (supplied gas {transaction.GasLimit})", false, intrinsic, 0, 0, default);
        }

        // the machine's buffers are reused: what leaves here is a copy
        return new CallAttempt(
            outcome.Succeeded ? null : HaltText.Of(outcome.Halt), outcome.Halt == Halt.Revert, false, outcome.GasUsed, outcome.GasBeforeRefund, outcome.Output.ToArray());
    }

    internal Transaction ToTransaction(CallScene scene, CallArguments arguments, ulong gas)
    {
        TransactionType type = arguments switch
        {
            { AuthorizationList: not null } => TransactionType.SetCode,
            { BlobVersionedHashes: not null } => TransactionType.Blob,
            { GasPrice: not null, AccessList: not null } => TransactionType.AccessList,
            { GasPrice: not null } => TransactionType.Legacy,
            _ => TransactionType.DynamicFee,
        };
        UInt256 baseFee = scene.Overrides?.BaseFee ?? scene.Header.BaseFeePerGas ?? UInt256.Zero;
        UInt256 maxFee = arguments.GasPrice ?? arguments.MaxFeePerGas ?? (arguments.MaxPriorityFeePerGas is { } tip ? baseFee + tip : UInt256.Zero);
        var transaction = new Transaction
        {
            Type = type,
            ChainId = chain.Spec.ChainId,
            Nonce = arguments.Nonce ?? NonceOf(scene, arguments.From),
            MaxFeePerGas = maxFee,
            MaxPriorityFeePerGas = arguments.GasPrice ?? arguments.MaxPriorityFeePerGas ?? UInt256.Zero,
            GasLimit = gas,
            To = arguments.To,
            Value = arguments.Value,
            Data = arguments.Input,
            AccessList = arguments.AccessList ?? [],
            BlobVersionedHashes = arguments.BlobVersionedHashes ?? [],
            MaxFeePerBlobGas = arguments.MaxFeePerBlobGas ?? UInt256.MaxValue >> 128,
            AuthorizationList = arguments.AuthorizationList ?? [],
        };
        transaction.SetSender(arguments.From);
        return transaction;
    }

    /// <summary>The nonce an account has in a scene.</summary>
    public static ulong NonceOf(CallScene scene, in Address address)
    {
        foreach ((Address other, AccountOverride account) in scene.Overrides?.Accounts ?? [])
        {
            if (other == address && account.Nonce is { } nonce) return nonce;
        }

        return scene.State.TryGetAccount(address, out Account found) ? found.Nonce : 0;
    }

    /// <summary>The balance an account has in a scene.</summary>
    public static UInt256 BalanceOf(CallScene scene, in Address address)
    {
        foreach ((Address other, AccountOverride account) in scene.Overrides?.Accounts ?? [])
        {
            if (other == address && account.Balance is { } balance) return balance;
        }

        return scene.State.TryGetAccount(address, out Account found) ? found.Balance : UInt256.Zero;
    }

    /// <summary>Whether an account has code in a scene.</summary>
    public static bool HasCode(CallScene scene, in Address address)
    {
        foreach ((Address other, AccountOverride account) in scene.Overrides?.Accounts ?? [])
        {
            if (other == address && account.Code is { } code) return !code.IsEmpty;
        }

        return scene.State.TryGetAccount(address, out Account found) && found.CodeHash != Hash256.EmptyCode;
    }
}
