using Opal.Evm;
using Opal.Primitives;
using static Opal.Evm.Tests.Machines;

namespace Opal.Evm.Tests;

public class TracerTests
{
    private sealed class Recorder(bool steps) : ITracer
    {
        public List<string> Events { get; } = [];

        public bool WantsSteps => steps;

        public void EnterFrame(in FrameEntry frame) => Events.Add($"enter {frame.Kind} {frame.Depth} {frame.Input.Length} {frame.Value}");

        public void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output) => Events.Add($"exit {halt} {gasUsed} {output.Length}");

        public void Step(in TraceStep step) => Events.Add($"{step.Depth} {step.Pc} {(Opcode)step.Op} {step.Stack.Length} {step.Memory.Length}");

        public void StepEnd(long gasCost, Halt? halt) => Events.Add($"cost {gasCost} {halt}".TrimEnd());

        public void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data) => Events.Add($"log {topics.Length} {data.Length}");
    }

    private static List<string> Trace(bool steps, TestState state, long gas = 100_000)
    {
        var recorder = new Recorder(steps);
        using EvmMachine machine = Begin(state);
        machine.Tracer = recorder;
        machine.CallTarget(gas);
        return recorder.Events;
    }

    [Fact]
    public void Steps_report_cost_stack_and_memory()
    {
        Assert.Equal(
            [
                "enter Call 0 0 0",
                "0 0 Push1 0 0", "cost 3",
                "0 2 Push0 1 0", "cost 2",
                "0 3 MStore 2 0", "cost 6",
                "0 4 Push1 0 32", "cost 3",
                "0 6 Jump 1 32", "cost 8",
                "0 7 JumpDest 0 32", "cost 1",
                "0 8 Stop 0 32", "cost 0",
                "exit Stop 23 0",
            ],
            Trace(true, new TestState().With(Target, "0x60015f526007565b00")));
    }

    [Fact]
    public void A_failing_step_says_why()
    {
        Assert.Equal(
            ["enter Call 0 0 0", "0 0 Add 0 0", "cost 100000 StackUnderflow", "exit StackUnderflow 100000 0"],
            Trace(true, new TestState().With(Target, "0x01")));
    }

    [Fact]
    public void A_call_reports_its_cost_before_the_callee_begins()
    {
        Address other = Address.FromNumber(0xc0001);
        List<string> events = Trace(true, new TestState().With(other, "0x00").With(Target, "0x5f5f5f5f5f620c0001611000f1"));
        int call = events.IndexOf("0 12 Call 7 0");
        Assert.Equal(["cost 6696", "enter Call 1 0 0", "1 0 Stop 0 0", "cost 0", "exit Stop 0 0", "0 13 Stop 1 0"], events.GetRange(call + 1, 6)); // 2600 + 0x1000
    }

    [Fact]
    public void Frames_logs_creations_and_destructions_show()
    {
        var state = new TestState().With(Target, "0x" + "5f5fa0" + "5f5f5ff050" + "5f5f5f5f60045afa50" + "60aaff", balance: 3);
        Assert.Equal(
            [
                "enter Call 0 0 0", "log 0 0", "enter Create 1 0 0", "exit Stop 0 0", "enter StaticCall 1 0 0", "exit Return 15 0",
                "enter SelfDestruct 1 0 3", "exit Stop 0 0",
            ],
            Trace(false, state, 200_000)[..^1]);
    }

    [Fact]
    public void Tracing_changes_no_result()
    {
        const string code = "0x5f5b600101806103e81060025700";
        CallResult plain = Run(code);
        using EvmMachine machine = Begin(new TestState().With(Target, code));
        machine.Tracer = new Recorder(true);
        CallResult traced = machine.CallTarget();
        Assert.Equal(plain.Halt, traced.Halt);
        Assert.Equal(plain.GasLeft, traced.GasLeft);
    }
}
