using Opal.Evm;
using Opal.Primitives;
using static Opal.Evm.Tests.Machines;

namespace Opal.Evm.Tests;

public class CallTests
{
    private static readonly Address Other = Address.FromNumber(0xc0001);

    [Fact]
    public void Value_moves_and_comes_back_on_revert()
    {
        var state = new TestState().With(Sender, balance: 100).With(Target, "0x00");
        using EvmMachine machine = Begin(state);
        Assert.True(machine.CallTarget(value: 30).IsSuccess);
        Assert.Equal(70u, machine.Journal.GetBalance(Sender));
        Assert.Equal(30u, machine.Journal.GetBalance(Target));
        Assert.Equal(Halt.InsufficientBalance, machine.CallTarget(value: 71).Halt);

        state.With(Target, "0x5f5ffd");
        using EvmMachine reverting = Begin(state);
        CallResult result = reverting.CallTarget(value: 30);
        Assert.True(result.IsRevert);
        Assert.Equal(1_000_000 - 4, result.GasLeft);
        Assert.Equal(100u, reverting.Journal.GetBalance(Sender));
    }

    [Fact]
    public void Calls_nest_1024_deep_without_native_recursion()
    {
        // counts the depth in memory: calls itself with calldata+1, returns what the callee returned or its own depth
        const string code = "0x5f356001015f52" + "6020602060205f5f305af1" + "601957" + "60205ff3" + "5b60206020f3";
        using EvmMachine machine = Begin(new TestState().With(Target, code));
        CallResult result = machine.CallTarget(gas: long.MaxValue / 4, input: new byte[32]);
        Assert.True(result.IsSuccess);
        Assert.Equal(1025u, UInt256.FromBigEndian(result.Output.Span));
    }

    [Fact]
    public void Memory_follows_when_the_arena_moves()
    {
        // the callee grows its memory to 8 MiB; afterwards the caller's memory and call data are what they were
        var state = new TestState().With(Other, "0x5f6280000052")
            .With(Target, "0x6011604052" + "5f5f5f5f5f620c00015af150" + "604051" + "5f52" + "5f35602052" + "60405ff3");
        using EvmMachine machine = Begin(state);
        CallResult result = machine.CallTarget(gas: 10_000_000_000, input: new UInt256(77).ToBigEndianArray());
        Assert.True(result.IsSuccess, result.Halt.ToString());
        Assert.Equal(0x11u, UInt256.FromBigEndian(result.Output.Span[..32]));
        Assert.Equal(77u, UInt256.FromBigEndian(result.Output.Span[32..]));
    }

    [Fact]
    public void Static_calls_forbid_changes_also_below()
    {
        foreach (string change in new[] { "6001600155", "600160015d", "5f5fa0", "5f5f5ff0", "5fff", "5f5f5f5f6001305af1" })
        {
            var state = new TestState().With(Other, "0x" + change + "00", balance: 10)
                .With(Target, "0x5f5f5f5f620c00015afa5f5260205ff3");
            using EvmMachine machine = Begin(state);
            CallResult result = machine.CallTarget(gas: 200_000);
            Assert.True(result.IsSuccess);
            Assert.Equal(UInt256.Zero, UInt256.FromBigEndian(result.Output.Span));
        }
    }

    [Fact]
    public void A_delegation_runs_the_code_it_names_on_the_account_s_own_storage()
    {
        Address code = Address.FromNumber(0xd0001);
        var state = new TestState().With(code, "0x602a600155").With(Target, Hex.Encode(Delegation.Create(code)));
        using EvmMachine machine = Begin(state);
        CallResult result = machine.CallTarget();
        Assert.True(result.IsSuccess);
        Assert.Equal(42u, machine.Journal.GetStorage(Target, 1u));
        Assert.True(machine.Journal.IsWarm(code));
        using EvmMachine cancun = Begin(state, EvmRules.Cancun);
        Assert.Equal(Halt.InvalidOpcode, cancun.CallTarget().Halt);
    }

    [Fact]
    public void A_delegation_to_a_precompile_runs_nothing()
    {
        var state = new TestState().With(Target, Hex.Encode(Delegation.Create(Address.FromNumber(4))));
        using EvmMachine machine = Begin(state);
        CallResult result = machine.CallTarget(input: [1, 2, 3]);
        Assert.True(result.IsSuccess);
        Assert.Equal(0, result.Output.Length);
        Assert.Equal(1_000_000, result.GasLeft);
    }

