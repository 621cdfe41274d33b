namespace Opal.Evm;

/// <summary>Why a call frame ended.</summary>
public enum Halt : byte
{
    /// <summary>STOP, or the end of the code, or a call to an account without code.</summary>
    Stop,
    /// <summary>RETURN, or a precompile that succeeded.</summary>
    Return,
    /// <summary>SELFDESTRUCT.</summary>
    SelfDestruct,
    /// <summary>REVERT: state undone, gas kept.</summary>
    Revert,

    // Exceptional halts: state undone, all gas of the frame consumed.

    /// <summary>Not enough gas.</summary>
    OutOfGas,
    /// <summary>An opcode found too few items.</summary>
    StackUnderflow,
    /// <summary>More than 1,024 items.</summary>
    StackOverflow,
    /// <summary>A jump to something other than a JUMPDEST.</summary>
    InvalidJump,
    /// <summary>INVALID, or an opcode that this fork does not have.</summary>
    InvalidOpcode,
    /// <summary>A state change inside a static call.</summary>
    WriteProtection,
    /// <summary>RETURNDATACOPY beyond the end.</summary>
    ReturnDataOutOfBounds,
    /// <summary>Init code above the limit (EIP-3860).</summary>
    InitCodeTooLarge,
    /// <summary>Deployed code above the limit (EIP-170).</summary>
    CodeTooLarge,
    /// <summary>Deployed code starts with 0xEF (EIP-3541).</summary>
    InvalidCode,
    /// <summary>The gas left does not pay for the deployed code.</summary>
    CodeStoreOutOfGas,
    /// <summary>The new address is taken (EIP-684, EIP-7610).</summary>
    CreateCollision,
    /// <summary>A precompile rejected its input.</summary>
    PrecompileFailure,

    // The frame did not begin: no gas consumed, state untouched.

    /// <summary>Deeper than 1,024 calls.</summary>
    CallDepth,
    /// <summary>The caller cannot pay the value.</summary>
    InsufficientBalance,
    /// <summary>The creator's nonce is 2^64 - 1 (EIP-2681).</summary>
    NonceOverflow,
}

/// <summary>Groups of <see cref="Halt"/>.</summary>
public static class HaltExtensions
{
    /// <summary>Whether the frame's changes stand.</summary>
    public static bool IsSuccess(this Halt halt) => halt <= Halt.SelfDestruct;

    /// <summary>Whether the frame consumed all its gas.</summary>
    public static bool IsExceptional(this Halt halt) => halt is > Halt.Revert and < Halt.CallDepth;
}
