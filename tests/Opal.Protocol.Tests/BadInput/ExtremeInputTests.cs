using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol.Tests.Mixes;

namespace Opal.Protocol.Tests.BadInput;

/// <summary>Values at the ends of their ranges, in every field that anybody can send: there is always a verdict, never an exception.</summary>
public sealed class ExtremeInputTests
{
    private static readonly ulong[] Numbers = [0, 1, 2, 131_072, 21_000, 30_000_000, uint.MaxValue, long.MaxValue, 1UL << 63, ulong.MaxValue - 1, ulong.MaxValue];

    private static readonly UInt256[] Words =
        [0ul, 1ul, ulong.MaxValue, new UInt256(0, 1), UInt256.MaxValue >> 64, UInt256.MaxValue >> 1, SignatureRules.HalfOrder, SignatureRules.Order, UInt256.MaxValue - 1, UInt256.MaxValue];

    private static ulong Number(Random random) => Numbers[random.Next(Numbers.Length)];

    private static UInt256 Word(Random random) => Words[random.Next(Words.Length)];

    private static T Pick<T>(Random random, T extreme, T usual, int usually = 2) => random.Next(usually + 1) == 0 ? extreme : usual;

    private static Transaction AnyTransaction(Random random)
    {
        var type = (TransactionType)(random.Next(7) == 0 ? 0x7e : random.Next(7) == 0 ? 99 : random.Next(5));
        Address sender = MixChain.Eoa(random.Next(MixChain.EoaCount));
        ulong gasLimit = Pick(random, Number(random), 100_000ul);
        int contract = random.Next(MixContracts.Count);
        if (contract == MixContracts.Burner && gasLimit > 100_000) contract = 0; // it would burn 2^63 gas, for years
        var transaction = new Transaction
        {
            Type = type,
            ChainId = Pick<ulong?>(random, random.Next(2) == 0 ? null : Number(random), MixChain.ChainId, 4),
            Nonce = random.Next(3) == 0 ? Number(random) : (ulong)random.Next(3),
            MaxFeePerGas = Pick(random, Word(random), 3_000_000_000),
            MaxPriorityFeePerGas = Pick(random, Word(random), 0ul),
            GasLimit = gasLimit,
            To = random.Next(5) == 0 ? null : random.Next(2) == 0 ? MixContracts.At(contract) : Address.FromNumber((ulong)random.Next(0x14)),
            Value = Pick(random, Word(random), 0ul),
            Data = Pick(random, new byte[random.Next(2) == 0 ? 49_153 : 200_000], new byte[random.Next(70)], 8),
            AccessList = type is not (TransactionType.Legacy or TransactionType.Deposit) && random.Next(30) == 0 ? Enumerable.Range(0, 3000).Select(i => new AccessListItem(TestChain.Bob, [Hash256.Zero])).ToArray() : [],
            MaxFeePerBlobGas = Word(random),
            BlobVersionedHashes = type != TransactionType.Blob ? [] : Enumerable.Range(0, random.Next(8) == 0 ? 40 : random.Next(3)).Select(_ => Hash256.FromUInt256(Word(random) | new UInt256(0, 0, 0, 1UL << 56))).ToArray(),
            AuthorizationList = type != TransactionType.SetCode ? [] : Enumerable.Range(0, random.Next(3)).Select(_ => new Authorization(
                Word(random), MixContracts.Store, Number(random), (byte)random.Next(4), random.Next(2) == 0 ? Word(random) : sender.ToUInt256(), random.Next(2) == 0 ? Word(random) : 1ul)).ToArray(),
            SourceHash = Hash256.Zero,
            From = sender,
            Mint = Pick<UInt256?>(random, Word(random), null),
            IsSystemTransaction = random.Next(4) == 0,
        };
        return random.Next(6) == 0
            ? transaction.WithSignature((byte)random.Next(256), Word(random), Word(random))
            : SignerInSignature.Sign(transaction, sender);
    }

