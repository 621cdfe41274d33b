using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Every instruction with what it pushed and wrote, frames inside the instructions that made them: OpenEthereum's vmTrace.</summary>
internal sealed class VmTracer(TraceBudget budget) : TransactionTracer
{
    private sealed class Frame
    {
        public byte[] Code { get; set; } = [];
        public List<Operation> Operations { get; } = [];
        public Operation? Waiting { get; set; }
    }

    private sealed class Operation
    {
        public required int Pc { get; init; }
        public required byte Op { get; init; }
        public required long GasBefore { get; init; }
        public long Cost { get; set; }
        public long GasAfter { get; set; }
        public bool IsDone { get; set; }
        public UInt256[] Pushed { get; set; } = [];
        public (int Offset, int Length)? Written { get; init; }
        public byte[]? Memory { get; set; }
        public (UInt256 Slot, UInt256 Value)? Stored { get; init; }
        public Frame? Inner { get; set; }
    }

    private const int OperationBytes = 200;

    private readonly Stack<Frame> _open = new();
    private readonly Dictionary<Frame, Address> _codeOf = [];
    private Frame? _top;

    public override bool WantsSteps => true;

    public override bool NeedsStateBefore => true;

    public override void EnterFrame(in FrameEntry frame)
    {
        var entered = new Frame();
        if (frame.Kind is CallKind.Create or CallKind.Create2) entered.Code = frame.Input.ToArray();
        else _codeOf[entered] = frame.To;
        if (_open.TryPeek(out Frame? parent))
        {
            if (parent.Waiting is { } caller && frame.Kind != CallKind.SelfDestruct && !frame.IsPrecompile) caller.Inner = entered;
        }
        else
        {
            _top = entered;
        }

        _open.Push(entered);
    }

