using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Evm.Tests;

/// <summary>Short ways to run code.</summary>
internal static class Machines
{
    public static readonly Address Sender = Address.FromNumber(0xa0001);
    public static readonly Address Target = Address.FromNumber(0xb0001);

    /// <summary>A machine that has begun a block and a transaction.</summary>
    public static EvmMachine Begin(TestState state, EvmRules? rules = null)
    {
        var machine = new EvmMachine(NativeCrypto.Instance);
        machine.StartBlock(state, state, new BlockContext { Number = 500, ChainId = 10u, GasLimit = 30_000_000, BaseFee = 7u, BlobBaseFee = 1u }, rules ?? EvmRules.Osaka);
        machine.StartTransaction(new TransactionContext { Origin = Sender, GasPrice = 9u });
        return machine;
    }

    public static CallResult CallTarget(this EvmMachine machine, long gas = 1_000_000, byte[]? input = null, ulong value = 0) =>
        machine.Call(new CallMessage { Caller = Sender, To = Target, Gas = gas, Input = input, Value = value });

    /// <summary>Runs code at the target.</summary>
    public static CallResult Run(string code, EvmRules? rules = null, long gas = 1_000_000, byte[]? input = null)
    {
        using EvmMachine machine = Begin(new TestState().With(Target, code), rules);
        return machine.CallTarget(gas, input);
    }

    /// <summary>The word that code leaves on top of the stack.</summary>
    public static UInt256 Top(string code, EvmRules? rules = null, byte[]? input = null)
    {
        CallResult result = Run(code + "60005260206000f3", rules, input: input);
        Assert.Equal(Halt.Return, result.Halt);
        return UInt256.FromBigEndian(result.Output.Span);
    }
}
