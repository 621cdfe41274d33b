using Opal.Evm;

namespace Opal.Execution;

/// <summary>Why executions end, in the words clients know.</summary>
internal static class HaltText
{
    public static string Of(Halt halt) => halt switch
    {
        Halt.Revert => "execution reverted",
        Halt.OutOfGas => GasEstimator.OutOfGas,
        Halt.StackUnderflow => "stack underflow",
        Halt.StackOverflow => "stack limit reached 1024 (1023)",
        Halt.InvalidJump => "invalid jump destination",
        Halt.InvalidOpcode => "invalid opcode",
        Halt.WriteProtection => "write protection",
        Halt.ReturnDataOutOfBounds => "return data out of bounds",
        Halt.InitCodeTooLarge => "max initcode size exceeded",
        Halt.CodeTooLarge => "max code size exceeded",
        Halt.InvalidCode => "invalid code: must not begin with 0xef",
        Halt.CodeStoreOutOfGas => "contract creation code storage out of gas",
        Halt.CreateCollision => "contract address collision",
        Halt.PrecompileFailure => "precompile rejected its input",
        Halt.CallDepth => "max call depth exceeded",
        Halt.InsufficientBalance => "insufficient balance for transfer",
        Halt.NonceOverflow => "nonce uint64 overflow",
        _ => "execution failed",
    };
}
