using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler.Tests;

/// <summary>When code is compiled, when not, and what happens when it cannot be.</summary>
public sealed class PolicyTests
{
    /// <summary>A loop of 100 turns; about 4,700 gas and 17 bytes.</summary>
    private const string Loop = "0x60645b600190038060025700";

    /// <summary>Gas that <see cref="Loop"/> has to use: that of some two runs.</summary>
    private static readonly CodeCompilerOptions Manual = new() { Mode = CompilationMode.Manual, GasPerKiB = 500_000 };

    private sealed class Recorder : ICodeCompilerObserver
    {
        public List<Hash256> CompiledCodes { get; } = [];
        public List<Hash256> EvictedCodes { get; } = [];
        public List<Exception> Failures { get; } = [];

        public void Compiled(in Hash256 codeHash, int codeBytes, TimeSpan elapsed) => CompiledCodes.Add(codeHash);

        public void Failed(in Hash256 codeHash, Exception reason) => Failures.Add(reason);

        public void Evicted(in Hash256 codeHash) => EvictedCodes.Add(codeHash);
    }

    private static MapState StateOf(string code) => new MapState().With(Outcome.Sender, [], 1000u).With(Outcome.Target, Hex.Decode(code), nonce: 1);

    private static void Run(EvmMachine machine, MapState state, EvmRules? rules = null, long gas = 1_000_000, Address? to = null)
    {
        machine.StartBlock(state, state, new BlockContext { Number = 1, ChainId = 1u, GasLimit = 30_000_000 }, rules ?? EvmRules.Osaka);
        machine.StartTransaction(new TransactionContext { Origin = Outcome.Sender });
        machine.Call(new CallMessage { Caller = Outcome.Sender, To = to ?? Outcome.Target, Gas = gas });
    }

    private static bool RanCompiled(EvmMachine machine, int depth = 0) => machine.CompiledAt(depth) is not null;

