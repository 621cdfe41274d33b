using System.Runtime.InteropServices;

namespace Opal.Evm;

/// <summary>An instruction of decoded code, 16 bytes. Which fields count depends on <see cref="Op"/>: see <see cref="Fused"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Instruction
{
    /// <summary>An opcode of the EVM or one of <see cref="Fused"/>.</summary>
    public Opcode Op;

    /// <summary>How far below the top of the stack an operand lies, in bytes.</summary>
    public ushort Below;

    /// <summary>Of a jump: the way to its target's <see cref="Fused.Begin"/>, in bytes from this instruction. Of Begin: the block's offset in the code.</summary>
    public int Offset;

    /// <summary>A constant.</summary>
    public ulong Argument;
}
