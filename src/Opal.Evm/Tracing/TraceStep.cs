using Opal.Primitives;

namespace Opal.Evm;

/// <summary>An instruction about to be executed, for tracers.</summary>
public readonly ref struct TraceStep
{
    /// <summary>Offset in the code.</summary>
    public int Pc { get; init; }

    /// <summary>The opcode byte.</summary>
    public byte Op { get; init; }

    /// <summary>Gas left before the instruction.</summary>
    public long Gas { get; init; }

    /// <summary>0 for the top-level message.</summary>
    public int Depth { get; init; }

    /// <summary>The refund counter.</summary>
    public long Refund { get; init; }

    /// <summary>The account whose storage the frame works on.</summary>
    public Address Self { get; init; }

    /// <summary>The operand stack, bottom first.</summary>
    public ReadOnlySpan<UInt256> Stack { get; init; }

    /// <summary>The frame's memory.</summary>
    public ReadOnlySpan<byte> Memory { get; init; }

    /// <summary>The return data buffer.</summary>
    public ReadOnlySpan<byte> ReturnData { get; init; }
}