    public override void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output)
    {
        Frame frame = _open.Pop();
        if (frame.Waiting is { } last)
        {
            last.GasAfter = halt.IsSuccess() || halt == Halt.Revert ? last.GasBefore - last.Cost : 0;
            last.IsDone = halt.IsSuccess() || halt == Halt.Revert;
            frame.Waiting = null;
        }
    }

    public override void Step(in TraceStep step)
    {
        Frame frame = _open.Peek();
        Settle(frame, step);
        if (!budget.TryTake(OperationBytes)) return;
        ReadOnlySpan<UInt256> stack = step.Stack;
        var operation = new Operation
        {
            Pc = step.Pc,
            Op = step.Op,
            GasBefore = step.Gas,
            Written = WrittenBy((Opcode)step.Op, stack),
            Stored = step.Op == (byte)Opcode.SStore && stack.Length >= 2 ? (stack[^1], stack[^2]) : null,
        };
        frame.Operations.Add(operation);
        frame.Waiting = operation;
    }

    public override void StepEnd(long gasCost, Halt? halt)
    {
        if (_open.TryPeek(out Frame? frame) && frame.Waiting is { } operation) operation.Cost = gasCost;
    }

    /// <summary>What the last instruction left is there when the next one of its frame begins.</summary>
    private void Settle(Frame frame, in TraceStep step)
    {
        if (frame.Waiting is not { } last) return;
        frame.Waiting = null;
        last.IsDone = true;
        last.GasAfter = step.Gas;
        int pushed = PushedBy(last.Op);
        if (pushed > 0 && pushed <= step.Stack.Length && budget.TryTake(32L * pushed)) last.Pushed = step.Stack[^pushed..].ToArray();
        if (last.Written is { Length: > 0 } range && range.Offset + (long)range.Length <= step.Memory.Length && budget.TryTake(range.Length))
        {
            last.Memory = step.Memory.Slice(range.Offset, range.Length).ToArray();
        }
    }

    /// <summary>DUP and SWAP show all the items they reach.</summary>
    private static int PushedBy(byte op) => op switch
    {
        >= 0x80 and <= 0x8f => op - 0x7e,
        >= 0x90 and <= 0x9f => op - 0x8e,
        >= 0x01 and <= 0x0b or >= 0x10 and <= 0x1e or 0x20 or >= 0x30 and <= 0x36 or 0x38 or 0x3a or 0x3b or 0x3d or 0x3f => 1,
        >= 0x40 and <= 0x4a or 0x51 or 0x54 or 0x58 or 0x59 or 0x5a or 0x5c or >= 0x5f and <= 0x7f => 1,
        0xf0 or 0xf1 or 0xf2 or 0xf4 or 0xf5 or 0xfa => 1,
        _ => 0,
    };

    private static (int Offset, int Length)? WrittenBy(Opcode op, ReadOnlySpan<UInt256> stack) => op switch
    {
        Opcode.MStore when stack.Length >= 1 => Range(stack[^1], 32),
        Opcode.MStore8 when stack.Length >= 1 => Range(stack[^1], 1),
        Opcode.CallDataCopy or Opcode.CodeCopy or Opcode.ReturnDataCopy or Opcode.MCopy when stack.Length >= 3 => Range(stack[^1], stack[^3]),
        Opcode.ExtCodeCopy when stack.Length >= 4 => Range(stack[^2], stack[^4]),
        Opcode.Call or Opcode.CallCode when stack.Length >= 7 => Range(stack[^6], stack[^7]),
        Opcode.DelegateCall or Opcode.StaticCall when stack.Length >= 6 => Range(stack[^5], stack[^6]),
        _ => null,
    };

    private static (int Offset, int Length)? Range(in UInt256 offset, in UInt256 length) =>
        offset <= new UInt256(int.MaxValue) && length <= new UInt256(int.MaxValue) ? ((int)offset.U0, (int)length.U0) : null;

    /// <summary>The code that calls ran; code that the transaction itself made is not known before it.</summary>
    public override void SeeBefore(Journal journal)
    {
        foreach ((Frame frame, Address address) in _codeOf)
        {
            ReadOnlyMemory<byte> code = journal.GetCode(address);
            if (Delegation.TryParse(code.Span, out Address target)) code = journal.GetCode(target);
            if (budget.TryTake(code.Length)) frame.Code = code.ToArray();
        }
    }

    public override void Write(Utf8JsonWriter json)
    {
        if (_top is null) json.WriteNullValue();
        else Write(json, _top);
    }

    private static void Write(Utf8JsonWriter json, Frame frame)
    {
        json.WriteStartObject();
        json.WriteData("code"u8, frame.Code);
        json.WriteStartArray("ops"u8);
        foreach (Operation operation in frame.Operations) Write(json, operation);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Operation operation)
    {
        json.WriteStartObject();
        json.WriteNumber("cost"u8, operation.Cost);
        json.WritePropertyName("ex"u8);
        if (operation.IsDone) WriteEffect(json, operation);
        else json.WriteNullValue();
        json.WriteNumber("pc"u8, operation.Pc);
        json.WriteString("op"u8, OpcodeNames.Of(operation.Op));
        json.WritePropertyName("sub"u8);
        if (operation.Inner is { } inner) Write(json, inner);
        else json.WriteNullValue();
        json.WriteEndObject();
    }

    private static void WriteEffect(Utf8JsonWriter json, Operation operation)
    {
        json.WriteStartObject();
        json.WritePropertyName("mem"u8);
        if (operation.Memory is { } memory)
        {
            json.WriteStartObject();
            json.WriteData("data"u8, memory);
            json.WriteNumber("off"u8, operation.Written!.Value.Offset);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteStartArray("push"u8);
        foreach (UInt256 item in operation.Pushed) json.WriteQuantityValue(item);
        json.WriteEndArray();
        json.WritePropertyName("store"u8);
        if (operation.Stored is { } stored)
        {
            json.WriteStartObject();
            json.WriteQuantity("key"u8, stored.Slot);
            json.WriteQuantity("val"u8, stored.Value);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteNumber("used"u8, operation.GasAfter);
        json.WriteEndObject();
    }
}
