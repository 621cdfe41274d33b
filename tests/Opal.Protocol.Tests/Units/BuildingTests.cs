using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol.Tests;

public class BuildingTests
{
    [Fact]
    public void Transactions_are_skipped_with_a_reason_and_leave_nothing_behind()
    {
        using var chain = new TestChain(OptimismFork.Isthmus);
        BlockBuilder builder = chain.Begin();
        Assert.Equal(AddResult.Rejected, builder.TryAdd(TestChain.Transfer(1), out TransactionVerdict verdict));
        Assert.Equal(TransactionVerdict.NonceTooHigh, verdict);
        Assert.Equal(AddResult.NoGas, builder.TryAdd(TestChain.Transfer(0, gas: 30_000_000), out _));
        Assert.Equal(AddResult.Included, builder.TryAdd(TestChain.Transfer(0), out _));
        Assert.Equal(AddResult.Rejected, builder.TryAdd(TestChain.Transfer(0), out verdict));
        Assert.Equal(TransactionVerdict.NonceTooLow, verdict);
        Assert.Equal(AddResult.Rejected, builder.TryAdd(TestChain.Attributes(builder.Rules), out verdict));
        Assert.Equal(AddResult.Included, builder.TryAdd(TestChain.Transfer(1), out _));
        Assert.Equal(3, builder.TransactionCount);
        BuiltBlock built = chain.Seal(builder);
        Assert.Equal(3, built.Block.Transactions.Length);
        Assert.Equal(new UInt256(2 * 12345), chain.BalanceOf(TestChain.Bob));
    }

    [Fact]
    public void DA_limits_hold_for_pool_transactions()
    {
        using var chain = new TestChain(OptimismFork.Fjord);
        var data = new byte[1000];
        new Random(3).NextBytes(data);
        BlockBuilder builder = chain.Begin(options: new BuildOptions { MaxDATransactionSize = 500, MaxDABlockSize = 250 });
        Assert.Equal(AddResult.DATransactionTooLarge, builder.TryAdd(TestChain.Transfer(0, 100_000, data), out _));
        Assert.Equal(AddResult.Included, builder.TryAdd(TestChain.Transfer(0), out _));
        Assert.Equal(AddResult.Included, builder.TryAdd(TestChain.Transfer(1), out _));
        Assert.Equal(AddResult.NoDASpace, builder.TryAdd(TestChain.Transfer(2), out _));
        chain.Seal(builder);
    }

    [Theory]
    [InlineData(OptimismFork.Granite, true, false)]
    [InlineData(OptimismFork.Holocene, false, false)]
    [InlineData(OptimismFork.Holocene, true, true)]
    [InlineData(OptimismFork.Jovian, true, false)]
    public void Attributes_of_another_fork_are_refused(OptimismFork fork, bool hasParams, bool hasMinimum)
    {
        using var chain = new TestChain(fork);
        PayloadAttributes fine = chain.PayloadFor();
        var payload = new PayloadAttributes
        {
            Timestamp = fine.Timestamp, SuggestedFeeRecipient = fine.SuggestedFeeRecipient, Withdrawals = fine.Withdrawals, GasLimit = fine.GasLimit,
            ParentBeaconBlockRoot = fine.ParentBeaconBlockRoot, Transactions = fine.Transactions,
            Eip1559Params = hasParams ? new byte[8] : null, MinBaseFee = hasMinimum ? 1 : null,
        };
        Assert.Equal(BlockError.InvalidAttributes, Begin(chain, payload).Error);
    }

    [Fact]
    public void An_L2_block_needs_a_gas_limit_a_later_time_and_decodable_transactions()
    {
        using var chain = new TestChain(OptimismFork.Granite);
        Assert.Equal(BlockError.MissingGasLimit, Begin(chain, new PayloadAttributes { Timestamp = 1002, Withdrawals = [], ParentBeaconBlockRoot = Hash256.Zero }).Error);
        Assert.Equal(BlockError.TimestampNotAfterParent, Begin(chain, new PayloadAttributes { Timestamp = 1000, GasLimit = 1 }).Error);
        ExecutionResult malformed = Begin(chain, new PayloadAttributes
        {
            Timestamp = 1002, Withdrawals = [], ParentBeaconBlockRoot = Hash256.Zero, GasLimit = 30_000_000, Transactions = [[0x7e, 0xc0]],
        });
        Assert.Equal(BlockError.MalformedTransaction, malformed.Error);
        Assert.Equal(0, malformed.InvalidTransaction);
    }

