using Opal.Evm;
using Opal.Primitives;

namespace Opal.Evm.Tests;

/// <summary>Opcodes one at a time; the official state tests go through all of them in depth.</summary>
public class OpcodeTests
{
    [Theory]
    [InlineData("6003600201", 5)]
    [InlineData("6003600a03", 7)]
    [InlineData("6003600a06", 1)]
    [InlineData("600360020a", 8)]                   // EXP
    [InlineData("60ff60000b60000360ff16", 1)]       // SIGNEXTEND of 0xff is -1
    [InlineData("60055f1a", 0)]                     // BYTE 0
    [InlineData("6005601f1a", 5)]
    [InlineData("600160081b", 256)]
    [InlineData("61010060081c", 1)]
    [InlineData("60011e", 255)]                     // CLZ
    [InlineData("5f1e", 256)]
    [InlineData("58", 0)]
    [InlineData("5f5058", 2)]                       // PC
    [InlineData("5f51505a5a90035f5259", 32)]        // MSIZE
    [InlineData("46", 10)]
    [InlineData("48", 7)]
    [InlineData("4a", 1)]
    [InlineData("3a", 9)]
    [InlineData("43", 500)]
    [InlineData("6101f340", 1499)]                  // BLOCKHASH of the parent
    [InlineData("6101f440", 0)]                     // of this block
    [InlineData("60f440", 1244)]                    // 256 blocks ago
    [InlineData("60f340", 0)]                       // 257 blocks ago
    [InlineData("5f49", 0)]                         // BLOBHASH without blobs
    [InlineData("602a60015d60015c", 42)]            // TSTORE, TLOAD
    [InlineData("602a600155600154", 42)]            // SSTORE, SLOAD
    [InlineData("602a5f5260205f60205e602051", 42)]  // MCOPY
    public void Leaves_on_the_stack(string code, ulong expected)
    {
        Assert.Equal(new UInt256(expected), Machines.Top("0x" + code));
    }

    [Fact]
    public void Overlapping_copies_move_as_if_through_a_buffer()
    {
        // 0x0102 at 30, then 0..32 moves to 1..33
        CallResult result = Machines.Run("0x6101025f5260205f60015e60405ff3");
        var expected = new byte[64];
        expected[31] = 1;
        expected[32] = 2;
        Assert.Equal(expected, result.Output.ToArray());
    }

    [Theory]
    [InlineData("0x01", Halt.StackUnderflow)]
    [InlineData("0x0c", Halt.InvalidOpcode)]
    [InlineData("0xfe", Halt.InvalidOpcode)]
    [InlineData("0x600056", Halt.InvalidJump)]
    [InlineData("0x6003565b", Halt.Stop)]
    [InlineData("0x6004566 05b", Halt.InvalidJump)]       // a JUMPDEST inside a PUSH
    [InlineData("0x5b5f56", Halt.OutOfGas)]
    [InlineData("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff51", Halt.OutOfGas)]
    [InlineData("0x60015f5f3e", Halt.ReturnDataOutOfBounds)]
    [InlineData("0x60", Halt.Stop)]                        // a PUSH cut off
    [InlineData("0x7f01", Halt.Stop)]
    public void Halts(string code, Halt expected)
    {
        CallResult result = Machines.Run(code.Replace(" ", ""));
        Assert.Equal(expected, result.Halt);
        if (expected.IsExceptional()) Assert.Equal(0, result.GasLeft);
    }

    [Fact]
    public void The_stack_holds_1024_words()
    {
        Assert.Equal(Halt.Stop, Machines.Run("0x" + string.Concat(Enumerable.Repeat("5f", 1024))).Halt);
        Assert.Equal(Halt.StackOverflow, Machines.Run("0x" + string.Concat(Enumerable.Repeat("5f", 1025))).Halt);
        Assert.Equal(Halt.StackOverflow, Machines.Run("0x" + string.Concat(Enumerable.Repeat("5f", 1024)) + "80").Halt);
        Assert.Equal(Halt.StackOverflow, Machines.Run("0x" + string.Concat(Enumerable.Repeat("5f", 1024)) + "30").Halt);
    }

    [Theory]
    [InlineData("0x5f", "London", false)]
    [InlineData("0x5f", "Shanghai", true)]
    [InlineData("0x60005c", "Shanghai", false)]
    [InlineData("0x60005c", "Cancun", true)]
    [InlineData("0x6000600060005e", "Shanghai", false)]
    [InlineData("0x6000600060005e", "Cancun", true)]
    [InlineData("0x600049", "Shanghai", false)]
    [InlineData("0x600049", "Cancun", true)]
    [InlineData("0x4a", "Shanghai", false)]
    [InlineData("0x4a", "Cancun", true)]
    [InlineData("0x60001e", "Prague", false)]
    [InlineData("0x60001e", "Osaka", true)]
    public void Opcodes_begin_with_their_fork(string code, string fork, bool known)
    {
        EvmRules[] forks = [EvmRules.London, EvmRules.Paris, EvmRules.Shanghai, EvmRules.Cancun, EvmRules.Prague, EvmRules.Osaka];
        CallResult result = Machines.Run(code, forks.Single(f => f.Name == fork));
        Assert.Equal(known ? Halt.Stop : Halt.InvalidOpcode, result.Halt);
    }

    [Fact]
    public void Call_data_beyond_its_end_is_zero()
    {
        byte[] input = [1, 2, 3];
        Assert.Equal(UInt256.FromBigEndian(Hex.Decode("0x0203000000000000000000000000000000000000000000000000000000000000")), Machines.Top("0x600135", input: input));
        Assert.Equal(UInt256.Zero, Machines.Top("0x600335", input: input));
        Assert.Equal(UInt256.Zero, Machines.Top("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff35", input: input));
        Assert.Equal(UInt256.FromBigEndian(Hex.Decode("0x0203000000000000000000000000000000000000000000000000000000000000")), Machines.Top("0x602060015f375f51", input: input));
    }
}
