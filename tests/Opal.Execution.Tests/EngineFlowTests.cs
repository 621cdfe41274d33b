using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests;

public sealed class EngineFlowTests
{
    public static TheoryData<OptimismFork> Forks => [OptimismFork.Canyon, OptimismFork.Ecotone, OptimismFork.Holocene, OptimismFork.Isthmus, OptimismFork.Jovian, OptimismFork.Karst];

    [Theory, MemberData(nameof(Forks))]
    public async Task A_built_block_has_the_forced_transactions_then_the_pools_and_imports_elsewhere(OptimismFork fork)
    {
        await using var sequencer = new TestRollup(fork);
        await using var verifier = new TestRollup(fork);
        Transaction sent = Alice.Send(0, Bob.Address, value: 5);
        Assert.True(sequencer.Client.Pool.Add(sent).IsAccepted);
        Transaction deposit = TestRollup.Deposit(Address.FromNumber(0xdd01), Address.FromNumber(0xdd02), TestRollup.Ether, 3);

        ExecutedBlock block = sequencer.Build(forced: deposit);

        Assert.Equal(3, block.Transactions.Count);
        Assert.Equal([TransactionType.Deposit, TransactionType.Deposit, TransactionType.DynamicFee], block.Transactions.Select(t => t.Type));
        Assert.Equal(deposit.Hash, block.Transactions[1].Hash);
        Assert.Equal(sent.Hash, block.Transactions[2].Hash);
        Assert.All(block.Receipts, r => Assert.True(r.Succeeded));
        Assert.Equal(new UInt256(3), sequencer.BalanceOf(Address.FromNumber(0xdd02)));
        Assert.Equal(TestRollup.Ether - 3UL, sequencer.BalanceOf(Address.FromNumber(0xdd01)));
        Assert.Equal((0, 0), sequencer.Client.Pool.Count());
        if (fork >= OptimismFork.Isthmus) Assert.NotEqual(Hash256.EmptyTrie, block.Header.WithdrawalsRoot);

        Assert.Equal(PayloadVerdict.Valid, verifier.Import(block.Block).Verdict);
        Assert.Equal(0UL, verifier.Head.Number);
        Assert.Equal(PayloadVerdict.Valid, verifier.Choose(block.Hash).Status.Verdict);
        Assert.Equal(block.Hash, verifier.Head.Hash);
        Assert.Equal(block.Receipts.Select(r => r.Encode()), verifier.Head.Receipts.Select(r => r.Encode()));
    }

