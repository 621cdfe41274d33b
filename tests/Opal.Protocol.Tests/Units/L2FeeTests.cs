using Opal.Primitives;

namespace Opal.Protocol.Tests;

public class L2FeeTests
{
    public static TheoryData<OptimismFork> Forks()
    {
        var forks = new TheoryData<OptimismFork>();
        for (OptimismFork fork = OptimismFork.Bedrock; fork <= OptimismFork.Karst; fork++) forks.Add(fork);
        return forks;
    }

    [Theory]
    [MemberData(nameof(Forks))]
    public void Fees_reach_the_vaults_and_no_ether_is_made_or_lost(OptimismFork fork)
    {
        using var chain = new TestChain(fork);
        UInt256 supply = chain.Supply();
        BlockBuilder builder = chain.Begin();
        UInt256 baseFee = builder.BaseFee;
        Transaction transaction = TestChain.Transfer(0, gas: 60_000, data: [0, 1, 2, 0]);
        Assert.Equal(AddResult.Included, builder.TryAdd(transaction, out _));
        BuiltBlock built = chain.Seal(builder);

        Receipt receipt = built.Receipts[1];
        Rules rules = chain.Spec.At(built.Block.Header);
        Assert.True(receipt.Succeeded);
        ulong expectedGas = rules.HasCalldataFloor ? 21_100ul : 21_040ul;
        Assert.Equal(expectedGas, receipt.GasUsed);
        Assert.Equal(supply, chain.Supply());
        Assert.Equal(baseFee * receipt.GasUsed, chain.BalanceOf(Predeploys.BaseFeeVault));
        Assert.Equal(new UInt256(1_000_000) * receipt.GasUsed, chain.BalanceOf(Predeploys.SequencerFeeVault));
        Assert.Equal(receipt.L1Fee!.Fee, chain.BalanceOf(Predeploys.L1FeeVault));
        Assert.False(receipt.L1Fee.Fee.IsZero);
        Assert.Null(built.Receipts[0].L1Fee);
        UInt256 operatorFee = rules.OperatorFee switch
        {
            OperatorFeeFormula.Isthmus => (receipt.GasUsed * 2000 / 1_000_000) + 7,
            OperatorFeeFormula.Jovian => (receipt.GasUsed * 2000 * 100) + 7,
            _ => 0,
        };
        Assert.Equal(operatorFee, chain.BalanceOf(Predeploys.OperatorFeeVault));
        Assert.Equal(built.PriorityFees, chain.BalanceOf(Predeploys.SequencerFeeVault));
    }

    [Fact]
    public void The_operator_fee_of_the_gas_limit_must_be_covered()
    {
        using var chain = new TestChain(OptimismFork.Jovian);
        BlockBuilder builder = chain.Begin();
        Assert.Equal(AddResult.Included, builder.TryAdd(TestChain.Transfer(0), out _));
        chain.Seal(builder);
        UInt256 balance = chain.BalanceOf(TestChain.Alice);

        // all of the balance but the operator fee
        Transaction greedy = TestChain.Sign(new Transaction
        {
            Type = TransactionType.DynamicFee, ChainId = TestChain.ChainId, Nonce = 1, GasLimit = 21_000, To = TestChain.Bob,
            MaxFeePerGas = 2_000_000_000, MaxPriorityFeePerGas = 1, Value = balance - (new UInt256(2_000_000_000) * 21_000) - 1_000_000_000,
        });
        builder = chain.Begin();
        Assert.Equal(AddResult.Rejected, builder.TryAdd(greedy, out TransactionVerdict verdict));
        Assert.Equal(TransactionVerdict.InsufficientFunds, verdict);
    }

    [Fact]
    public void From_Jovian_on_the_header_has_the_DA_footprint_and_the_base_fee_follows_it()
    {
        using var chain = new TestChain(OptimismFork.Jovian);
        BlockBuilder builder = chain.Begin();
        var random = new Random(7);
        ulong footprint = 0;
        for (ulong nonce = 0; nonce < 3; nonce++)
        {
            var data = new byte[40_000];
            random.NextBytes(data);
            Transaction transaction = TestChain.Transfer(nonce, 2_000_000, data);
            footprint += L1DataFee.EstimatedSize(transaction.FastLzSize) * 400;
            AddResult result = builder.TryAdd(transaction, out _);
            if (footprint <= 30_000_000)
            {
                Assert.Equal(AddResult.Included, result);
                continue;
            }

            Assert.Equal(AddResult.NoDASpace, result);
            footprint -= L1DataFee.EstimatedSize(transaction.FastLzSize) * 400;
        }

        BuiltBlock built = chain.Seal(builder);
        BlockHeader header = built.Block.Header;
        Assert.Equal(footprint, header.BlobGasUsed);
        Assert.True(header.BlobGasUsed > header.GasUsed);
        Assert.Equal(header.BlobGasUsed, built.Receipts.Aggregate(0UL, (sum, r) => sum + r.BlobGasUsed!.Value));
        Rules rules = chain.Spec.At(header);
        Assert.True(BaseFee.TryNext(header, rules, rules, out UInt256 next));
        Assert.Equal(BaseFee.Next(header.BaseFeePerGas!.Value, header.GasLimit, footprint, 6, 250), next);
        Assert.True(next > header.BaseFeePerGas.Value);
    }

    [Fact]
    public void The_minimum_base_fee_of_the_parent_holds()
    {
        using var chain = new TestChain(OptimismFork.Jovian);
        PayloadAttributes plain = chain.PayloadFor();
        var payload = new PayloadAttributes
        {
            Timestamp = plain.Timestamp, SuggestedFeeRecipient = plain.SuggestedFeeRecipient, Withdrawals = [], ParentBeaconBlockRoot = Hash256.Zero,
            GasLimit = plain.GasLimit, Eip1559Params = [0, 0, 0, 50, 0, 0, 0, 10], MinBaseFee = 7_000_000_000, Transactions = plain.Transactions,
        };
        BuiltBlock first = chain.Seal(chain.Begin(payload));
        Assert.Equal(new Eip1559ExtraData(50, 10, 7_000_000_000).Encode(), first.Block.Header.ExtraData);
        BuiltBlock second = chain.Seal(chain.Begin());
        Assert.Equal(new UInt256(7_000_000_000), second.Block.Header.BaseFeePerGas);
    }
}
