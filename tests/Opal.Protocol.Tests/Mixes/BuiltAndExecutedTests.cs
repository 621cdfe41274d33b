using Opal.Evm;
using Opal.Primitives;
using Xunit.Abstractions;

namespace Opal.Protocol.Tests.Mixes;

/// <summary>
/// A block built from a random mix of valid, invalid, reverting and skipped transactions is the block that another executor
/// finds from its encoding, on the same state: same hash, receipts, changes. A rejected transaction leaves nothing behind.
/// </summary>
/// <remarks>OPAL_MIXES sets the number of blocks, OPAL_MIX_SEED the seed; both are in the message of a failure.</remarks>
public sealed class BuiltAndExecutedTests(ITestOutputHelper output)
{
    private const int QuickCount = 4_000;
    private const int BlocksPerChain = 25;

    private readonly Dictionary<string, int> _outcomes = [];
    private int _offered, _included, _reverted, _blocks;

    [Fact]
    public void A_built_block_equals_the_block_executed_from_a_clean_state()
    {
        int count = Setting("OPAL_MIXES", QuickCount), seed = Setting("OPAL_MIX_SEED", 1);
        for (int round = 0; _blocks < count; round++)
        {
            var random = new Random(unchecked((seed * 1_000_003) + round));
            MixChain mix = MixChain.Make(round % MixChain.KindCount, random);
            using var builder = new BlockExecutor(SignerInSignature.Instance, mix.Spec);
            using var importer = new BlockExecutor(SignerInSignature.Instance, mix.Spec);
            for (int i = 0; i < BlocksPerChain && _blocks < count; i++)
            {
                try
                {
                    RunBlock(random, mix, builder, importer);
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"seed {seed}, round {round}, {mix.NextRules.Name}, block {mix.Chain.Head.Number + 1}: {e.Message}", e);
                }

                _blocks++;
            }
        }