    private static ExecutionResult Begin(TestChain chain, PayloadAttributes payload) =>
        chain.Executor.TryBegin(chain.Chain.Head, payload, chain.Chain.StateOf(chain.Chain.Head), BuildOptions.Default, out _);

    [Fact]
    public void An_imported_block_is_held_to_every_commitment_of_its_header()
    {
        using var chain = new TestChain(OptimismFork.Isthmus);
        BlockBuilder builder = chain.Begin();
        builder.TryAdd(TestChain.Transfer(0), out _);
        Assert.Equal(BlockError.None, builder.Seal(out BuiltBlock? built));
        Block block = built!.Block;
        Assert.Equal(BlockError.None, Import(chain, block, h => h));
        Assert.Equal(BlockError.WrongStateRoot, Import(chain, block, h => Copy(h, stateRoot: Hash256.EmptyTrie)));
        Assert.Equal(BlockError.WrongReceiptsRoot, Import(chain, block, h => Copy(h, receiptsRoot: Hash256.EmptyTrie)));
        Assert.Equal(BlockError.WrongTransactionsRoot, Import(chain, block, h => Copy(h, transactionsRoot: Hash256.EmptyTrie)));
        Assert.Equal(BlockError.WrongGasUsed, Import(chain, block, h => Copy(h, gasUsed: h.GasUsed + 1)));
        Assert.Equal(BlockError.GasUsedAboveLimit, Import(chain, block, h => Copy(h, gasUsed: h.GasLimit + 1)));
        Assert.Equal(BlockError.WrongBaseFee, Import(chain, block, h => Copy(h, baseFee: h.BaseFeePerGas!.Value + 1)));
        Assert.Equal(BlockError.WrongMessagePasserRoot, Import(chain, block, h => Copy(h, withdrawalsRoot: Hash256.EmptyCode)));
        Assert.Equal(BlockError.WrongRequestsHash, Import(chain, block, h => Copy(h, requestsHash: Hash256.EmptyCode)));
        Assert.Equal(BlockError.BlobGasNotZero, Import(chain, block, h => Copy(h, blobGasUsed: 131_072)));
        Assert.Equal(BlockError.InvalidExtraData, Import(chain, block, h => Copy(h, extraData: [])));
        Assert.Equal(BlockError.TimestampNotAfterParent, Import(chain, block, h => Copy(h, timestamp: 1000)));
        Assert.Equal(BlockError.WrongNumber, Import(chain, block, h => Copy(h, number: 2)));
    }

    private static BlockError Import(TestChain chain, Block block, Func<BlockHeader, BlockHeader> change) => chain.Executor.Execute(
        chain.Chain.Head,
        new Block { Header = change(block.Header), Transactions = block.Transactions, Withdrawals = block.Withdrawals },
        chain.Chain.StateOf(chain.Chain.Head)).Error;

    private static BlockHeader Copy(
        BlockHeader h, Hash256? stateRoot = null, Hash256? receiptsRoot = null, Hash256? transactionsRoot = null, ulong? gasUsed = null, UInt256? baseFee = null,
        Hash256? withdrawalsRoot = null, Hash256? requestsHash = null, ulong? blobGasUsed = null, byte[]? extraData = null, ulong? timestamp = null, ulong? number = null) => new()
    {
        ParentHash = h.ParentHash,
        Beneficiary = h.Beneficiary,
        StateRoot = stateRoot ?? h.StateRoot,
        TransactionsRoot = transactionsRoot ?? h.TransactionsRoot,
        ReceiptsRoot = receiptsRoot ?? h.ReceiptsRoot,
        LogsBloom = h.LogsBloom,
        Number = number ?? h.Number,
        GasLimit = h.GasLimit,
        GasUsed = gasUsed ?? h.GasUsed,
        Timestamp = timestamp ?? h.Timestamp,
        ExtraData = extraData ?? h.ExtraData,
        MixHash = h.MixHash,
        BaseFeePerGas = baseFee ?? h.BaseFeePerGas,
        WithdrawalsRoot = withdrawalsRoot ?? h.WithdrawalsRoot,
        BlobGasUsed = blobGasUsed ?? h.BlobGasUsed,
        ExcessBlobGas = h.ExcessBlobGas,
        ParentBeaconBlockRoot = h.ParentBeaconBlockRoot,
        RequestsHash = requestsHash ?? h.RequestsHash,
    };