    [Fact]
    public void Creation_stores_code_and_takes_its_address_from_the_nonce()
    {
        using EvmMachine machine = Begin(new TestState().With(Sender, balance: 5));
        CallResult result = machine.Call(new CallMessage
        {
            Caller = Sender, Input = Hex.Decode("0x6001600c60003960016000f300" + "fe"), Gas = 100_000, CreationNonce = 7, Value = 5u,
        });
        Assert.True(result.IsSuccess, result.Halt.ToString());
        Address created = result.Created!.Value;
        Assert.Equal(ContractAddress.OfCreate(Sender, 7), created);
        Assert.Equal("0x00", Hex.Encode(machine.Journal.GetCode(created).Span));
        Assert.Equal(1ul, machine.Journal.GetNonce(created));
        Assert.Equal(5u, machine.Journal.GetBalance(created));
    }

    [Theory]
    [InlineData("0x60ef5f5360015ff3", Halt.InvalidCode)]
    [InlineData("0x6160015ff3", Halt.CodeTooLarge)]
    public void Code_that_may_not_be_is_refused(string initCode, Halt expected)
    {
        using EvmMachine machine = Begin(new TestState());
        CallResult result = machine.Call(new CallMessage { Caller = Sender, Input = Hex.Decode(initCode), Gas = 30_000_000 });
        Assert.Equal(expected, result.Halt);
        Assert.True(machine.Journal.IsEmpty(result.Created!.Value));
    }

    [Fact]
    public void A_taken_address_collides()
    {
        Address address = ContractAddress.OfCreate(Sender, 0);
        foreach (TestState state in new[] { new TestState().With(address, nonce: 1), new TestState().With(address, "0x00"), WithStorage() })
        {
            using EvmMachine machine = Begin(state);
            CallResult result = machine.Call(new CallMessage { Caller = Sender, Gas = 100_000 });
            Assert.Equal(Halt.CreateCollision, result.Halt);
            Assert.Equal(0, result.GasLeft);
        }

        TestState WithStorage()
        {
            var state = new TestState().With(address);
            state.Storage[(address, 5u)] = 6u;
            return state;
        }
    }

    [Theory] // the examples of EIP-1014
    [InlineData("0x0000000000000000000000000000000000000000", "0x0000000000000000000000000000000000000000000000000000000000000000", "0x00", "0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38")]
    [InlineData("0xdeadbeef00000000000000000000000000000000", "0x0000000000000000000000000000000000000000000000000000000000000000", "0x00", "0xB928f69Bb1D91Cd65274e3c79d8986362984fDA3")]
    [InlineData("0x00000000000000000000000000000000deadbeef", "0x00000000000000000000000000000000000000000000000000000000cafebabe", "0xdeadbeef", "0x60f3f640a8508fC6a86d45DF051962668E1e8AC7")]
    [InlineData("0x0000000000000000000000000000000000000000", "0x0000000000000000000000000000000000000000000000000000000000000000", "0x", "0xE33C0C7F7df4809055C3ebA6c09CFe4BaF1BD9e0")]
    public void Create2_addresses_follow_eip_1014(string creator, string salt, string initCode, string expected)
    {
        Assert.True(UInt256.TryParse(salt, out UInt256 word));
        Assert.Equal(expected, ContractAddress.OfCreate2(Address.Parse(creator), word, Hex.Decode(initCode)).ToChecksumString());
    }

    [Fact]
    public void Create_addresses_encode_every_size_of_nonce()
    {
        Address creator = Address.Parse("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0");
        Assert.Equal("0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d", ContractAddress.OfCreate(creator, 0).ToString());
        Assert.Equal("0x343c43a37d37dff08ae8c4a11544c718abb4fcf8", ContractAddress.OfCreate(creator, 1).ToString());
        foreach (ulong nonce in new[] { 0x7fUL, 0x80UL, 0xffUL, 0x100UL, 0x123456UL, ulong.MaxValue })
        {
            var writer = new RlpWriter();
            int list = writer.BeginList();
            writer.WriteAddress(creator);
            writer.WriteUInt64(nonce);
            writer.EndList(list);
            Assert.Equal(new Address(Keccak256.Hash(writer.Written).ToArray().AsSpan(12)), ContractAddress.OfCreate(creator, nonce));
        }
    }
}
