using Opal.JsonRpc;

namespace Opal.Execution;

/// <summary>Finds the gas limit with which a transaction succeeds, by bisection.</summary>
public static class GasEstimator
{
    /// <summary>Gas of a plain transfer.</summary>
    public const ulong TransferGas = 21_000;

    private const ulong CallStipend = 2_300;

    /// <summary>The bisection ends when the bounds are this close: 1.5 % of the upper one, as callers are used to.</summary>
    private const ulong TolerancePermille = 15;

    /// <summary>Estimates.</summary>
    /// <param name="run">Simulates the transaction with a gas limit.</param>
    /// <param name="limit">The highest gas limit to try.</param>
    /// <param name="isPlainTransfer">Whether there is no data and no code at the recipient.</param>
    /// <returns>The gas limit, or the error to answer.</returns>
    public static (ulong Gas, RpcError? Error) Estimate(Func<ulong, CallAttempt> run, ulong limit, bool isPlainTransfer)
    {
        if (isPlainTransfer && limit >= TransferGas && run(TransferGas).Succeeded) return (TransferGas, null);
        CallAttempt most = run(limit);
        if (most.IsRevert) return (0, RevertReason.ToError(most.Output.Span));
        if (!most.Succeeded)
        {
            bool wantsGas = most.IsIntrinsic || most.Error == OutOfGas;
            return (0, new RpcError(RpcErrorCode.ServerError, wantsGas ? $"gas required exceeds allowance ({limit})" : most.Error!));
        }

        ulong low = most.GasUsed - 1, high = limit;

        // 63/64 of the gas at most reaches a callee: with this much most transactions succeed, and the bounds are close at once
        ulong likely = (most.PeakGas + CallStipend) / 63 * 64;
        if (likely < high)
        {
            if (run(likely).Succeeded) high = likely;
            else low = likely;
        }

        while (low + 1 < high && (high - low) * 1000 > high * TolerancePermille)
        {
            // most transactions need little more than they use: the middle leans to the low side
            ulong middle = Math.Min((low + high) / 2, low * 2);
            if (run(middle).Succeeded) high = middle;
            else low = middle;
        }

        return (high, null);
    }

    /// <summary>The message of an execution that ran out of gas.</summary>
    public const string OutOfGas = "out of gas";
}
