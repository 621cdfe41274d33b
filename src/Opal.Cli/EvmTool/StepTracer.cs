using System.Globalization;
using System.Text;
using Opal.Evm;
using Opal.Execution;
using Opal.Primitives;

namespace Opal.Cli.EvmTool;

/// <summary>Writes every instruction as a line of JSON, and a line at the end of every frame (EIP-3155, in geth's form).</summary>
/// <remarks>As geth does it, an instruction that fails while it runs, and not for its price or its operands, has two lines: before it, and with its error.
/// Costs of failed instructions are those known before they run; of one that is too dear, all the gas there was.</remarks>
internal sealed class StepTracer(TextWriter output, StepTraceOptions options) : ITracer
{
    private readonly StringBuilder _head = new();
    private readonly StringBuilder _tail = new();
    private bool _open;
    private byte _op;
    private int _depth;
    private int _items;
    private long _cost;

    public bool WantsSteps => true;

    public void EnterFrame(in FrameEntry frame)
    {
        if (!options.CallFrames) return;
        string input = options.Memory && frame.Input.Length > 0 ? $",\"input\":\"{Hex.Encode(frame.Input)}\"" : "";
        output.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"from\":\"{frame.From}\",\"to\":\"{frame.To}\"{input},\"gas\":\"0x{frame.Gas:x}\",\"value\":\"{frame.Value.ToQuantity()}\",\"type\":\"{frame.Kind.ToString().ToUpperInvariant()}\"}}\n"));
    }

    public void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> data)
    {
        if (halt == Halt.Revert && _open && _op == (byte)Opcode.Revert) WriteStep(_cost, Halt.Revert);
        _open = false;
        string digits = halt.IsExceptional() ? "" : Hex.Encode(data)[2..];
        string error = halt.IsSuccess() ? "" : $",\"error\":\"{Escape(HaltText.Of(halt))}\"";
        output.Write(string.Create(CultureInfo.InvariantCulture, $"{{\"output\":\"{digits}\",\"gasUsed\":\"0x{gasUsed:x}\"{error}}}\n"));
    }

    public void Step(in TraceStep step)
    {
        _open = true;
        _op = step.Op;
        _depth = step.Depth + 1;
        _items = step.Stack.Length;
        _head.Clear().Append(CultureInfo.InvariantCulture, $"{{\"pc\":{step.Pc},\"op\":{step.Op},\"gas\":\"0x{step.Gas:x}\",\"gasCost\":\"0x");
        _tail.Clear().Append('"');
        if (options.Memory && step.Memory.Length > 0) _tail.Append(",\"memory\":\"").Append(Hex.Encode(step.Memory)).Append('"');
        _tail.Append(CultureInfo.InvariantCulture, $",\"memSize\":{step.Memory.Length},\"stack\":");
        if (options.Stack) AppendStack(step.Stack);
        else _tail.Append("null");
        if (options.ReturnData && step.ReturnData.Length > 0) _tail.Append(",\"returnData\":\"").Append(Hex.Encode(step.ReturnData)).Append('"');
        _tail.Append(CultureInfo.InvariantCulture, $",\"depth\":{_depth},\"refund\":{step.Refund},\"opName\":\"{OpcodeNames.Of(step.Op)}\"");
    }

    public void StepEnd(long gasCost, Halt? halt)
    {
        _cost = gasCost;
        if (halt is not { } failure)
        {
            WriteStep(gasCost, null);
            return;
        }

        bool failsWhileRunning = failure is Halt.InvalidJump or Halt.InvalidOpcode or Halt.ReturnDataOutOfBounds or Halt.WriteProtection;
        long cost = (Opcode)_op switch
        {
            _ when failure == Halt.InvalidOpcode => 0,
            Opcode.Jump when failure == Halt.InvalidJump => 8,
            Opcode.JumpI when failure == Halt.InvalidJump => 10,
            _ => gasCost,
        };
        if (failsWhileRunning) WriteStep(cost, null);
        WriteStep(cost, failure);
    }

    public void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data)
    {
    }

    private void WriteStep(long cost, Halt? halt)
    {
        output.Write(_head);
        output.Write(cost.ToString("x", CultureInfo.InvariantCulture));
        output.Write(_tail);
        if (halt is { } failure)
        {
            output.Write(",\"error\":\"");
            output.Write(Escape(TextOf(failure)));
            output.Write('"');
        }

        output.Write("}\n");
    }

    private string TextOf(Halt halt) => halt switch
    {
        Halt.InvalidOpcode => $"invalid opcode: {OpcodeNames.Of(_op)}",
        Halt.StackOverflow => $"stack limit reached {_items} (1023)",
        _ => HaltText.Of(halt),
    };

    private void AppendStack(ReadOnlySpan<UInt256> stack)
    {
        _tail.Append('[');
        for (int i = 0; i < stack.Length; i++)
        {
            if (i > 0) _tail.Append(',');
            _tail.Append('"').Append(stack[i].ToQuantity()).Append('"');
        }

        _tail.Append(']');
    }

    private static string Escape(string text) => text.Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal);
}
