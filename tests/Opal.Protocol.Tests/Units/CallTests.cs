using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol.Tests;

public class CallTests
{
    // returns NUMBER, BASEFEE, SELFBALANCE of the running contract
    private static readonly byte[] Reporter = [0x43, 0x5f, 0x52, 0x48, 0x60, 32, 0x52, 0x47, 0x60, 64, 0x52, 0x60, 96, 0x5f, 0xf3];
    private static readonly Address Contract = Address.Parse("0x00000000000000000000000000000000000c0de0");

    private static Transaction Message(Address? to, UInt256 value, ulong gas = 100_000)
    {
        var message = new Transaction { Type = TransactionType.DynamicFee, ChainId = TestChain.ChainId, GasLimit = gas, To = to, Value = value };
        message.SetSender(TestChain.Bob);
        return message;
    }

    [Theory]
    [InlineData(OptimismFork.Ecotone)]
    [InlineData(OptimismFork.Jovian)]
    public void A_call_needs_no_nonce_no_signature_and_no_price(OptimismFork fork)
    {
        using var chain = new TestChain(fork, extra: new GenesisAccount(Contract, 42, 1, Reporter, []));
        BlockHeader head = chain.Chain.Head;
        TransactionOutcome outcome = chain.Executor.Call(head, Message(Contract, 0), chain.Chain.StateOf(head));
        Assert.True(outcome.Succeeded);
        Assert.Equal(new UInt256(head.Number), UInt256.FromBigEndian(outcome.Output.Span[..32]));
        Assert.Equal(head.BaseFeePerGas!.Value, UInt256.FromBigEndian(outcome.Output.Span[32..64]));
        Assert.Equal(new UInt256(42), UInt256.FromBigEndian(outcome.Output.Span[64..96]));
        Assert.Equal(TransactionVerdict.InsufficientFunds, chain.Executor.Call(head, Message(Contract, 1), chain.Chain.StateOf(head)).Verdict);
    }

    [Fact]
    public void Overrides_change_what_the_call_sees_and_nothing_else()
    {
        using var chain = new TestChain(OptimismFork.Isthmus);
        BlockHeader head = chain.Chain.Head;
        var overrides = new CallOverrides
        {
            Number = 77,
            BaseFee = 5,
            Accounts = [(Contract, new AccountOverride { Code = Reporter, Balance = 9 }), (TestChain.Bob, new AccountOverride { Balance = 1 })],
        };
        TransactionOutcome outcome = chain.Executor.Call(head, Message(Contract, 1), chain.Chain.StateOf(head), overrides);
        Assert.True(outcome.Succeeded);
        Assert.Equal(new UInt256(77), UInt256.FromBigEndian(outcome.Output.Span[..32]));
        Assert.Equal(new UInt256(5), UInt256.FromBigEndian(outcome.Output.Span[32..64]));
        Assert.Equal(new UInt256(10), UInt256.FromBigEndian(outcome.Output.Span[64..96]));
        Assert.Equal(UInt256.Zero, chain.BalanceOf(Contract));
    }

    [Fact]
    public void A_block_is_traced_transaction_by_transaction()
    {
        using var chain = new TestChain(OptimismFork.Isthmus);
        BlockHeader parent = chain.Chain.Head;
        BlockBuilder builder = chain.Begin();
        builder.TryAdd(TestChain.Transfer(0), out _);
        builder.TryAdd(TestChain.Transfer(1), out _);
        BuiltBlock built = chain.Seal(builder);
        var observer = new Recorder(stopAfter: 1);
        ExecutionResult traced = chain.Executor.Trace(parent, built.Block, chain.Chain.StateOf(parent), observer);
        Assert.True(traced.IsValid);
        Assert.Equal([0UL, 12345UL], observer.BobsBalances);
        Assert.Equal(2, traced.Receipts.Length);
        Assert.Equal(2, observer.Tracer.Frames);
    }

    private sealed class Recorder(int stopAfter) : IBlockObserver
    {
        public List<ulong> BobsBalances { get; } = [];

        public FrameCounter Tracer { get; } = new();

        public ITracer? BeginTransaction(int index, Transaction transaction, Journal journal) => Tracer;

        public bool EndTransaction(int index, in TransactionOutcome outcome, Journal journal)
        {
            BobsBalances.Add((ulong)journal.GetBalance(TestChain.Bob));
            return index < stopAfter;
        }
    }

    private sealed class FrameCounter : ITracer
    {
        public int Frames { get; private set; }

        public bool WantsSteps => false;

        public void EnterFrame(in FrameEntry frame) => Frames++;

        public void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output)
        {
        }

        public void Step(in TraceStep step)
        {
        }

        public void StepEnd(long gasCost, Halt? halt)
        {
        }

        public void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data)
        {
        }
    }
}