    private static void Disturb(Random random, HeaderDraft h)
    {
        for (int left = random.Next(1, 3); left > 0; left--)
        {
            switch (random.Next(13))
            {
                case 0: h.Number = Number(random); break;
                case 1: h.GasLimit = Number(random); break;
                case 2: h.GasUsed = Number(random); break;
                case 3: h.Timestamp = Number(random); break;
                case 4: h.BaseFee = random.Next(4) == 0 ? null : Word(random); break;
                case 5: h.BlobGasUsed = random.Next(4) == 0 ? null : Number(random); break;
                case 6: h.ExcessBlobGas = random.Next(4) == 0 ? null : Number(random); break;
                case 7: h.ExtraData = new byte[random.Next(40)]; random.NextBytes(h.ExtraData); break;
                case 8: h.ExtraData = [(byte)random.Next(2), 0, 0, 0, (byte)random.Next(2), 0xff, 0xff, 0xff, 0xff, .. Enumerable.Repeat((byte)255, 8 * random.Next(2))]; break;
                case 9: h.BeaconRoot = random.Next(2) == 0 ? null : Hash256.EmptyCode; break;
                case 10: h.RequestsHash = random.Next(2) == 0 ? null : ExecutionRequests.EmptyHash; break;
                case 11: h.WithdrawalsRoot = random.Next(2) == 0 ? null : Hash256.EmptyTrie; break;
                default: h.Difficulty = Word(random); h.Nonce = Number(random); break;
            }
        }
    }

    /// <summary>A parent and attributes at the ends of the ranges: the block is refused by name, or built, and then executed to the same hash.</summary>
    [Theory]
    [MemberData(nameof(WrongFieldTests.Kinds), MemberType = typeof(WrongFieldTests))]
    public void Building_on_any_parent_gives_a_block_or_a_reason(int kind)
    {
        var random = new Random(kind);
        int built = 0;
        using var executor = new BlockExecutor(SignerInSignature.Instance, MixChain.Make(kind, random).Spec);
        for (int i = 0; i < 150; i++)
        {
            MixChain mix = MixChain.Make(kind, random);
            BlockHeader parent = HeaderDraft.With(mix.Chain.Head, h => Disturb(random, h));
            IExecutionState state = mix.Chain.StateOf(mix.Chain.Head);
            Rules rules = mix.NextRules;
            var attributes = new PayloadAttributes
            {
                Timestamp = random.Next(6) == 0 ? Number(random) : unchecked(parent.Timestamp + 2),
                SuggestedFeeRecipient = MixChain.Eoa(2),
                Withdrawals = random.Next(20) == 0 ? null : rules.Withdrawals == WithdrawalsRule.None ? null
                    : rules.Withdrawals == WithdrawalsRule.List ? [new Withdrawal(Number(random), Number(random), MixChain.Eoa(2), Number(random))] : [],
                ParentBeaconBlockRoot = rules.HasBeaconRoot != (random.Next(20) == 0) ? Hash256.Zero : null,
                GasLimit = rules.IsOptimism ? Pick<ulong?>(random, Number(random), 30_000_000) : Pick<ulong?>(random, Number(random), null),
                Eip1559Params = rules.ExtraData >= ExtraDataRule.Holocene ? Pick<byte[]>(random, new byte[random.Next(12)], new byte[8]) : null,
                MinBaseFee = rules.ExtraData == ExtraDataRule.Jovian ? Number(random) : null,
                Transactions = rules.IsOptimism ? random.Next(3) == 0 ? [AnyTransaction(random).Encoded] : random.Next(20) == 0 ? [[0x7e, 0xc1]] : [] : [],
            };
            ExecutionResult begun = executor.TryBegin(parent, attributes, state, BuildOptions.Default, out BlockBuilder? builder);
            Assert.Equal(begun.IsValid, builder is not null);
            Assert.NotEmpty(begun.Describe());
            if (builder is null) continue;
            for (int offered = 0; offered < 12; offered++)
            {
                AddResult result = builder.TryAdd(AnyTransaction(random), out TransactionVerdict verdict);
                Assert.Equal(result == AddResult.Included, verdict == TransactionVerdict.Valid);
                Assert.NotEmpty(Descriptions.Of(verdict));
            }

            if (builder.Seal(out BuiltBlock? sealed_) != BlockError.None) continue;
            built++;
            ExecutionResult executed = executor.Execute(parent, sealed_!.Block, state);
            Assert.True(executed.IsValid || IsParentImpossible(executed.Error), $"{executed.Error} {executed.Verdict}");
        }

        Assert.True(built > 8, $"{built} blocks built");
    }

    /// <summary>What the header's check says of a block that was built on a parent that no chain has.</summary>
    private static bool IsParentImpossible(BlockError error) => error is BlockError.GasLimitOutOfBounds;