    [Fact]
    public async Task A_transaction_that_arrives_while_a_block_is_built_is_in_it()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        PayloadId id = rollup.Begin(rollup.Attributes(rollup.Head));
        Transaction late = Alice.Send(0, Bob.Address, value: 1);
        Assert.True(rollup.Client.Pool.Add(late).IsAccepted);
        Assert.Contains(rollup.Take(id).Block.Transactions, t => t.Hash == late.Hash);
    }

    [Fact]
    public async Task A_block_without_the_pool_has_the_forced_transactions_only()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        Assert.True(rollup.Client.Pool.Add(Alice.Send(0, Bob.Address)).IsAccepted);
        ExecutedBlock block = rollup.Build(noTxPool: true);
        Assert.Single(block.Transactions);
        Assert.Equal((1, 0), rollup.Client.Pool.Count());
    }

    [Fact]
    public async Task Asking_twice_for_a_payload_gives_the_same_block_and_asking_twice_to_begin_the_same_id()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        PayloadAttributes attributes = rollup.Attributes(rollup.Head);
        PayloadId id = rollup.Begin(attributes);
        Assert.Equal(id, rollup.Begin(attributes));
        Assert.NotEqual(id, rollup.Begin(rollup.Attributes(rollup.Head, salt: 1)));
        Assert.Equal(3, PayloadIds.VersionOf(id));
        Assert.Equal(rollup.Take(id).Block.Hash, rollup.Take(id).Block.Hash);
    }

    [Fact]
    public async Task Higher_tips_come_first_and_nonces_stay_in_order()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        Transaction[] sent =
        [
            Alice.Send(0, Bob.Address, tipGwei: 1), Alice.Send(1, Bob.Address, tipGwei: 50), Bob.Send(0, Alice.Address, tipGwei: 10), Bob.Send(1, Alice.Address, tipGwei: 2),
        ];
        foreach (Transaction transaction in sent) Assert.True(rollup.Client.Pool.Add(transaction).IsAccepted);
        ExecutedBlock block = rollup.Build();
        Assert.Equal([sent[2].Hash, sent[3].Hash, sent[0].Hash, sent[1].Hash], block.Transactions.Skip(1).Select(t => t.Hash));
    }

    [Fact]
    public async Task Throttling_leaves_large_transactions_out()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        var random = new byte[4000];
        new Random(1).NextBytes(random);
        Assert.True(rollup.Client.Pool.Add(Alice.Send(0, Bob.Address, data: random, gas: 300_000)).IsAccepted);
        Transaction small = Bob.Send(0, Alice.Address);
        Assert.True(rollup.Client.Pool.Add(small).IsAccepted);
        rollup.Client.Builder.DALimits = new DALimits(1000, 20_000);
        Assert.Equal([small.Hash], rollup.Build().Transactions.Skip(1).Select(t => t.Hash));
        rollup.Client.Builder.DALimits = DALimits.None;
        Assert.Equal(2, rollup.Build().Transactions.Count);
    }

    [Fact]
    public async Task A_forced_transaction_that_cannot_be_included_refuses_the_attributes()
    {
        await using var rollup = new TestRollup(OptimismFork.Holocene);
        EngineException error = Assert.Throws<EngineException>(() => rollup.Begin(rollup.Attributes(rollup.Head, forced: Alice.Send(5, Bob.Address))));
        Assert.Equal(RpcErrorCode.InvalidPayloadAttributes, error.Code);
        Assert.Contains("nonce too high", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reorg_returns_transactions_to_the_pool_and_moves_the_trailing_heads_back()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        ExecutedBlock first = rollup.Build();
        Transaction sent = Alice.Send(0, TestCode.Store, data: new byte[32], gas: 100_000);
        Assert.True(rollup.Client.Pool.Add(sent).IsAccepted);
        ExecutedBlock second = rollup.Build();
        Assert.Equal(PayloadVerdict.Valid, rollup.Choose(second.Hash, second.Hash, first.Hash).Status.Verdict);
        Assert.Equal(second.Hash, rollup.Client.Chain.Heads.Safe!.Hash);
        var updates = new List<ChainUpdate>();
        rollup.Client.Chain.HeadChanged += updates.Add;

        BuiltPayload other = rollup.Take(rollup.Begin(rollup.Attributes(first, noTxPool: true, salt: 9), first));
        Assert.Equal(first.Hash, rollup.Head.Hash); // naming an older head rewinds a rollup's chain
        Assert.Equal(PayloadVerdict.Valid, rollup.Import(other.Block).Verdict);
        rollup.Choose(other.Block.Hash);

        Assert.Equal(other.Block.Hash, rollup.Head.Hash);
        Assert.Equal(first.Hash, rollup.Client.Chain.Heads.Safe!.Hash);
        Assert.Equal(first.Hash, rollup.Client.Chain.Heads.Finalized!.Hash);
        Assert.False(rollup.Client.Chain.TryFindTransaction(sent.Hash, out _));
        Assert.NotNull(rollup.Client.Pool.Find(sent.Hash));
        Assert.NotNull(rollup.Client.Chain.Find(second.Hash));
        Assert.Equal([second.Hash], updates[0].Removed.Select(b => b.Hash));
        Assert.Empty(updates[0].Added);
        Assert.Equal([other.Block.Hash], updates[1].Added.Select(b => b.Hash));

        rollup.Choose(second.Hash); // and back again
        Assert.True(rollup.Client.Chain.TryFindTransaction(sent.Hash, out _));
        Assert.Null(rollup.Client.Pool.Find(sent.Hash));
    }

    [Fact]
    public async Task Invalid_blocks_and_their_descendants_are_refused_with_the_latest_valid_ancestor()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        await using var other = new TestRollup(OptimismFork.Isthmus);
        Block good = other.Build().Block;
        Block bad = With(good, stateRoot: Hash256.EmptyCode, parent: good.Header.ParentHash);
        PayloadStatus status = rollup.Import(bad);
        Assert.Equal(PayloadVerdict.Invalid, status.Verdict);
        Assert.Equal(rollup.Client.Chain.Genesis.Hash, status.LatestValidHash);
        Assert.False(string.IsNullOrEmpty(status.ValidationError));

        Block child = With(other.Build().Block, stateRoot: Hash256.EmptyCode, parent: bad.Hash);
        Assert.Equal(PayloadVerdict.Invalid, rollup.Import(child).Verdict);
        Assert.Equal(rollup.Client.Chain.Genesis.Hash, rollup.Import(child).LatestValidHash);
        Assert.Equal(PayloadVerdict.Invalid, rollup.Choose(bad.Hash).Status.Verdict);
        Assert.Equal(PayloadVerdict.Syncing, rollup.Import(other.Build().Block).Verdict);
        Assert.Equal(PayloadVerdict.Syncing, rollup.Choose(other.Head.Hash).Status.Verdict);
        Assert.Equal(PayloadVerdict.Valid, rollup.Import(good).Verdict);
    }

    private static Block With(Block block, Hash256 stateRoot, Hash256 parent)
    {
        BlockHeader h = block.Header;
        return new Block
        {
            Header = new BlockHeader
            {
                ParentHash = parent, Beneficiary = h.Beneficiary, StateRoot = stateRoot, TransactionsRoot = h.TransactionsRoot, ReceiptsRoot = h.ReceiptsRoot,
                LogsBloom = h.LogsBloom, Number = h.Number, GasLimit = h.GasLimit, GasUsed = h.GasUsed, Timestamp = h.Timestamp, ExtraData = h.ExtraData, MixHash = h.MixHash,
                BaseFeePerGas = h.BaseFeePerGas, WithdrawalsRoot = h.WithdrawalsRoot, BlobGasUsed = h.BlobGasUsed, ExcessBlobGas = h.ExcessBlobGas,
                ParentBeaconBlockRoot = h.ParentBeaconBlockRoot, RequestsHash = h.RequestsHash,
            },
            Transactions = block.Transactions,
            Withdrawals = block.Withdrawals,
        };
    }

    [Fact]
    public async Task A_payload_whose_hash_is_not_its_own_is_invalid()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        BuiltPayload built = rollup.Take(rollup.Begin(rollup.Attributes(rollup.Head)));
        ExecutionPayload good = ExecutionPayload.FromBlock(built.Block, true);
        var bad = new ExecutionPayload
        {
            ParentHash = good.ParentHash, FeeRecipient = good.FeeRecipient, StateRoot = good.StateRoot, ReceiptsRoot = good.ReceiptsRoot, LogsBloom = good.LogsBloom,
            PrevRandao = good.PrevRandao, BlockNumber = good.BlockNumber, GasLimit = good.GasLimit, GasUsed = good.GasUsed, Timestamp = good.Timestamp, ExtraData = good.ExtraData,
            BaseFeePerGas = good.BaseFeePerGas, BlockHash = Hash256.EmptyCode, Transactions = good.Transactions, Withdrawals = good.Withdrawals,
            BlobGasUsed = good.BlobGasUsed, ExcessBlobGas = good.ExcessBlobGas, WithdrawalsRoot = good.WithdrawalsRoot,
        };
        PayloadStatus status = rollup.Client.Engine.NewPayload(bad, [], Hash256.Zero, [], 4);
        Assert.Equal(PayloadVerdict.Invalid, status.Verdict);
        Assert.Null(status.LatestValidHash);
    }

    [Fact]
    public async Task Forkchoice_and_payload_errors_have_their_codes()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        ExecutedBlock side = rollup.Build(salt: 1);
        ExecutedBlock block = rollup.Build(salt: 2, parent: rollup.Client.Chain.Genesis);
        Hash256 unknown = Hash256.EmptyCode;
        Assert.Equal(RpcErrorCode.InvalidForkchoiceState, Assert.Throws<EngineException>(() => rollup.Choose(block.Hash, unknown)).Code);
        Assert.Equal(RpcErrorCode.InvalidForkchoiceState, Assert.Throws<EngineException>(() => rollup.Choose(block.Hash, side.Hash)).Code);
        Assert.Equal(RpcErrorCode.InvalidForkchoiceState, Assert.Throws<EngineException>(() => rollup.Choose(block.Hash, default, unknown)).Code);
        Assert.Equal(PayloadVerdict.Invalid, rollup.Choose(Hash256.Zero).Status.Verdict);
        Assert.Equal(RpcErrorCode.UnknownPayload, Assert.Throws<EngineException>(() => rollup.Client.Engine.GetPayload(new PayloadId(3UL << 56), 4)).Code);

        PayloadAttributes attributes = rollup.Attributes(rollup.Head);
        Assert.Equal(RpcErrorCode.InvalidPayloadAttributes, Code(rollup, attributes, 2));
        PayloadId id = rollup.Begin(attributes);
        Assert.Equal(RpcErrorCode.UnsupportedFork, Assert.Throws<EngineException>(() => rollup.Client.Engine.GetPayload(id, 3)).Code);
        Assert.Equal(RpcErrorCode.UnsupportedFork, Assert.Throws<EngineException>(() => rollup.Client.Engine.GetPayload(id, 2)).Code);
    }

    private static int Code(TestRollup rollup, PayloadAttributes attributes, int version = 3) => Assert.Throws<EngineException>(
        () => rollup.Client.Engine.ForkchoiceUpdated(new ForkchoiceState(rollup.Head.Hash, default, default), attributes, version)).Code;

    [Fact]
    public async Task Attributes_of_another_fork_are_refused()
    {
        await using var rollup = new TestRollup(OptimismFork.Jovian);
        PayloadAttributes a = rollup.Attributes(rollup.Head);
        PayloadAttributes Variant(ulong? gasLimit = 30_000_000, byte[]? fees = null, ulong? minBaseFee = 0, ulong? timestamp = null, bool withdrawals = true) => new()
        {
            Timestamp = timestamp ?? a.Timestamp, PrevRandao = a.PrevRandao, SuggestedFeeRecipient = a.SuggestedFeeRecipient, Withdrawals = withdrawals ? [] : null,
            ParentBeaconBlockRoot = Hash256.Zero, Transactions = a.Transactions, GasLimit = gasLimit, Eip1559Params = fees, MinBaseFee = minBaseFee,
        };
        byte[] none = new byte[8];
        Assert.Equal(RpcErrorCode.InvalidPayloadAttributes, Code(rollup, Variant(gasLimit: null, fees: none)));
        Assert.Equal(RpcErrorCode.InvalidPayloadAttributes, Code(rollup, Variant(fees: null)));
        Assert.Equal(RpcErrorCode.InvalidPayloadAttributes, Code(rollup, Variant(fees: [0, 0, 0, 0, 0, 0, 0, 1])));
        Assert.Equal(RpcErrorCode.InvalidPayloadAttributes, Code(rollup, Variant(fees: none, minBaseFee: null)));
        Assert.Equal(RpcErrorCode.InvalidPayloadAttributes, Code(rollup, Variant(fees: none, timestamp: TestRollup.GenesisTime)));
        Assert.Equal(RpcErrorCode.InvalidPayloadAttributes, Code(rollup, Variant(fees: none, withdrawals: false)));
        rollup.Begin(Variant(fees: [0, 0, 0, 100, 0, 0, 0, 2], minBaseFee: 5));

        await using var ecotone = new TestRollup(OptimismFork.Ecotone);
        Assert.Equal(RpcErrorCode.InvalidPayloadAttributes, Code(ecotone, Variant(fees: none, minBaseFee: null)));
    }

    [Fact]
    public async Task Fee_parameters_of_the_attributes_become_the_headers_extra_data()
    {
        await using var rollup = new TestRollup(OptimismFork.Jovian);
        PayloadAttributes a = rollup.Attributes(rollup.Head);
        BuiltPayload built = rollup.Take(rollup.Begin(new PayloadAttributes
        {
            Timestamp = a.Timestamp, PrevRandao = a.PrevRandao, SuggestedFeeRecipient = a.SuggestedFeeRecipient, Withdrawals = [], ParentBeaconBlockRoot = Hash256.Zero,
            Transactions = a.Transactions, GasLimit = 20_000_000, Eip1559Params = [0, 0, 0, 100, 0, 0, 0, 2], MinBaseFee = 5,
        }));
        Assert.Equal(new Eip1559ExtraData(100, 2, 5).Encode(), built.Block.Header.ExtraData);
        Assert.Equal(20_000_000UL, built.Block.Header.GasLimit);
    }

    [Fact]
    public async Task Bodies_are_found_by_range_and_by_hash()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        ExecutedBlock first = rollup.Build(), second = rollup.Build();
        Assert.Equal([first, second], rollup.Client.Engine.GetBodiesByRange(1, 100));
        Assert.Equal([second, null], rollup.Client.Engine.GetBodiesByHash([second.Hash, Hash256.EmptyCode]));
        Assert.Equal(RpcErrorCode.TooLargeRequest, Assert.Throws<EngineException>(() => rollup.Client.Engine.GetBodiesByRange(1, 5000)).Code);
        Assert.Equal(RpcErrorCode.InvalidParams, Assert.Throws<EngineException>(() => rollup.Client.Engine.GetBodiesByRange(0, 1)).Code);
    }
}
