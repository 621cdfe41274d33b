using Opal.Primitives;
using Opal.Protocol.Tests.Mixes;

namespace Opal.Protocol.Tests.BadInput;

/// <summary>A valid block of each fork with one field of its header or one part of its body changed: the verdict names the field.</summary>
public sealed class WrongFieldTests
{
    private static readonly Hash256 Other = Hash256.FromUInt256(new UInt256(1, 2, 3, 4));

    public static TheoryData<int> Kinds()
    {
        var data = new TheoryData<int>();
        for (int kind = 0; kind < MixChain.KindCount; kind++) data.Add(kind);
        return data;
    }

    /// <summary>A block in which contract 11 has noted coinbase, randomness, prices; logs, a tip, on L1 a withdrawal and a blob.</summary>
    private sealed class Scene : IDisposable
    {
        public Scene(int kind)
        {
            Mix = MixChain.Make(kind, new Random(5));
            Executor = new BlockExecutor(SignerInSignature.Instance, Mix.Spec);
            Parent = Mix.Chain.Head;
            Rules = Mix.NextRules;
            var attributes = new PayloadAttributes
            {
                Timestamp = Parent.Timestamp + 2, PrevRandao = Other, SuggestedFeeRecipient = MixChain.Eoa(5),
                Withdrawals = Rules.Withdrawals switch { WithdrawalsRule.None => null, WithdrawalsRule.List => [new Withdrawal(1, 2, TestChain.Bob, 3)], _ => [] },
                ParentBeaconBlockRoot = Rules.HasBeaconRoot ? Other : null,
                GasLimit = Rules.IsOptimism ? 20_000_000 : null,
                Eip1559Params = Rules.ExtraData >= ExtraDataRule.Holocene ? new byte[8] : null,
                MinBaseFee = Rules.ExtraData == ExtraDataRule.Jovian ? 0 : null,
                Transactions = Rules.IsOptimism ? [TestChain.Attributes(Rules).Encoded] : [],
            };
            ExecutionResult begun = Executor.TryBegin(Parent, attributes, State, BuildOptions.Default, out BlockBuilder? builder);
            Assert.True(begun.IsValid, begun.Describe());
            Add(builder!, 6, MixContracts.At(11), TransactionType.DynamicFee);
            Add(builder!, 7, MixContracts.At(2), TransactionType.Legacy);
            if (Rules.BlobGas == BlobGasRule.Blobs) Add(builder!, 8, TestChain.Bob, TransactionType.Blob);
            Assert.Equal(BlockError.None, builder!.Seal(out BuiltBlock? built));
            Block = built!.Block;
        }

        public MixChain Mix { get; }

        public BlockExecutor Executor { get; }

        public BlockHeader Parent { get; }

        public Rules Rules { get; }

        public Block Block { get; }

        public IExecutionState State => Mix.Chain.StateOf(Parent);

        private void Add(BlockBuilder builder, int eoa, Address to, TransactionType type)
        {
            Address sender = MixChain.Eoa(eoa);
            State.TryGetAccount(sender, out Evm.Account account);
            AddResult result = builder.TryAdd(
                SignerInSignature.Sign(
                    new Transaction
                    {
                        Type = type, ChainId = MixChain.ChainId, Nonce = account.Nonce, To = to, GasLimit = 190_000, MaxFeePerGas = 5_000_000_000,
                        MaxPriorityFeePerGas = type == TransactionType.Legacy ? 5_000_000_000ul : 1_000, MaxFeePerBlobGas = type == TransactionType.Blob ? 1_000_000ul : UInt256.Zero,
                        BlobVersionedHashes = type == TransactionType.Blob ? [Hash256.FromUInt256(new UInt256(0, 0, 0, 1UL << 56))] : [],
                    },
                    sender),
                out TransactionVerdict verdict);
            Assert.True(result == AddResult.Included, verdict.ToString());
        }

        public ExecutionResult Execute(Block block) => Executor.Execute(Parent, block, State);

        public BlockError Import(Action<HeaderDraft> change) => Execute(new Block
        {
            Header = HeaderDraft.With(Block.Header, change), Transactions = Block.Transactions, Withdrawals = Block.Withdrawals,
        }).Error;

