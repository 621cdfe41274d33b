using System.Globalization;
using System.Text;
using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>A workload's call in anvil, to be repeated beside ours, and an idle call of the same size that tells what the connection costs.</summary>
/// <remarks>
/// A short workload is looped inside the peer (<see cref="LoopDriver"/>) where it leaves no logs and a second run does the same as the first: our machine,
/// whose gas is checked against the expectation, decides that. Then the peer's time holds an inner call's cost, as ours holds the
/// top-level call's.
/// </remarks>
internal sealed class AnvilCall
{
    /// <summary>How long the work of one request should last.</summary>
    private const double WantedSeconds = 0.015;

    private const int MaxLoop = 20_000;

    private readonly Anvil _anvil;
    private readonly EvmWorkload _workload;
    private readonly List<double> _times = [];
    private readonly List<double> _idleTimes = [];
    private int _loop = 1;
    private byte[] _request = [];
    private byte[] _idleRequest = [];
    private string? _problem;

    private AnvilCall(Anvil anvil, EvmWorkload workload)
    {
        _anvil = anvil;
        _workload = workload;
    }

    /// <summary>Puts the workload into the peer, checks that the peer does the same work, and decides whether to loop it.</summary>
    /// <param name="anvil">The peer.</param>
    /// <param name="workload">The workload.</param>
    /// <param name="output">What the call returns.</param>
    /// <param name="gasUsed">Its gas, without intrinsic gas and before refunds.</param>
    /// <param name="seconds">How long it takes here, from which the peer's time is guessed where the connection hides it.</param>
    public static AnvilCall Prepare(Anvil anvil, EvmWorkload workload, byte[] output, long gasUsed, double seconds)
    {
        var call = new AnvilCall(anvil, workload);
        anvil.Load(workload.Pre);
        anvil.Load([CodeAt(LoopDriver.IdleAt, LoopDriver.Returning(output.Length))]);
        call._request = call.MakeRequest(workload.To);
        call._idleRequest = call.MakeRequest(LoopDriver.IdleAt);
        call._problem = call.CheckGas(workload.To, gasUsed - Refund(workload.Expect.Refund ?? 0, workload.Data, gasUsed));
        for (int i = 0; i < 5; i++)
        {
            call.Run();
            call.RunIdle();
        }

        double estimate = Math.Clamp(call._times.Min() - call._idleTimes.Min(), seconds / 2, seconds * 8);
        bool leavesNothing = workload.Expect is { Logs: 0, Refund: 0 }; // logs and refunds pile up from run to run
        if (call._problem is null && leavesNothing && estimate < WantedSeconds / 2) call.TryLoop(Math.Clamp((int)(WantedSeconds / estimate), 2, MaxLoop), output);
        call._times.Clear();
        call._idleTimes.Clear();
        return call;
    }

    /// <summary>What EIP-3529 gives back.</summary>
    private static long Refund(long counter, byte[] data, long gasUsed) => Math.Min(counter, (gasUsed + Intrinsic(data)) / 5);

    /// <summary>21,000 and the price of the call data.</summary>
    private static long Intrinsic(byte[] data)
    {
        int zeros = data.AsSpan().Count((byte)0);
        return 21_000 + (4 * zeros) + (16 * (data.Length - zeros));
    }

    /// <summary>The least that the call data makes a transaction cost (EIP-7623).</summary>
    private static long Floor(byte[] data)
    {
        int zeros = data.AsSpan().Count((byte)0);
        return 21_000 + (10 * (zeros + (4 * (data.Length - zeros))));
    }

    private static WorkloadAccount CodeAt(in Address address, byte[] code) => new(address, 1, default, code, []);

    private string CallJson(in Address to, long gas) =>
        $$"""{"from":"{{_workload.From}}","to":"{{to}}","data":"{{Hex.Encode(_workload.Data)}}","gas":"{{Hex.Quantity((ulong)gas)}}"}""";

    private byte[] MakeRequest(in Address to) => _anvil.Http.MakeRequest(Anvil.Request("eth_call", CallJson(to, _workload.Gas) + ",\"latest\""));

