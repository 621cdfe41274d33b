using System.Runtime.CompilerServices;

namespace Opal.Evm;

/// <summary>Code as instructions, for one set of opcodes. Lives as long as the frames that point into it: as long as the <see cref="Bytecode"/> that holds it.</summary>
internal sealed unsafe class DecodedCode
{
    private readonly Instruction[] _program;
    private readonly int[] _targets;

    /// <summary>Takes pinned arrays, see <see cref="Program"/> and <see cref="Targets"/>.</summary>
    public DecodedCode(OpcodeSet opcodes, Instruction[] program, int[] targets)
    {
        Opcodes = opcodes;
        _program = program;
        _targets = targets;
    }

    /// <summary>The opcodes that were defined.</summary>
    public OpcodeSet Opcodes { get; }

    /// <summary>The instructions; the code begins at <see cref="Decoder.FirstInstruction"/>, before it lies the block that every bad jump lands in.</summary>
    public Instruction* Program => (Instruction*)Unsafe.AsPointer(ref _program[0]);

    /// <summary>For each byte of code the number of the Begin that a jump to it lands on; 0 where there is no JUMPDEST.</summary>
    public int* Targets => (int*)Unsafe.AsPointer(ref _targets[0]);

    /// <summary>Memory it takes, in bytes.</summary>
    public long Size => unchecked(((long)_program.Length * sizeof(Instruction)) + ((long)_targets.Length * sizeof(int)));
}
