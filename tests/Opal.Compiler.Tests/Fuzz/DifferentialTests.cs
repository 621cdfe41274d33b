using System.Globalization;
using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Xunit.Abstractions;

namespace Opal.Compiler.Tests;

/// <summary>The interpreter and machine code agree on everything that can be observed, on random programs.</summary>
/// <remarks>OPAL_COMPILER_FUZZ_PROGRAMS and OPAL_COMPILER_FUZZ_SEED change how many and which.</remarks>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    /// <summary>Osaka has all opcodes; under the older rules programs halt where they meet a newer one.</summary>
    private static readonly EvmRules[] AllRules = [.. Enumerable.Repeat(EvmRules.Osaka, 12), EvmRules.Prague, EvmRules.London, EvmRules.Shanghai];


    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    [Fact]
    public void Random_programs_have_the_same_outcome()
    {
        int programs = Setting("OPAL_COMPILER_FUZZ_PROGRAMS", 1000), seed = Setting("OPAL_COMPILER_FUZZ_SEED", 20_251);
        using var interpreter = new EvmMachine(NativeCrypto.Instance) { Engines = EngineChoice.Bytes };
        using var compiler = new CodeCompiler(new CodeCompilerOptions { Mode = CompilationMode.FirstSight });
        using var compiled = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler };
        int successes = 0;
        for (int i = 0; i < programs; i++)
        {
            var random = new Random(seed + i);
            byte[] program = new ProgramBuilder(random).Build();
            byte[] other = new ProgramBuilder(random).Build();
            MapState state = StateWith(program, other);
            EvmRules rules = AllRules[random.Next(AllRules.Length)];
            byte[] input = new byte[random.Next(200)];
            if (random.Next(2) == 0) random.NextBytes(input);
            else input.AsSpan().Fill((byte)random.Next(3));
            long enough = 400_000;
            string expected = Outcome.Of(interpreter, state, rules, input, enough, isStatic: i % 16 == 0);
            Compare(i, program, other, rules, expected, Outcome.Of(compiled, state, rules, input, enough, isStatic: i % 16 == 0));
            if (expected.StartsWith("success", StringComparison.Ordinal)) successes++;

            for (int k = 0; k < 6; k++)
            {
                long tight = random.Next(k < 3 ? 600 : 60_000);
                expected = Outcome.Of(interpreter, state, rules, input, tight);
                Compare(i, program, other, rules, expected, Outcome.Of(compiled, state, rules, input, tight));
            }
        }

        CodeCompilerStatistics statistics = compiler.Statistics;
        output.WriteLine($"{programs} programs, {successes} successful; {statistics}");
        Assert.Equal(0, statistics.Failed);
        Assert.True(statistics.MostLocalReferences < 8000, $"a method names locals {statistics.MostLocalReferences} times: the JIT does not optimise it");
        Assert.True(statistics.Compiled >= programs, "the programs were not compiled");
        Assert.True(successes > programs / 5, $"only {successes} programs succeed: the generator makes nonsense");
    }

    private static MapState StateWith(byte[] program, byte[] other) => new MapState()
        .With(Outcome.Sender, [], 1_000_000u)
        .With(Outcome.Target, program, 50u, nonce: 1)
        .With(Address.FromNumber(0xb0002), other, 20u, nonce: 1)
        .With(Address.FromNumber(0xb0003), Hex.Decode("0x60203560005260406000f3"), 0u, nonce: 1)
        .Store(Outcome.Target, 1u, 7u)
        .Store(Outcome.Target, 2u, UInt256.MaxValue);

    private static void Compare(int index, byte[] program, byte[] other, EvmRules rules, string expected, string actual)
    {
        if (expected == actual) return;
        Assert.Fail($"program {index} under {rules.Name}: {Hex.Encode(program)}\nand {Hex.Encode(other)}\ninterpreted: {expected}\ncompiled: {actual}");
    }
}