    /// <summary>Compares the gas of the peer's call with ours.</summary>
    private string? CheckGas(in Address to, long expected)
    {
        if (_workload.IsOptimism) return null; // its precompile may cost another price there: only the output is defined
        const string Tracer = """, "latest", {"tracer":"callTracer","tracerConfig":{"onlyTopCall":true}}""";
        JsonElement trace = _anvil.Ask("debug_traceCall", CallJson(to, _workload.Gas) + Tracer);
        long gas = long.Parse(trace.GetProperty("gasUsed").GetString()!.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        long whole = Math.Max(expected + Intrinsic(_workload.Data), Floor(_workload.Data));
        return gas == whole ? null : $"gas {gas} with intrinsic gas, expected {whole}";
    }

    /// <summary>Loops the workload when every run but the first is known to do the same work.</summary>
    private void TryLoop(int times, byte[] output)
    {
        if (Measure(3, out _) is not { } three || Measure(2, out _) is not { } two) return;
        if (three - two != _workload.Expect.GasUsed + MeasureIdle(3) - MeasureIdle(2)) return;
        if (Measure(times, out byte[] looped) is not { } gas || !looped.AsSpan().SequenceEqual(output)) return;
        _anvil.Load([CodeAt(LoopDriver.At, LoopDriver.Calling(_workload.To, times)), CodeAt(LoopDriver.IdleAt, LoopDriver.Idle(_workload.To, times, output.Length))]);
        if (CheckGas(LoopDriver.At, gas) is { } problem)
        {
            _problem = $"looped {times} times: {problem}";
            return;
        }

        _loop = times;
        _request = MakeRequest(LoopDriver.At);
        _idleRequest = MakeRequest(LoopDriver.IdleAt);
        Run();
        RunIdle();
    }

    /// <summary>The gas of so many runs through the driver in our machine; null when it fails.</summary>
    private long? Measure(int times, out byte[] output)
    {
        using var call = new EvmCall(_workload, EvmEngine.Auto, _workload.MakeState(CodeAt(LoopDriver.At, LoopDriver.Calling(_workload.To, times))));
        CallResult result = call.Run(LoopDriver.At, out _);
        output = call.Output;
        return result.IsSuccess ? call.GasUsed : null;
    }

    /// <summary>The gas of so many calls to a contract that does nothing.</summary>
    private long MeasureIdle(int times)
    {
        WorkloadAccount stop = CodeAt(LoopDriver.IdleAt, [(byte)Opcode.Stop]);
        using var call = new EvmCall(_workload, EvmEngine.Auto, _workload.MakeState(stop, CodeAt(LoopDriver.At, LoopDriver.Calling(stop.Address, times))));
        call.Run(LoopDriver.At, out _);
        return call.GasUsed;
    }

    /// <summary>One request; its result is checked.</summary>
    /// <returns>Seconds, with the connection's.</returns>
    public double Run()
    {
        double seconds = _anvil.Http.Send(_request);
        _times.Add(seconds);
        _problem ??= CheckAnswer(_anvil.Http.Body);
        return seconds;
    }

    /// <summary>One request of the same size without the work.</summary>
    public double RunIdle()
    {
        double seconds = _anvil.Http.Send(_idleRequest);
        _idleTimes.Add(seconds);
        return seconds;
    }

    private string? CheckAnswer(ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> key = "\"result\":\"0x"u8;
        int begin = body.IndexOf(key);
        if (begin < 0) return $"it answers {Encoding.UTF8.GetString(body[..Math.Min(body.Length, 200)])}";
        ReadOnlySpan<byte> digits = body[(begin + key.Length)..];
        digits = digits[..digits.IndexOf((byte)'"')];
        return _workload.Expect.CheckOutput(Hex.Decode(Encoding.ASCII.GetString(digits)));
    }

    /// <summary>The times of all runs so far.</summary>
    public PeerTimes Finish()
    {
        if (_problem is not null) return new PeerTimes(Anvil.Name, null, _loop, false, _problem);
        var raw = new Samples(_times);
        var idle = new Samples(_idleTimes);
        bool isUnsure = raw.Median - idle.Median < 3 * idle.Spread;
        return new PeerTimes(Anvil.Name, raw.Less(idle, _loop), _loop, isUnsure);
    }
}
