using System.Diagnostics;
using System.Globalization;
using Opal.Evm;
using Opal.Execution;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.EvmTool.Running;

/// <summary><c>opal evm run</c>: runs code, with geth's flags and output.</summary>
public static class RunCommand
{
    private static readonly TimeSpan BenchTime = TimeSpan.FromSeconds(1);

    /// <summary>"sender" and "receiver" in ASCII, geth's defaults.</summary>
    private const string DefaultSender = "0x000000000000000000000000000073656e646572", DefaultReceiver = "0x0000000000000000000000007265636569766572";

    /// <summary>Runs the command.</summary>
    /// <param name="options">The flags.</param>
    /// <param name="stdin">Gives the code of <c>--codefile -</c>.</param>
    /// <param name="stdout">Gets the output, or the dump.</param>
    /// <param name="stderr">Gets the trace, the statistics and complaints.</param>
    /// <returns>0 when the code ran, whatever it did; 2 when the input is no good.</returns>
    public static int Run(RunOptions options, TextReader stdin, TextWriter stdout, TextWriter stderr)
    {
        ArgumentNullException.ThrowIfNull(options);
        RunPrestate prestate;
        CallMessage message;
        UInt256 price;
        try
        {
            prestate = options.Prestate is null ? RunPrestate.Empty(options.Fork) : ReadPrestate(options.Prestate, options.Fork);
            message = ReadMessage(options, prestate, stdin);
            price = options.Price is null ? default : Named("--price", () => ToolJson.ToWord(options.Price));
        }
        catch (InputFormatException e)
        {
            stderr.WriteLine($"opal evm run: {e.Message}");
            return 2;
        }

        using var machine = new RunMachine(prestate, message, price);
        ITracer? tracer = options.Trace ? new StepTracer(stderr, options.Steps) : null;
        RunOutcome outcome = options.Bench ? Measure(machine, stderr) : RunOnce(machine, tracer, options.StatDump, stderr);
        if (options.Dump) RunDump.Write(machine, prestate, stdout);
        if (tracer is not null) return 0;
        stdout.WriteLine(outcome.Result.Output.IsEmpty || outcome.Result.Halt.IsExceptional() ? "0x" : Hex.Encode(outcome.Result.Output.Span));
        if (!outcome.Result.IsSuccess) stdout.WriteLine($" error: {HaltText.Of(outcome.Result.Halt)}");
        return 0;
    }

    private static RunPrestate ReadPrestate(string path, string? fork)
    {
        byte[] json = ReadFile("--prestate", path);
        return Named(path, () => RunPrestate.Read(json, fork));
    }

    private static CallMessage ReadMessage(RunOptions options, RunPrestate prestate, TextReader stdin)
    {
        string? text = options.CodeFile switch
        {
            "-" => stdin.ReadToEnd(),
            { } path => ReadText("--codefile", path),
            null => options.Code,
        };
        byte[] code = ToBytes(options.CodeFile is null ? "the code" : "--codefile", text);
        byte[] input = options.InputFile is { } file ? ToBytes("--inputfile", ReadText("--inputfile", file)) : ToBytes("--input", options.Input);
        Address sender = Named("--sender", () => ToolJson.ToAddress(options.Sender ?? DefaultSender));
        Address receiver = Named("--receiver", () => ToolJson.ToAddress(options.Receiver ?? DefaultReceiver));
        ulong gas = prestate.GasLimit != 0 ? prestate.GasLimit : options.Gas;
        if (gas > long.MaxValue) throw new InputFormatException($"{gas} gas is more than {long.MaxValue}");
        if (!options.Create && code.Length > 0) PutCode(prestate.Accounts, receiver, code);
        return new CallMessage
        {
            Caller = sender,
            To = options.Create ? null : receiver,
            Value = options.Value is null ? default : Named("--value", () => ToolJson.ToWord(options.Value)),
            Input = options.Create ? [.. code, .. input] : input,
            Gas = (long)gas,
        };
    }

    /// <summary>Gives the receiver the code; what else the prestate says of it stays.</summary>
    private static void PutCode(List<GenesisAccount> accounts, Address receiver, byte[] code)
    {
        int index = accounts.FindIndex(a => a.Address == receiver);
        if (index < 0) accounts.Add(new GenesisAccount(receiver, default, 0, code, []));
        else accounts[index] = accounts[index] with { Code = code };
    }

    private static RunOutcome RunOnce(RunMachine machine, ITracer? tracer, bool statistics, TextWriter stderr)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        RunOutcome outcome = machine.Run(tracer);
        TimeSpan elapsed = clock.Elapsed;
        if (statistics) WriteStatistics(outcome, elapsed, GC.GetAllocatedBytesForCurrentThread() - before, stderr);
        return outcome;
    }

    /// <summary>Repeats the execution for a second, and while the machine warms up before, and reports means.</summary>
    private static RunOutcome Measure(RunMachine machine, TextWriter stderr)
    {
        RunOutcome outcome = machine.Run(null);
        var warmUp = Stopwatch.StartNew();
        while (warmUp.Elapsed < BenchTime / 4) machine.Run(null);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        long runs = 0;
        while (clock.Elapsed < BenchTime)
        {
            RunOutcome again = machine.Run(null);
            if (again.GasUsed != outcome.GasUsed || again.Result.Halt != outcome.Result.Halt || !again.Result.Output.Span.SequenceEqual(outcome.Result.Output.Span))
            {
                throw new InvalidOperationException("two runs of the same code differ");
            }

            runs++;
        }

        TimeSpan mean = clock.Elapsed / runs;
        WriteStatistics(outcome, mean, (GC.GetAllocatedBytesForCurrentThread() - before) / runs, stderr);
        return outcome;
    }

    private static void WriteStatistics(in RunOutcome outcome, TimeSpan elapsed, long bytes, TextWriter stderr)
    {
        stderr.WriteLine($"EVM gas used:    {outcome.GasUsed.ToString(CultureInfo.InvariantCulture)}");
        stderr.WriteLine($"execution time:  {GoDuration.Format(elapsed)}");
        stderr.WriteLine($"allocated bytes: {bytes.ToString(CultureInfo.InvariantCulture)}");
    }

    private static byte[] ToBytes(string what, string? text)
    {
        string digits = (text ?? "").Trim();
        if (digits.Length % 2 != 0) throw new InputFormatException($"{what} has an odd number of digits ({digits.Length})");
        return Hex.TryDecode(digits, out byte[] bytes) ? bytes : throw new InputFormatException($"{what} is no hexadecimal");
    }

    private static string ReadText(string flag, string path) => System.Text.Encoding.UTF8.GetString(ReadFile(flag, path));

    private static byte[] ReadFile(string flag, string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputFormatException($"{flag} {path}: {(e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message)}", e);
        }
    }

    private static T Named<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InputFormatException e)
        {
            throw new InputFormatException($"{what}: {e.Message}", e);
        }
    }
}