    [Fact]
    public void Code_is_compiled_when_it_has_used_the_gas_and_runs_compiled_from_then_on()
    {
        var recorder = new Recorder();
        using var compiler = new CodeCompiler(Manual, recorder);
        using var machine = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler };
        MapState state = StateOf(Loop);
        Run(machine, state);
        Assert.Equal(0, compiler.QueuedCount);
        Assert.False(compiler.CompileNext());
        for (int i = 0; i < 4; i++) Run(machine, state);
        Assert.Equal(1, compiler.QueuedCount);
        Assert.False(RanCompiled(machine));
        Assert.True(compiler.CompileNext());
        Run(machine, state);
        Assert.True(RanCompiled(machine));
        Assert.Equal([Keccak256.Hash(Hex.Decode(Loop))], recorder.CompiledCodes);
        Assert.Equal(1, compiler.Statistics.Compiled);
        Assert.Equal(Hex.Decode(Loop).Length, compiler.Statistics.LiveBytes);
    }

    [Fact]
    public void Machine_code_serves_all_machines_and_all_rules_with_the_same_opcodes()
    {
        using var compiler = new CodeCompiler(Manual);
        using var first = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler };
        using var second = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler };
        MapState state = StateOf(Loop);
        for (int i = 0; i < 5; i++) Run(first, state);
        Assert.True(compiler.CompileNext());
        Run(second, state, EvmRules.London);
        Assert.False(RanCompiled(second));
        Run(second, state, EvmRules.OpKarst);
        Assert.True(RanCompiled(second));
    }

    [Fact]
    public void Failed_frames_earn_nothing()
    {
        using var compiler = new CodeCompiler(Manual);
        using var machine = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler };
        MapState state = StateOf("0xfe");
        for (int i = 0; i < 20; i++) Run(machine, state);
        Assert.Equal(0, compiler.QueuedCount);
    }

    [Fact]
    public void The_gas_of_callees_counts_for_the_callee_alone()
    {
        using var compiler = new CodeCompiler(Manual with { GasPerKiB = 400_000 });
        using var machine = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler };
        string caller = "0x5f5f5f5f62" + "0b0002" + "62" + "0f4240" + "fa00" + new string('0', 1 << 11);
        MapState state = StateOf(caller).With(Address.FromNumber(0xb0002), Hex.Decode(Loop), nonce: 1);
        for (int i = 0; i < 12; i++) Run(machine, state);
        Assert.Equal(1, compiler.QueuedCount);
        Assert.True(compiler.CompileNext());
        Run(machine, state);
        Assert.False(RanCompiled(machine, 0));
        Assert.True(RanCompiled(machine, 1));
    }

    [Fact]
    public void Init_code_is_never_compiled()
    {
        using var compiler = new CodeCompiler(Manual with { Mode = CompilationMode.FirstSight });
        using var machine = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler };
        MapState state = StateOf("0x00");
        machine.StartBlock(state, state, default, EvmRules.Osaka);
        machine.StartTransaction(default);
        CallResult result = machine.Call(new CallMessage { Caller = Outcome.Sender, Input = Hex.Decode(Loop), Gas = 1_000_000, CreationNonce = 5 });
        Assert.True(result.IsSuccess);
        Assert.Equal(0, compiler.Statistics.Compiled);
    }

    [Fact]
    public void Traced_steps_are_interpreted()
    {
        using var compiler = new CodeCompiler(Manual with { Mode = CompilationMode.FirstSight });
        var tracer = new StepCounter();
        using var machine = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler, Tracer = tracer };
        Run(machine, StateOf(Loop));
        Assert.True(tracer.Steps > 500, $"{tracer.Steps} steps");
        Assert.False(RanCompiled(machine));
    }

    [Fact]
    public void Code_above_the_limit_is_never_compiled()
    {
        using var compiler = new CodeCompiler(Manual with { MaxCodeBytes = 8 });
        using var machine = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler };
        MapState state = StateOf(Loop);
        for (int i = 0; i < 20; i++) Run(machine, state);
        Assert.Equal(0, compiler.QueuedCount);
    }

    [Fact]
    public void A_full_queue_refuses_and_the_code_comes_again()
    {
        using var compiler = new CodeCompiler(Manual with { QueueLength = 1 });
        using var machine = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler };
        MapState one = StateOf(Loop), two = StateOf(Loop + "00");
        for (int i = 0; i < 3; i++) Run(machine, one);
        for (int i = 0; i < 3; i++) Run(machine, two);
        Assert.Equal(1, compiler.QueuedCount);
        Assert.True(compiler.Statistics.Refused > 0);
        Assert.True(compiler.CompileNext());
        for (int i = 0; i < 5; i++) Run(machine, two);
        Assert.True(compiler.CompileNext());
        Assert.Equal(2, compiler.Statistics.Compiled);
    }

    [Fact]
    public void What_runs_least_makes_room_and_has_to_earn_it_again()
    {
        var recorder = new Recorder();
        using var compiler = new CodeCompiler(Manual with { MaxTotalBytes = 2 * Loop.Length / 2 }, recorder);
        using var machine = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler };
        MapState[] states = [StateOf(Loop), StateOf(Loop + "00"), StateOf(Loop + "0000")];
        for (int k = 0; k < 2; k++)
        {
            for (int i = 0; i < 5 + (10 * (1 - k)); i++) Run(machine, states[k]);
            Assert.True(compiler.CompileNext());
        }

        for (int i = 0; i < 5; i++) Run(machine, states[2]);
        Assert.True(compiler.CompileNext());
        Assert.Equal([Keccak256.Hash(Hex.Decode(Loop + "00"))], recorder.EvictedCodes);
        Assert.True(compiler.Statistics.LiveBytes <= compiler.Options.MaxTotalBytes);
        using (var fresh = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler })
        {
            Run(fresh, states[1]);
            Assert.False(RanCompiled(fresh));
            Run(fresh, states[0]);
            Assert.True(RanCompiled(fresh));
        }

        for (int i = 0; i < 5; i++) Run(machine, states[1]);
        Assert.Equal(1, compiler.QueuedCount);
    }

    [Fact]
    public void A_failure_to_compile_is_told_and_the_interpreter_goes_on()
    {
        var recorder = new Recorder();
        using var compiler = new CodeCompiler(Manual, recorder) { EmitChunk = Fail };
        using var machine = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler };
        MapState state = StateOf(Loop);
        for (int i = 0; i < 5; i++) Run(machine, state);
        Assert.True(compiler.CompileNext());
        Assert.IsType<InvalidProgramException>(Assert.Single(recorder.Failures));
        Assert.Equal(1, compiler.Statistics.Failed);
        string expected = Outcome.Of(machine, state, EvmRules.Osaka, [], 100_000);
        Assert.StartsWith("success", expected);
        for (int i = 0; i < 20; i++) Run(machine, state);
        Assert.Equal(0, compiler.QueuedCount); // it is not tried again

        static ChunkBody Fail(CodeLayout layout, int chunk, out int ilBytes, out int localReferences) => throw new InvalidProgramException();
    }

    [Fact]
    public void The_background_thread_compiles_and_ends_with_the_compiler()
    {
        var recorder = new Recorder();
        using var machine = new EvmMachine(NativeCrypto.Instance);
        using (var compiler = new CodeCompiler(Manual with { Mode = CompilationMode.Background }, recorder))
        {
            machine.Compiler = compiler;
            MapState state = StateOf(Loop);
            for (int i = 0; i < 5; i++) Run(machine, state);
            Assert.True(SpinWait.SpinUntil(() => compiler.Statistics.Compiled == 1, TimeSpan.FromSeconds(30)), "nothing was compiled");
            Run(machine, state);
            Assert.True(RanCompiled(machine));
        }

        Run(machine, StateOf(Loop));   // the machine code outlives its compiler
        Assert.Single(recorder.CompiledCodes);
    }

    [Fact]
    public void Bad_options_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CodeCompiler(new CodeCompilerOptions { GasPerKiB = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CodeCompiler(new CodeCompilerOptions { MaxCodeBytes = 100_000 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CodeCompiler(new CodeCompilerOptions { QueueLength = 0 }));
    }
}