        output.WriteLine($"{_blocks} blocks, seed {seed}: {_offered} transactions offered, {_included} included, {_reverted} of them failed");
        foreach ((string name, int times) in _outcomes.OrderByDescending(o => o.Value)) output.WriteLine($"{times,9} {name}");
        Assert.True(_included > count && _reverted > count / 4, "too few transactions got anywhere");
        foreach (TransactionVerdict verdict in Enum.GetValues<TransactionVerdict>())
        {
            if (Elsewhere.Contains(verdict)) continue;
            Assert.True(_outcomes.ContainsKey(verdict.ToString()), $"no transaction met {verdict}");
        }
    }

    /// <summary>Verdicts that the builder tells as another result, or that the mixes do not make.</summary>
    private static readonly TransactionVerdict[] Elsewhere =
    [
        TransactionVerdict.Valid, TransactionVerdict.BlockGasExceeded, TransactionVerdict.BlockBlobGasExceeded, TransactionVerdict.DAFootprintExceeded,
        TransactionVerdict.CreationNotAllowed, TransactionVerdict.InitCodeTooLarge,
    ];

    private static int Setting(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text) : otherwise;

    private void RunBlock(Random random, MixChain mix, BlockExecutor building, BlockExecutor importing)
    {
        BlockHeader parent = mix.Chain.Head;
        IExecutionState state = mix.Chain.StateOf(parent);
        var nonces = new Dictionary<Address, ulong>();
        ulong NonceOf(Address address)
        {
            if (nonces.TryGetValue(address, out ulong nonce)) return nonce;
            return nonces[address] = state.TryGetAccount(address, out Account account) ? account.Nonce : 0;
        }

        Rules rules = mix.NextRules;
        var transactions = new MixTransactions(random, rules, parent.BaseFeePerGas!.Value, NonceOf);
        BlockBuilder? builder = Begin(random, mix, building, transactions, nonces);
        if (builder is null) return;
        if (random.Next(8) == 0)
        {
            // a builder that is dropped leaves nothing to the next
            for (int i = 0; i < 3; i++) builder.TryAdd(transactions.Signed(), out _);
            builder = Begin(random, mix, building, transactions, nonces);
            if (builder is null) return;
        }

        transactions = new MixTransactions(random, rules, builder.BaseFee, NonceOf);
        for (int left = random.Next(random.Next(4) == 0 ? 40 : 8); left > 0; left--)
        {
            Transaction offered = transactions.Signed();
            _offered++;
            AddResult result = builder.TryAdd(offered, out TransactionVerdict verdict);
            Count(result == AddResult.Rejected ? verdict.ToString() : result.ToString());
            if (result != AddResult.Included) continue;
            Assert.True(offered.TryGetSender(SignerInSignature.Instance, out Address sender));
            nonces[sender] = offered.Nonce + 1;
        }

        BlockError error = builder.Seal(out BuiltBlock? built);
        Assert.Equal(BlockError.None, error);
        Import(mix, importing, parent, built!);
    }

    private BlockBuilder? Begin(Random random, MixChain mix, BlockExecutor building, MixTransactions transactions, Dictionary<Address, ulong> nonces)
    {
        var forced = new List<byte[]>();
        nonces.Clear();
        if (mix.Spec.IsOptimism)
        {
            forced.Add(TestChain.Attributes(mix.NextRules).Encoded);
            for (int left = random.Next(4); left > 0; left--) forced.Add(transactions.Deposit().Encoded);
            if (random.Next(4) == 0) forced.Add(transactions.Signed().Encoded);
        }

        PayloadAttributes attributes = mix.Attributes(forced);
        BuildOptions options = mix.Options();
        ExecutionResult begun = building.TryBegin(mix.Chain.Head, attributes, mix.Chain.StateOf(mix.Chain.Head), options, out BlockBuilder? builder);
        if (begun.Error == BlockError.InvalidTransaction)
        {
            // the last one was not valid: without it the block must begin
            Count("forced " + begun.Verdict);
            forced.RemoveRange(begun.InvalidTransaction, forced.Count - begun.InvalidTransaction);
            begun = building.TryBegin(mix.Chain.Head, attributes, mix.Chain.StateOf(mix.Chain.Head), options, out builder);
        }

        if (begun.Error == BlockError.InvalidTransaction && begun.InvalidTransaction == 0) return null; // the block's gas does not suffice for the attributes deposit
        Assert.True(begun.IsValid, $"{begun.Error} {begun.InvalidTransaction} {begun.Verdict}");
        foreach (byte[] encoded in forced)
        {
            Assert.True(Transaction.TryDecode(encoded, out Transaction? transaction, out _));
            Assert.True(transaction!.TryGetSender(SignerInSignature.Instance, out Address sender));
            nonces.Remove(sender);
            ulong nonce = mix.Chain.StateOf(mix.Chain.Head).TryGetAccount(sender, out Account account) ? account.Nonce : 0;
            nonces[sender] = unchecked(nonce + 1);
        }

        return builder;
    }

    private void Import(MixChain mix, BlockExecutor importing, BlockHeader parent, BuiltBlock built)
    {
        Assert.True(Block.TryDecode(built.Block.Encode(), out Block? block));
        Assert.Equal(built.Block.Hash, block!.Hash);
        IExecutionState before = mix.Chain.StateOf(parent);
        ExecutionResult executed = importing.Execute(parent, block, before);
        Assert.True(executed.IsValid, $"{executed.Error} {executed.InvalidTransaction} {executed.Verdict}");
        string? difference = Comparison.Of(built.Receipts, executed.Receipts) ?? Comparison.Of(built.Diff, executed.Diff);
        Assert.True(difference is null, difference);
        Assert.Equal(built.Requests.Select(r => Hex.Encode(r)), executed.Requests.Select(r => Hex.Encode(r)));
        string? supply = EtherSupply.Check(importing, parent, block, executed.Diff, before);
        Assert.True(supply is null, supply);
        foreach (Receipt receipt in executed.Receipts)
        {
            _included++;
            if (!receipt.Succeeded) _reverted++;
        }

        mix.Chain.Accept(parent, block.Header, executed.Diff);
    }

    private void Count(string outcome) => _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
}
