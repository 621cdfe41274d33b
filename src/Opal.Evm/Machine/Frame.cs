using Opal.Primitives;

namespace Opal.Evm;

/// <summary>A running or suspended call. Lives in native memory; the code object that <see cref="Code"/> points into is held beside it by depth.</summary>
internal unsafe struct Frame
{
    public byte* Code;
    public int CodeLength;
    public int InputLength;
    /// <summary>Jump destinations, null until the first jump.</summary>
    public ulong* Destinations;
    /// <summary>Of decoded code: the instructions, and for each byte of code the instruction that a jump lands on (0: none).</summary>
    public Instruction* Program;
    public int* Targets;
    /// <summary>The bottom word of the operand stack.</summary>
    public UInt256* Stack;
    public byte* Memory;
    /// <summary>Size in bytes, a multiple of 32.</summary>
    public ulong MemorySize;
    /// <summary>Call data, inside the parent's memory.</summary>
    public byte* Input;

    // Saved while a callee runs.
    /// <summary>Where to go on. Only <see cref="Engine"/> reads it: the byte engine as a pointer into the code, another in a form of its own.</summary>
    public byte* Pc;
    /// <summary>The top word, one below <see cref="Stack"/> when empty.</summary>
    public UInt256* Sp;
    public long Gas;
    /// <summary>How much of the machine's return buffer is this frame's return data.</summary>
    public int ReturnLength;

    public int Depth;
    public Address Self;
    public Address Caller;
    public UInt256 Value;
    /// <summary>The journal's number of <see cref="Self"/>.</summary>
    public int SelfNumber;
    public CallKind Kind;
    public bool IsStatic;
    /// <summary>Who runs the frame, from its first instruction to its last.</summary>
    public FrameEngine Engine;

    /// <summary>Where a failure goes back to.</summary>
    public JournalCheckpoint Checkpoint;
    /// <summary>Where in the parent's memory the output goes, and how much of it.</summary>
    public ulong OutputOffset;
    public ulong OutputLength;
    public long GasAtEntry;
    /// <summary>Of the gas used since, how much its callees used; counted only when there is a compiler.</summary>
    public long CalleeGas;

    public readonly bool IsCreation => Kind is CallKind.Create or CallKind.Create2;
}