        public void Dispose() => Executor.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_wrong_header_field_is_named(int kind)
    {
        using var scene = new Scene(kind);
        Rules rules = scene.Rules;
        Assert.Equal(BlockError.None, scene.Import(h => { }));
        Assert.Equal(BlockError.UnknownParent, scene.Import(h => h.ParentHash = Other));
        Assert.Equal(BlockError.OmmersNotEmpty, scene.Import(h => h.OmmersHash = Other));
        Assert.Equal(BlockError.WrongStateRoot, scene.Import(h => h.Beneficiary = TestChain.Bob));
        Assert.Equal(BlockError.WrongStateRoot, scene.Import(h => h.StateRoot = Other));
        Assert.Equal(BlockError.WrongTransactionsRoot, scene.Import(h => h.TransactionsRoot = Other));
        Assert.Equal(BlockError.WrongReceiptsRoot, scene.Import(h => h.ReceiptsRoot = Other));
        Assert.Equal(BlockError.WrongLogsBloom, scene.Import(h => h.LogsBloom = Bloom.Empty));
        Assert.Equal(BlockError.WrongNumber, scene.Import(h => h.Number = 2));
        Assert.Equal(BlockError.WrongNumber, scene.Import(h => h.Number = 0));
        Assert.Equal(BlockError.WrongNumber, scene.Import(h => h.Number = ulong.MaxValue));
        Assert.Equal(BlockError.WrongGasUsed, scene.Import(h => h.GasUsed++));
        Assert.Equal(BlockError.WrongGasUsed, scene.Import(h => h.GasUsed--));
        Assert.Equal(BlockError.GasUsedAboveLimit, scene.Import(h => h.GasUsed = h.GasLimit + 1));
        Assert.Equal(BlockError.GasLimitOutOfBounds, scene.Import(h => h.GasLimit = 1UL << 63));
        Assert.Equal(BlockError.TimestampNotAfterParent, scene.Import(h => h.Timestamp -= 2));
        Assert.Equal(BlockError.TimestampNotAfterParent, scene.Import(h => h.Timestamp = 0));
        Assert.Equal(rules.IsOptimism ? BlockError.InvalidExtraData : BlockError.ExtraDataTooLong, scene.Import(h => h.ExtraData = new byte[33]));
        Assert.Equal(BlockError.WrongBaseFee, scene.Import(h => h.BaseFee += 1));
        Assert.Equal(BlockError.WrongBaseFee, scene.Import(h => h.BaseFee = UInt256.MaxValue));
        Assert.Equal(BlockError.MissingBaseFee, scene.Import(h => h.BaseFee = null));
        if (rules.IsProofOfWork)
        {
            Assert.Equal(BlockError.WrongGasUsed, scene.Import(h => h.Difficulty = 1)); // contract 11 stores it where there was zero
        }
        else
        {
            Assert.Equal(BlockError.NonZeroDifficulty, scene.Import(h => h.Difficulty = 1));
            Assert.Equal(BlockError.NonZeroNonce, scene.Import(h => h.Nonce = 1));
            Assert.Equal(BlockError.WrongStateRoot, scene.Import(h => h.MixHash = Hash256.EmptyCode));
        }

        if (rules.IsOptimism) return;
        Assert.Equal(BlockError.GasLimitOutOfBounds, scene.Import(h => h.GasLimit += h.GasLimit / 1024));
        Assert.Equal(BlockError.GasLimitOutOfBounds, scene.Import(h => h.GasLimit -= h.GasLimit / 1000));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_wrong_fork_field_of_a_header_is_named(int kind)
    {
        using var scene = new Scene(kind);
        Rules rules = scene.Rules;
        Assert.Equal(
            rules.Withdrawals switch
            {
                WithdrawalsRule.None => BlockError.UnexpectedWithdrawalsRoot,
                WithdrawalsRule.MessagePasser => BlockError.WrongMessagePasserRoot,
                _ => BlockError.WrongWithdrawalsRoot,
            },
            scene.Import(h => h.WithdrawalsRoot = Other));
        Assert.Equal(
            rules.BlobGas switch
            {
                BlobGasRule.None => BlockError.UnexpectedBlobGas,
                BlobGasRule.Zero => BlockError.BlobGasNotZero,
                _ => BlockError.WrongBlobGasUsed,
            },
            scene.Import(h => h.BlobGasUsed = (h.BlobGasUsed ?? 0) + BlobGas.GasPerBlob));
        Assert.Equal(rules.BlobGas == BlobGasRule.None ? BlockError.UnexpectedBlobGas : BlockError.WrongExcessBlobGas, scene.Import(h => h.ExcessBlobGas = 1));
        Assert.Equal(rules.HasBeaconRoot ? BlockError.WrongStateRoot : BlockError.UnexpectedBeaconRoot, scene.Import(h => h.BeaconRoot = Hash256.EmptyCode), Tolerant(rules));
        Assert.Equal(rules.Requests == RequestsRule.None ? BlockError.UnexpectedRequestsHash : BlockError.WrongRequestsHash, scene.Import(h => h.RequestsHash = Other));
        if (rules.Withdrawals != WithdrawalsRule.None) Assert.Equal(BlockError.MissingWithdrawalsRoot, scene.Import(h => h.WithdrawalsRoot = null));
        if (rules.HasBeaconRoot) Assert.Equal(BlockError.MissingBeaconRoot, scene.Import(h => h.BeaconRoot = null));
        if (rules.Requests != RequestsRule.None) Assert.Equal(BlockError.MissingRequestsHash, scene.Import(h => h.RequestsHash = null));
        if (rules.BlobGas == BlobGasRule.None) return;
        Assert.Equal(BlockError.MissingBlobGas, scene.Import(h => h.BlobGasUsed = null));
        Assert.Equal(BlockError.MissingBlobGas, scene.Import(h => h.ExcessBlobGas = null));
        if (rules.BlobGas == BlobGasRule.Zero) return;
        Assert.Equal(BlockError.BlobGasAboveLimit, scene.Import(h => h.BlobGasUsed = ulong.MaxValue));
        if (rules.BlobGas == BlobGasRule.Blobs) Assert.Equal(BlockError.BlobGasAboveLimit, scene.Import(h => h.BlobGasUsed += 1));
    }

    /// <summary>The mixes' L2 chains have no contract for the beacon root, so that another root changes nothing there but the block's hash.</summary>
    private static IEqualityComparer<BlockError> Tolerant(Rules rules) =>
        EqualityComparer<BlockError>.Create((a, b) => a == b || (rules.IsOptimism && rules.HasBeaconRoot && b == BlockError.None));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_wrong_body_is_named(int kind)
    {
        using var scene = new Scene(kind);
        Block block = scene.Block;
        Rules rules = scene.Rules;
        BlockError Body(Transaction[]? transactions = null, BlockHeader[]? ommers = null, bool keepsWithdrawals = true, Withdrawal[]? withdrawals = null) => scene.Execute(new Block
        {
            Header = block.Header, Transactions = transactions ?? block.Transactions, Ommers = ommers ?? [],
            Withdrawals = keepsWithdrawals ? block.Withdrawals : withdrawals,
        }).Error;

        Assert.Equal(BlockError.None, Body());
        Assert.Equal(BlockError.WrongTransactionsRoot, Body(transactions: block.Transactions[1..]));
        Assert.Equal(BlockError.WrongTransactionsRoot, Body(transactions: [.. block.Transactions, block.Transactions[0]]));
        Assert.Equal(BlockError.OmmersNotEmpty, Body(ommers: [scene.Parent]));
        if (rules.Withdrawals == WithdrawalsRule.None)
        {
            Assert.Equal(BlockError.UnexpectedWithdrawals, Body(keepsWithdrawals: false, withdrawals: []));
            return;
        }

        Assert.Equal(BlockError.MissingWithdrawals, Body(keepsWithdrawals: false));
        Assert.Equal(
            rules.Withdrawals == WithdrawalsRule.List ? BlockError.WrongWithdrawalsRoot : BlockError.WithdrawalsNotEmpty,
            Body(keepsWithdrawals: false, withdrawals: [new Withdrawal(ulong.MaxValue, ulong.MaxValue, TestChain.Bob, ulong.MaxValue)]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_invalid_transaction_is_named_with_its_index_and_verdict(int kind)
    {
        using var scene = new Scene(kind);
        Block block = scene.Block;
        Transaction[] repeated = [.. block.Transactions, block.Transactions[^1]];
        ExecutionResult result = scene.Execute(new Block
        {
            Header = HeaderDraft.With(block.Header, h => h.TransactionsRoot = BodyRoots.OfTransactions(repeated)), Transactions = repeated, Withdrawals = block.Withdrawals,
        });
        Assert.Equal(BlockError.InvalidTransaction, result.Error);
        Assert.Equal(TransactionVerdict.NonceTooLow, result.Verdict);
        Assert.Equal(repeated.Length - 1, result.InvalidTransaction);
        Assert.Equal("nonce too low", result.Describe());
    }

    [Fact]
    public void An_Osaka_block_above_eight_mebibytes_is_too_large()
    {
        using var scene = new Scene((int)EthereumFork.Osaka);
        var large = SignerInSignature.Sign(new Transaction { Type = TransactionType.DynamicFee, ChainId = MixChain.ChainId, Data = new byte[8 << 20] }, TestChain.Bob);
        Assert.Equal(BlockError.BlockTooLarge, scene.Execute(new Block { Header = scene.Block.Header, Transactions = [large], Withdrawals = scene.Block.Withdrawals }).Error);
    }

    [Fact]
    public void Every_outcome_has_a_text_of_its_own()
    {
        var texts = new HashSet<string>();
        foreach (BlockError error in Enum.GetValues<BlockError>())
        {
            string text = new ExecutionResult { Error = error }.Describe();
            if (error != BlockError.InvalidTransaction) Assert.True(texts.Add("block: " + text), $"{error}: {text}");
            Assert.DoesNotContain("unknown", Descriptions.Of(error), StringComparison.Ordinal);
        }

        foreach (TransactionVerdict verdict in Enum.GetValues<TransactionVerdict>())
        {
            string text = new ExecutionResult { Error = BlockError.InvalidTransaction, Verdict = verdict }.Describe();
            Assert.True(texts.Add(text), $"{verdict}: {text}");
            Assert.True(verdict == TransactionVerdict.UnknownBlobVersion || !text.Contains("unknown", StringComparison.Ordinal), text);
        }

        for (int value = 0; value < 256; value++)
        {
            Assert.NotEmpty(Descriptions.Of((BlockError)value));
            Assert.NotEmpty(Descriptions.Of((TransactionVerdict)value));
        }
    }
}
