namespace Opal.Execution;

/// <summary>How a simulated transaction ended.</summary>
/// <param name="Error">Why it failed, in words; null when it succeeded.</param>
/// <param name="IsRevert">Whether the code asked for the failure; then <paramref name="Output"/> explains.</param>
/// <param name="IsIntrinsic">Whether the gas limit did not even pay for the transaction itself, so that nothing ran.</param>
/// <param name="GasUsed">Gas used, refunds taken off.</param>
/// <param name="PeakGas">Gas used before refunds were taken off: the gas limit must cover it.</param>
/// <param name="Output">Return or revert data.</param>
public sealed record CallAttempt(string? Error, bool IsRevert, bool IsIntrinsic, ulong GasUsed, ulong PeakGas, ReadOnlyMemory<byte> Output)
{
    /// <summary>Whether it took effect.</summary>
    public bool Succeeded => Error is null;
}