    /// <summary>Any header, any transactions, any parent: executed, traced and called, they end in a verdict.</summary>
    [Theory]
    [MemberData(nameof(WrongFieldTests.Kinds), MemberType = typeof(WrongFieldTests))]
    public void Executing_tracing_and_calling_anything_gives_a_verdict(int kind)
    {
        var random = new Random(1000 + kind);
        MixChain mix = MixChain.Make(kind, random);
        using var executor = new BlockExecutor(SignerInSignature.Instance, mix.Spec);
        IExecutionState state = mix.Chain.StateOf(mix.Chain.Head);
        var reasons = new HashSet<BlockError>();
        for (int i = 0; i < 200; i++)
        {
            BlockHeader parent = random.Next(3) == 0 ? HeaderDraft.With(mix.Chain.Head, h => Disturb(random, h)) : mix.Chain.Head;
            Transaction[] transactions = Enumerable.Range(0, random.Next(4)).Select(_ => AnyTransaction(random)).ToArray();
            BlockHeader header = HeaderDraft.With(mix.Chain.Head, h =>
            {
                h.ParentHash = parent.Hash;
                h.Number = unchecked(parent.Number + 1);
                h.Timestamp = unchecked(parent.Timestamp + 2);
                h.TransactionsRoot = BodyRoots.OfTransactions(transactions);
                if (random.Next(2) == 0) Disturb(random, h);
            });
            var block = new Block { Header = header, Transactions = transactions, Withdrawals = header.WithdrawalsRoot is null ? null : [] };
            ExecutionResult result = executor.Execute(parent, block, state);
            reasons.Add(result.Error);
            Assert.NotEmpty(result.Describe());
            ExecutionResult traced = executor.Trace(parent, block, state, new Watcher());
            Assert.NotEmpty(traced.Describe());
            foreach (Transaction message in transactions)
            {
                Leniency leniency = (Leniency)random.Next(32);
                CallOverrides? overrides = random.Next(2) == 0 ? null : new CallOverrides
                {
                    Number = Number(random), Timestamp = Number(random), GasLimit = Number(random), BaseFee = Word(random), BlobBaseFee = Word(random), PrevRandao = Word(random),
                    Accounts = [(MixChain.Eoa(random.Next(MixChain.EoaCount)), new AccountOverride { Balance = Word(random), Nonce = Number(random) })],
                };
                TransactionOutcome outcome = executor.Call(header, message, state, overrides, leniency: leniency);
                Assert.NotEmpty(Descriptions.Of(outcome.Verdict));
            }
        }

        Assert.True(reasons.Count >= 6, string.Join(", ", reasons));
    }

    private sealed class Watcher : IBlockObserver
    {
        public ITracer? BeginTransaction(int index, Transaction transaction, Journal journal) => null;

        public bool EndTransaction(int index, in TransactionOutcome outcome, Journal journal) => true;
    }

    /// <summary>No balance covers a cost that 256 bits do not hold, not even the largest.</summary>
    [Fact]
    public void A_cost_above_256_bits_is_not_payable_by_the_largest_balance()
    {
        foreach (TransactionType type in new[] { TransactionType.DynamicFee, TransactionType.Blob })
        {
            var genesis = new Genesis { Accounts = [new(TestChain.Alice, UInt256.MaxValue, 0, [], [])], GasLimit = 30_000_000 };
            ChainSpec spec = ChainSpec.Fixed(MixChain.ChainId, ForkRules.Cancun);
            var chain = new MemoryChain(genesis, genesis.MakeHeader(spec));
            using var executor = new BlockExecutor(SignerInSignature.Instance, spec);
            var attributes = new PayloadAttributes { Timestamp = 2, Withdrawals = [], ParentBeaconBlockRoot = Hash256.Zero };
            executor.TryBegin(chain.Head, attributes, chain.StateOf(chain.Head), BuildOptions.Default, out BlockBuilder? builder);
            Transaction Of(UInt256 value) => SignerInSignature.Sign(
                new Transaction
                {
                    Type = type, ChainId = MixChain.ChainId, To = TestChain.Bob, Value = value, GasLimit = 21_000, MaxFeePerGas = 1_000_000_000,
                    MaxFeePerBlobGas = type == TransactionType.Blob ? 1ul : 0,
                    BlobVersionedHashes = type == TransactionType.Blob ? [Hash256.FromUInt256(new UInt256(0, 0, 0, 1UL << 56))] : [],
                },
                TestChain.Alice);
            UInt256 most = UInt256.MaxValue - 21_000_000_000_000 - (type == TransactionType.Blob ? BlobGas.GasPerBlob : 0);
            Assert.Equal(AddResult.Rejected, builder!.TryAdd(Of(most + 1), out TransactionVerdict verdict));
            Assert.Equal(TransactionVerdict.InsufficientFunds, verdict);
            Assert.Equal(AddResult.Included, builder.TryAdd(Of(most), out _));
        }
    }
}
