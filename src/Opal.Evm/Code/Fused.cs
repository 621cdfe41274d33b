namespace Opal.Evm;

/// <summary>Instructions that only decoded code has, under numbers that are no opcode there. k is the constant in <see cref="Instruction.Argument"/>,
/// d the word <see cref="Instruction.Below"/> the top.</summary>
internal static class Fused
{
    /// <summary>Enters a block: gas in bits 0..31 of the argument, needed height (bytes) in 32..47, how much more the stack may hold (bytes) in 48..63.</summary>
    public const Opcode Begin = (Opcode)0x60;
    /// <summary>PUSH of up to 64 bits.</summary>
    public const Opcode Push = (Opcode)0x61;
    /// <summary>PUSH of more; the word takes the place of the next two instructions.</summary>
    public const Opcode PushWide = (Opcode)0x62;
    public const Opcode Dup = (Opcode)0x63;
    public const Opcode Swap = (Opcode)0x64;
    /// <summary>Ends the frame: the jump had no valid target.</summary>
    public const Opcode BadJump = (Opcode)0x65;

    // Jumps with a constant target.
    public const Opcode JumpTo = (Opcode)0x66;
    public const Opcode JumpIf = (Opcode)0x67;
    public const Opcode JumpIfZero = (Opcode)0x68;
    public const Opcode JumpIfLess = (Opcode)0x69;
    public const Opcode JumpIfNotLess = (Opcode)0x6a;
    public const Opcode JumpIfGreater = (Opcode)0x6b;
    public const Opcode JumpIfNotGreater = (Opcode)0x6c;
    public const Opcode JumpIfSignedLess = (Opcode)0x6d;
    public const Opcode JumpIfNotSignedLess = (Opcode)0x6e;
    public const Opcode JumpIfSignedGreater = (Opcode)0x6f;
    public const Opcode JumpIfNotSignedGreater = (Opcode)0x70;
    public const Opcode JumpIfEqual = (Opcode)0x71;
    public const Opcode JumpIfNotEqual = (Opcode)0x72;

    // PUSH and an operation of two operands: the constant is the first.
    public const Opcode AddConstant = (Opcode)0x73;
    /// <summary>k - top.</summary>
    public const Opcode SubtractFromConstant = (Opcode)0x74;
    /// <summary>PUSH SWAP1 SUB: top - k.</summary>
    public const Opcode SubtractConstant = (Opcode)0x75;
    public const Opcode MultiplyConstant = (Opcode)0x76;
    /// <summary>k / top.</summary>
    public const Opcode DivideConstant = (Opcode)0x77;
    public const Opcode AndConstant = (Opcode)0x78;
    public const Opcode OrConstant = (Opcode)0x79;
    public const Opcode EqualConstant = (Opcode)0x7a;
    /// <summary>k &lt; top.</summary>
    public const Opcode ConstantLess = (Opcode)0x7b;
    /// <summary>k &gt; top.</summary>
    public const Opcode ConstantGreater = (Opcode)0x7c;
    public const Opcode ShiftLeftConstant = (Opcode)0x7d;
    public const Opcode ShiftRightConstant = (Opcode)0x7e;
    public const Opcode LoadConstant = (Opcode)0x7f;
    public const Opcode StoreConstant = (Opcode)0xa5;
    /// <summary>The word follows as in <see cref="PushWide"/>.</summary>
    public const Opcode AndWide = (Opcode)0xa6;
    public const Opcode AddWide = (Opcode)0xa7;

    // DUPn and an operation of two operands: d is the first.
    public const Opcode DupAdd = (Opcode)0xa8;
    public const Opcode DupSubtract = (Opcode)0xa9;
    public const Opcode DupMultiply = (Opcode)0xaa;
    public const Opcode DupLess = (Opcode)0xab;
    public const Opcode DupGreater = (Opcode)0xac;
    public const Opcode DupEqual = (Opcode)0xad;
    public const Opcode DupAnd = (Opcode)0xae;
    public const Opcode DupOr = (Opcode)0xaf;
    public const Opcode DupXor = (Opcode)0xb0;
    public const Opcode DupLoad = (Opcode)0xb1;
    public const Opcode DupStore = (Opcode)0xb2;
    /// <summary>DUPn PUSH ADD: d + k.</summary>
    public const Opcode DupAddConstant = (Opcode)0xb3;

    /// <summary>DUPn DUPm: the argument is m's distance in bytes below the new top.</summary>
    public const Opcode DupDup = (Opcode)0xb4;
    public const Opcode PushDup = (Opcode)0xb5;
    /// <summary>PUSH PUSH: k, then the offset as an unsigned number.</summary>
    public const Opcode PushPush = (Opcode)0xb6;
    public const Opcode SwapPop = (Opcode)0xb7;
    public const Opcode SwapPopJump = (Opcode)0xb8;
    public const Opcode Swap1Subtract = (Opcode)0xb9;
    public const Opcode Swap1Jump = (Opcode)0xba;
    public const Opcode Swap2Swap1 = (Opcode)0xbb;
    public const Opcode PopPop = (Opcode)0xbc;

    /// <summary>Whether the instruction's offset is the way to a block.</summary>
    public static bool IsJump(Opcode op) => op is >= JumpTo and <= JumpIfNotEqual;

    /// <summary>Whether a word follows the instruction.</summary>
    public static bool IsWide(Opcode op) => op is PushWide or AndWide or AddWide;
}
