using System.Diagnostics;
using Opal.JsonRpc;

namespace Opal.Execution;

/// <summary>When a simulated execution must end (<c>rpc.evmtimeout</c>): tracers ask it as they see frames and instructions begin.</summary>
/// <param name="limit">The time allowed from now on; zero or less sets no limit.</param>
/// <param name="gas">The most gas that may be used.</param>
/// <remarks>
/// Gas bounds time: what <see cref="GasWithoutSteps"/> buys is done in well under a second or two, so only more than that, which takes an operator who raises the
/// cap, is watched by the instruction, at the price of the fast engines.
/// </remarks>
internal sealed class CallDeadline(TimeSpan limit, ulong gas)
{
    private const ulong GasWithoutSteps = 200_000_000;
    private const int StepsBetweenChecks = 4096;

    private readonly long _started = Stopwatch.GetTimestamp();
    private int _steps;

    /// <summary>Whether instructions are watched, not only frames.</summary>
    public bool NeedsSteps { get; } = limit > TimeSpan.Zero && gas > GasWithoutSteps;

    /// <exception cref="RpcException">Time is up.</exception>
    public void Check()
    {
        if (limit > TimeSpan.Zero && Stopwatch.GetElapsedTime(_started) > limit) throw RpcException.Refused($"execution aborted (timeout = {Text(limit)})");
    }

    /// <summary><see cref="Check"/>, once in a while.</summary>
    public void CheckSometimes()
    {
        if (++_steps % StepsBetweenChecks == 0) Check();
    }

    private static string Text(TimeSpan time) => time.TotalSeconds >= 1 && time.Milliseconds == 0 ? $"{time.TotalSeconds:0}s" : $"{time.TotalMilliseconds:0}ms";
}
