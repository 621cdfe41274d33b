using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using static Opal.Evm.Tests.Machines;

namespace Opal.Evm.Tests;

/// <summary>When code is decoded, what decoded code costs, and that it holds for one fork only.</summary>
public class EngineTests
{
    private static readonly Address Other = Address.FromNumber(0xc0001);

    /// <summary>Calls the other contract, with a byte of return data, as often as the call data says.</summary>
    private const string CallLoop = "0x5f35" + "5b" + "60205f60205f5f620c00015af150" + "60019003" + "80600257" + "00";

    private const string Callee = "0x5f355f5260205ff3";

    private static void Start(EvmMachine machine, TestState state, EvmRules? rules = null)
    {
        machine.StartBlock(state, state, new BlockContext { Number = 500, ChainId = 10u, GasLimit = 30_000_000 }, rules ?? EvmRules.Osaka);
        machine.StartTransaction(new TransactionContext { Origin = Sender });
    }

    [Fact]
    public void Code_is_decoded_when_it_runs_again()
    {
        using var machine = new EvmMachine(NativeCrypto.Instance);
        TestState state = new TestState().With(Target, "0x600160020160005500");
        Start(machine, state);
        Assert.True(machine.CallTarget().IsSuccess);
        Assert.Equal(0, machine.DecodedBytes);
        Assert.True(machine.CallTarget().IsSuccess);
        long size = machine.DecodedBytes;
        Assert.InRange(size, 1, 2_000);
        Assert.True(machine.CallTarget().IsSuccess);
        Assert.Equal(size, machine.DecodedBytes);
    }

    [Fact]
    public void Init_code_and_traced_steps_are_never_decoded_and_bytes_means_bytes()
    {
        using var machine = new EvmMachine(NativeCrypto.Instance) { Engines = EngineChoice.Bytes };
        TestState state = new TestState().With(Target, "0x600160020160005500");
        Start(machine, state);
        for (int i = 0; i < 4; i++) Assert.True(machine.CallTarget().IsSuccess);
        machine.Engines = EngineChoice.Automatic;
        for (ulong nonce = 1; nonce < 5; nonce++)
        {
            Assert.True(machine.Call(new CallMessage { Caller = Sender, Input = Hex.Decode("0x6001600201600055"), Gas = 100_000, CreationNonce = nonce }).IsSuccess);
        }

        Assert.Equal(0, machine.DecodedBytes);
    }

    [Fact]
    public void Decoded_code_is_decoded_anew_when_the_fork_brings_opcodes()
    {
        using var machine = new EvmMachine(NativeCrypto.Instance) { Engines = EngineChoice.Decoded };
        TestState state = new TestState().With(Target, "0x5f5f5d00"); // PUSH0 PUSH0 TSTORE
        foreach ((EvmRules rules, Halt halt) in new[]
        {
            (EvmRules.London, Halt.InvalidOpcode), (EvmRules.Cancun, Halt.Stop), (EvmRules.Shanghai, Halt.InvalidOpcode), (EvmRules.Osaka, Halt.Stop),
        })
        {
            Start(machine, state, rules);
            Assert.Equal(halt, machine.CallTarget().Halt);
        }
    }

    [Theory]
    [InlineData(EngineChoice.Bytes)]
    [InlineData(EngineChoice.Decoded)]
    public void Inner_calls_allocate_nothing(EngineChoice engines)
    {
        using var machine = new EvmMachine(NativeCrypto.Instance) { Engines = engines };
        TestState state = new TestState().With(Target, CallLoop).With(Other, Callee);
        Start(machine, state);
        Assert.True(Run(machine, 3).IsSuccess);
        long few = Allocated(machine, 10), many = Allocated(machine, 10_010);
        Assert.Equal(0, many - few);

        static CallResult Run(EvmMachine machine, ulong calls)
        {
            CallResult result = machine.CallTarget(gas: 100_000_000, input: new UInt256(calls).ToBigEndianArray());
            return result;
        }

        static long Allocated(EvmMachine machine, ulong calls)
        {
            byte[] input = new UInt256(calls).ToBigEndianArray();
            long before = GC.GetAllocatedBytesForCurrentThread();
            CallResult result = machine.CallTarget(gas: 100_000_000, input: input);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(Halt.Stop, result.Halt);
            Assert.True(100_000_000 - result.GasLeft > (long)calls * 100);
            return allocated;
        }
    }

    [Fact]
    public void Every_opcode_with_just_enough_and_one_too_few_words_and_gas_is_the_same_on_both_engines()
    {
        using var bytes = new EvmMachine(NativeCrypto.Instance) { Engines = EngineChoice.Bytes };
        using var decoded = new EvmMachine(NativeCrypto.Instance) { Engines = EngineChoice.Decoded };
        for (int op = 0; op < 256; op++)
        {
            for (int words = 0; words <= 17; words++)
            {
                string code = "0x" + string.Concat(Enumerable.Repeat("6001", words)) + op.ToString("x2") + "00";
                TestState state = new TestState().With(Target, code);
                foreach (EvmRules rules in new[] { EvmRules.London, EvmRules.Osaka })
                {
                    Start(bytes, state, rules);
                    Start(decoded, state, rules);
                    CallResult loose = bytes.CallTarget(100_000);
                    Assert.Equal((loose.Halt, loose.GasLeft), Result(decoded, 100_000));
                    long used = 100_000 - loose.GasLeft;
                    for (long gas = used - 1; gas <= used; gas++)
                    {
                        Start(bytes, state, rules);
                        Start(decoded, state, rules);
                        Assert.Equal(Result(bytes, gas), Result(decoded, gas));
                    }
                }
            }
        }

        static (Halt, long) Result(EvmMachine machine, long gas)
        {
            CallResult result = machine.CallTarget(gas);
            return (result.Halt, result.GasLeft);
        }
    }
}
