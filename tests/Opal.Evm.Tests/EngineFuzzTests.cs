using System.Globalization;
using System.Text;
using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Xunit.Abstractions;
using static Opal.Evm.Tests.Machines;

namespace Opal.Evm.Tests;

/// <summary>
/// Random programs on the byte engine and on decoded code: halt, gas, output, logs, refunds, state, what a tracer of frames sees, and
/// what is read from the world, must be the same. OPAL_ENGINE_PROGRAMS sets how many programs, OPAL_ENGINE_SEED where they begin.
/// </summary>
public sealed class EngineFuzzTests(ITestOutputHelper output)
{
    private const int DefaultPrograms = 20_000;
    private static readonly EvmRules[] Forks = [EvmRules.London, EvmRules.Shanghai, EvmRules.Cancun, EvmRules.Osaka, EvmRules.OpKarst];

    private static int Setting(string name, int fallback) =>
        int.TryParse(System.Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : fallback;

    [Fact]
    public void Engines_agree_on_random_programs()
    {
        int first = Setting("OPAL_ENGINE_SEED", 1), count = Setting("OPAL_ENGINE_PROGRAMS", DefaultPrograms);
        using var bytes = new EvmMachine(NativeCrypto.Instance) { Engines = EngineChoice.Bytes };
        using var other = new EvmMachine(NativeCrypto.Instance);
        var halts = new SortedDictionary<Halt, int>();
        for (int seed = first; seed < first + count; seed++)
        {
            var random = new Random(seed);
            other.Engines = random.Next(3) == 0 ? EngineChoice.Automatic : EngineChoice.Decoded;
            Case program = Case.Random(random);
            string expected = Run(bytes, program, halts), actual = Run(other, program, null);
            if (expected != actual) Assert.Fail($"seed {seed}, {other.Engines}, {program.Rules.Name}:\n{program}\n--- bytes\n{expected}\n--- decoded\n{actual}");
        }

        output.WriteLine($"{count} programs from seed {first}: " + string.Join(", ", halts.Select(h => $"{h.Value} {h.Key}")));
        if (count >= DefaultPrograms) Assert.True(halts.Count >= 8, "the programs do not reach enough different ends");
    }

    private sealed record Case(EvmRules Rules, byte[][] Codes, byte[] Input, long[] Gas, bool IsTraced)
    {
        public static Case Random(Random random)
        {
            var writer = new ProgramWriter(random);
            byte[][] codes = [writer.Write(random.Next(4, 60)), writer.Write(random.Next(2, 30)), writer.Write(random.Next(2, 12))];
            var input = new byte[random.Next(100)];
            random.NextBytes(input);
            long loose = random.Next(3) == 0 ? 300_000 : 60_000;
            long[] gas = [loose, random.Next(500), random.Next(5_000), random.Next(60_000), loose];
            return new Case(Forks[random.Next(Forks.Length)], codes, input, gas, random.Next(4) == 0);
        }

        public TestState State()
        {
            var state = new TestState().With(Sender, balance: 1_000_000)
                .With(Address.FromNumber(0xe0001), balance: 5);
            for (int i = 0; i < Codes.Length; i++)
            {
                Address address = Address.FromNumber((ulong)ProgramWriter.Callees[i]);
                state.With(address, Hex.Encode(Codes[i]), balance: 100, nonce: 1);
                state.Storage[(address, 1u)] = 5u;
            }

            return state;
        }

        public override string ToString() => string.Join('\n', Codes.Select(c => Hex.Encode(c))) + $"\ninput {Hex.Encode(Input)} gas {string.Join(' ', Gas)}";
    }

    /// <summary>Runs the calls of a case as transactions of one block, the last with just the gas that the first used, or one less.</summary>
    private static string Run(EvmMachine machine, Case program, SortedDictionary<Halt, int>? halts)
    {
        TestState state = program.State();
        var text = new StringBuilder();
        machine.Tracer = program.IsTraced ? new FrameTracer(text) : null;
        machine.StartBlock(state, state, new BlockContext { Number = 500, ChainId = 10u, GasLimit = 30_000_000, BaseFee = 7u, BlobBaseFee = 1u }, program.Rules);
        long used = 0;
        for (int i = 0; i < program.Gas.Length + 2; i++)
        {
            long gas = i < program.Gas.Length ? program.Gas[i] : used - (i - program.Gas.Length);
            machine.StartTransaction(new TransactionContext { Origin = Sender, GasPrice = 9u });
            CallResult result = machine.Call(new CallMessage { Caller = Sender, To = Target, Gas = gas, Input = program.Input, Value = (ulong)(i & 1) });
            used = gas - result.GasLeft;
            machine.EndTransaction();
            Append(text, machine, result);
            if (halts is not null) halts[result.Halt] = halts.GetValueOrDefault(result.Halt) + 1;
        }

        Append(text, machine.TakeDiff());
        text.Append("accounts read: ").AppendJoin(' ', state.AccountReads).AppendLine();
        text.Append("slots read: ").AppendJoin(' ', state.SlotReads).AppendLine();
        return text.ToString();
    }

    private static void Append(StringBuilder text, EvmMachine machine, in CallResult result)
    {
        text.Append(CultureInfo.InvariantCulture, $"{result.Halt} gas left {result.GasLeft} refund {machine.Journal.Refund} output ").AppendLine(Hex.Encode(result.Output.Span));
        foreach (LogEntry log in machine.Journal.GetLogs())
        {
            text.Append(CultureInfo.InvariantCulture, $"log {log.Address} ").AppendJoin(' ', log.Topics).Append(' ').AppendLine(Hex.Encode(log.Data));
        }
    }

    private static void Append(StringBuilder text, StateDiff diff)
    {
        foreach (AccountChange change in diff.Accounts)
        {
            text.Append(CultureInfo.InvariantCulture, $"{change.Address} {change.Exists} {change.StorageCleared} {change.Account.Nonce} {change.Account.Balance} {change.Account.CodeHash} ");
            text.AppendJoin(' ', change.Storage).AppendLine();
        }

        foreach ((Hash256 hash, byte[] code) in diff.Codes) text.Append(CultureInfo.InvariantCulture, $"code {hash} ").AppendLine(Hex.Encode(code));
    }

    /// <summary>Sees frames and logs, not steps.</summary>
    private sealed class FrameTracer(StringBuilder text) : ITracer
    {
        public bool WantsSteps => false;

        public void EnterFrame(in FrameEntry frame) => text.Append(
            CultureInfo.InvariantCulture, $"enter {frame.Kind} {frame.Depth} {frame.From} {frame.To} {frame.Value} {frame.Gas} {frame.IsPrecompile} ").AppendLine(Hex.Encode(frame.Input));

        public void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output) =>
            text.Append(CultureInfo.InvariantCulture, $"exit {halt} {gasUsed} ").AppendLine(Hex.Encode(output));

        public void Step(in TraceStep step) => throw new InvalidOperationException("steps are not wanted");

        public void StepEnd(long gasCost, Halt? halt) => throw new InvalidOperationException("steps are not wanted");

        public void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data) =>
            text.Append(CultureInfo.InvariantCulture, $"log {address} {topics.Length} ").AppendLine(Hex.Encode(data));
    }
}