    [Fact]
    public void A_payload_gives_its_block_back_and_nothing_else()
    {
        using var chain = new TestChain(OptimismFork.Isthmus);
        BlockBuilder builder = chain.Begin();
        builder.TryAdd(TestChain.Transfer(0), out _);
        Block block = chain.Seal(builder).Block;
        ExecutionPayload payload = ExecutionPayload.FromBlock(block, hasWithdrawalsRoot: true);
        Assert.True(payload.TryGetBlock(Hash256.Zero, ExecutionRequests.EmptyHash, out Block? again, out _));
        Assert.Equal(block.Encode(), again!.Encode());
        Assert.False(payload.TryGetBlock(Hash256.EmptyCode, ExecutionRequests.EmptyHash, out _, out PayloadError error));
        Assert.Equal(PayloadError.BlockHashMismatch, error);
    }

    [Fact]
    public void Canyon_after_genesis_puts_the_create2_deployer_into_the_state()
    {
        var forks = new OptimismForkTimes { Regolith = 0, Canyon = 1004 };
        using var chain = new TestChain(OptimismFork.Regolith, forks);
        chain.Seal(chain.Begin());
        Assert.False(chain.Chain.StateOf(chain.Chain.Head).TryGetAccount(Create2Deployer.Address, out Account before) && before.CodeHash == Create2Deployer.CodeHash);
        chain.Seal(chain.Begin());
        Assert.True(chain.Chain.StateOf(chain.Chain.Head).TryGetAccount(Create2Deployer.Address, out Account after));
        Assert.Equal(Create2Deployer.CodeHash, after.CodeHash);
    }

    [Fact]
    public void The_create2_deployer_is_the_one_the_specification_pins()
    {
        Assert.Equal(Create2Deployer.CodeHash, Keccak256.Hash(Create2Deployer.Code.Span));
        Assert.Equal(1584, Create2Deployer.Code.Length);
    }

    [Theory]
    [InlineData(OptimismFork.Jovian, AddResult.Included)]
    [InlineData(OptimismFork.Karst, AddResult.Rejected)]
    public void From_Karst_on_a_gas_limit_above_2_to_the_24_is_for_deposits_alone(OptimismFork fork, AddResult expected)
    {
        using var chain = new TestChain(fork);
        const ulong TooMuch = (1UL << 24) + 1;
        var deposit = new Transaction { Type = TransactionType.Deposit, From = TestChain.Alice, To = TestChain.Bob, GasLimit = TooMuch };
        BlockBuilder builder = chain.Begin(chain.PayloadFor(deposit));
        Assert.Equal(AddResult.Included, builder.TryAdd(TestChain.Transfer(1, TooMuch - 1), out _));
        Assert.Equal(expected, builder.TryAdd(TestChain.Transfer(2, TooMuch), out TransactionVerdict verdict));
        if (expected == AddResult.Rejected) Assert.Equal(TransactionVerdict.GasLimitTooHigh, verdict);
        BuiltBlock built = chain.Seal(builder);
        Assert.All(built.Receipts, receipt => Assert.True(receipt.Succeeded));
    }

    [Fact]
    public void From_Regolith_on_a_system_transaction_is_a_deposit_that_fails()
    {
        using var chain = new TestChain(OptimismFork.Regolith);
        var system = new Transaction { Type = TransactionType.Deposit, From = TestChain.Alice, To = TestChain.Bob, Mint = 3, GasLimit = 50_000, IsSystemTransaction = true };
        UInt256 before = chain.BalanceOf(TestChain.Alice);
        BuiltBlock built = chain.Seal(chain.Begin(chain.PayloadFor(system)));
        Assert.False(built.Receipts[1].Succeeded);
        Assert.Equal(50_000ul, built.Receipts[1].GasUsed);
        Assert.Equal(before + 3, chain.BalanceOf(TestChain.Alice));
    }

    [Fact]
    public void Blobs_are_not_for_L2()
    {
        using var chain = new TestChain(OptimismFork.Isthmus);
        Transaction blob = TestChain.Sign(new Transaction
        {
            Type = TransactionType.Blob, ChainId = TestChain.ChainId, GasLimit = 21_000, To = TestChain.Bob, MaxFeePerGas = 5_000_000_000,
            MaxFeePerBlobGas = 100, BlobVersionedHashes = [Hash256.Parse("0x0100000000000000000000000000000000000000000000000000000000000000")],
        });
        Assert.Equal(AddResult.Rejected, chain.Begin().TryAdd(blob, out TransactionVerdict verdict));
        Assert.Equal(TransactionVerdict.TypeNotAllowed, verdict);
    }
}
