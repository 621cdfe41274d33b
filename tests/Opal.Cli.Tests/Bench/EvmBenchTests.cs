using Opal.Benchmarks;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Cli.Tests.Bench;

public sealed class EvmBenchTests
{
    private static readonly Address Target = Address.FromNumber(0x7000);

    /// <summary>Adds 1 to the call data's first word and returns it: 3 + 3 + 3 + 3 + 2 + 6 + 3 + 2 gas.</summary>
    private static EvmWorkload Increment(long gasUsed, byte[]? code = null) => new()
    {
        Name = "increment",
        Group = "tiny",
        Pre = [new WorkloadAccount(Target, 1, default, code ?? Hex.Decode("0x600160003501" + "5f52" + "60205ff3"), [])],
        From = Address.FromNumber(0x1000),
        To = Target,
        Data = Hash256.FromUInt256(new UInt256(41)).ToArray(),
        Gas = 1_000_000,
        Expect = new EvmExpectation { GasUsed = gasUsed, Refund = 0, Logs = 0, Output = Hash256.FromUInt256(new UInt256(42)).ToArray() },
    };

    private const long IncrementGas = 25;

    private static EvmFigure Measure(EvmWorkload workload)
    {
        using var bench = new EvmBench(EvmEngine.Auto, 0.01, null, new BenchOutput(TextWriter.Null, TextWriter.Null, isTerminal: false));
        return Assert.Single(bench.Run([workload]));
    }

    [Fact]
    public void A_right_result_has_times_and_gas()
    {
        EvmFigure figure = Measure(Increment(IncrementGas));
        Assert.Null(figure.Problem);
        Assert.Equal(IncrementGas, figure.GasUsed);
        Assert.True(figure.Times!.Runs >= 5);
        Assert.True(figure.First > 0);
    }

    [Fact]
    public void A_wrong_gas_makes_the_figure_invalid()
    {
        EvmFigure figure = Measure(Increment(IncrementGas + 1));
        Assert.Null(figure.Times);
        Assert.Equal($"gas {IncrementGas}, expected {IncrementGas + 1}", figure.Problem);
    }

    [Fact]
    public void A_call_that_fails_is_named_by_its_halt() => Assert.Equal("halted with InvalidOpcode", Measure(Increment(IncrementGas, [0xfe])).Problem);

    [Fact]
    public void An_engine_that_does_not_exist_is_refused_by_name()
    {
        Assert.False(EvmEngine.TryFind("turbo", out _, out string problem));
        Assert.Contains("'turbo'", problem, StringComparison.Ordinal);
        Assert.True(EvmEngine.TryFind("bytes", out _, out _));
        Assert.True(EvmEngine.TryFind("auto", out _, out _));
    }

    [Theory]
    [InlineData("geth")]
    [InlineData("anvil=/no/such/file")]
    public void A_peer_that_is_not_there_is_refused(string option)
    {
        Assert.False(PeerChoice.TryFind(option, out _, out string problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void No_peer_can_be_asked_for()
    {
        Assert.True(PeerChoice.TryFind("none", out string? program, out _));
        Assert.Null(program);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void The_loop_driver_calls_so_many_times_and_returns_the_last_result(int times)
    {
        EvmWorkload workload = Increment(IncrementGas);
        CallResult result = Drive(workload, times, out long gas);
        Assert.True(result.IsSuccess);
        Assert.Equal(workload.Expect.Output, result.Output.ToArray());
        Drive(workload, times + 1, out long more);
        Assert.Equal(100 + IncrementGas + LoopGas, more - gas); // 100 for a warm call
    }

    /// <summary>The loop without CALL: JUMPDEST, four PUSH0, CALLDATASIZE, PUSH20, GAS; ISZERO, PUSH0, JUMPI; PUSH1, SWAP1, SUB, DUP1, PUSH1, JUMPI.</summary>
    private const long LoopGas = 1 + (4 * 2) + 2 + 3 + 2 + 3 + 2 + 10 + 3 + 3 + 3 + 3 + 3 + 10;

    [Fact]
    public void The_loop_driver_fails_when_a_call_fails() => Assert.False(Drive(Increment(0, [0xfe]), 3, out _).IsSuccess);

    [Fact]
    public void The_idle_driver_calls_nothing_and_returns_as_many_bytes()
    {
        EvmWorkload workload = Increment(IncrementGas, [0xfe]); // would fail if it were called
        FlatState state = workload.MakeState(new WorkloadAccount(LoopDriver.IdleAt, 1, default, LoopDriver.Idle(Target, 5, 64), []));
        using var call = new EvmCall(workload, EvmEngine.Auto, state);
        CallResult result = call.Run(LoopDriver.IdleAt, out _);
        Assert.True(result.IsSuccess);
        Assert.Equal([.. workload.Data, .. new byte[32]], result.Output.ToArray());
    }

    private static CallResult Drive(EvmWorkload workload, int times, out long gas)
    {
        FlatState state = workload.MakeState(new WorkloadAccount(LoopDriver.At, 1, default, LoopDriver.Calling(Target, times), []));
        using var call = new EvmCall(workload, EvmEngine.Auto, state);
        CallResult result = call.Run(LoopDriver.At, out _);
        gas = call.GasUsed;
        return result;
    }

    [Fact]
    public void A_flat_state_goes_back_to_where_it_was()
    {
        var state = new FlatState();
        Address old = Address.FromNumber(1), fresh = Address.FromNumber(2);
        state.Add(old, 5, 10u, []);
        state.Store(old, 1u, 7u);
        state.Apply(new StateDiff
        {
            Accounts =
            [
                new AccountChange { Address = old, Exists = true, Account = new Account(6, 9u, Hash256.EmptyCode), Storage = [(1u, 8u), (2u, 9u)] },
                new AccountChange { Address = fresh, Exists = true, Account = new Account(0, 1u, Hash256.EmptyCode) },
            ],
            Codes = [],
        });
        Assert.True(state.TryGetAccount(fresh, out _));
        state.Rewind();
        Assert.False(state.TryGetAccount(fresh, out _));
        Assert.True(state.TryGetAccount(old, out Account account));
        Assert.Equal(5UL, account.Nonce);
        state.GetStorage(old, 1u, out UInt256 first);
        state.GetStorage(old, 2u, out UInt256 second);
        Assert.Equal((new UInt256(7), UInt256.Zero), (first, second));
    }
}
