using Opal.Primitives;

namespace Opal.Evm;

/// <summary>A frame that begins, for tracers.</summary>
public readonly ref struct FrameEntry
{
    /// <summary>How it was entered.</summary>
    public CallKind Kind { get; init; }

    /// <summary>0 for the top-level message.</summary>
    public int Depth { get; init; }

    /// <summary>Who calls (for DELEGATECALL: the contract that delegates). For SELFDESTRUCT: the contract.</summary>
    public Address From { get; init; }

    /// <summary>The account whose code runs, or the new contract. For SELFDESTRUCT: the beneficiary.</summary>
    public Address To { get; init; }

    /// <summary>Wei moved, or seen by CALLVALUE in a delegate call.</summary>
    public UInt256 Value { get; init; }

    /// <summary>Gas given, stipend included.</summary>
    public long Gas { get; init; }

    /// <summary>Call data or init code.</summary>
    public ReadOnlySpan<byte> Input { get; init; }

    /// <summary>Whether <see cref="To"/> is a precompile.</summary>
    public bool IsPrecompile { get; init; }
}
