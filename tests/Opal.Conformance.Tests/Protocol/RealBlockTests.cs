using System.Text.Json;
using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Protocol.Tests;
using Opal.State;
using Opal.Testing;

namespace Opal.Conformance.Tests.ProtocolTests;

/// <summary>Real L2 blocks, built from their payload attributes on a witness and compared by hash, then executed again as imports.</summary>
public class RealBlockTests
{
    public static TheoryData<string> Blocks()
    {
        var data = new TheoryData<string>();
        if (Vectors.Root is null) return data;
        foreach (string file in Directory.EnumerateFiles(Vectors.PathOf("real-blocks"), "*.json.gz", SearchOption.AllDirectories).Order())
        {
            data.Add(Path.GetRelativePath(Vectors.PathOf("real-blocks"), file)[..^".json.gz".Length]);
        }

        return data;
    }

    [VectorTheory]
    [MemberData(nameof(Blocks))]
    public void Building_from_attributes_gives_the_block_of_the_chain(string name)
    {
        JsonElement test = JsonValues.Load($"real-blocks/{name}.json.gz");
        PreimageBag bag = WitnessExecutionState.ReadBag(Vectors.Read($"real-blocks/{name}.preimages.bin.gz"));
        Assert.True(BlockHeader.TryDecode(test.At("parentHeaderRlp").Bytes(), out BlockHeader? parent));
        Assert.Equal(test.At("parentHash").Hash(), parent!.Hash);
        bag.Add(parent.Encode());
        ChainSpec spec = SpecOf(test);
        PayloadAttributes attributes = AttributesOf(test.At("attributes"));
        using var executor = new BlockExecutor(NativeCrypto.Instance, spec);
        bool overridesBaseFee = test.Has("baseFeePerGasOverride");

        ExecutionResult begun = executor.TryBegin(parent, attributes, StateOf(parent, bag), BuildOptions.Default, out BlockBuilder? builder);
        Assert.True(begun.IsValid, $"{begun.Error} {begun.InvalidTransaction} {begun.Verdict}");
        Assert.Equal(BlockError.None, builder!.Seal(out BuiltBlock? built));
        BlockHeader header = built!.Block.Header;
        if (overridesBaseFee)
        {
            // that chain had a floor under its base fee: only deposits are in the block, so nothing else depends on it
            header = WithBaseFee(header, test.At("baseFeePerGasOverride").Number());
        }

        if (test.Has("expectedHeaderRlp"))
        {
            Assert.True(BlockHeader.TryDecode(test.At("expectedHeaderRlp").Bytes(), out BlockHeader? expected));
            Assert.Equal(expected!.GasUsed, header.GasUsed);
            Assert.Equal(expected.StateRoot, header.StateRoot);
            Assert.Equal(expected.ReceiptsRoot, header.ReceiptsRoot);
        }

        Assert.Equal(test.At("expectedBlockHash").Hash(), header.Hash);
        if (overridesBaseFee) return;

        ExecutionResult imported = executor.Execute(parent, built.Block, StateOf(parent, bag));
        Assert.True(imported.IsValid, imported.Describe());
        Assert.Equal(BodyRoots.OfReceipts(built.Receipts), BodyRoots.OfReceipts(imported.Receipts));
        string? supply = EtherSupply.Check(executor, parent, built.Block, imported.Diff, StateOf(parent, bag));
        Assert.True(supply is null, supply);
    }

    private static WitnessExecutionState StateOf(BlockHeader parent, PreimageBag bag) => new(new WitnessState(parent.StateRoot, bag), parent.Hash, bag);

    private static ChainSpec SpecOf(JsonElement test)
    {
        JsonElement config = test.At("rollupConfig");
        OptimismForkTimes forks = test.At("fork").GetString() == "ecotone"
            ? OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Ecotone)
            : config.ForkTimes();
        return ChainSpec.ForOptimism(test.At("chainId").ULong(), forks, MarketOf(config));
    }

    private static OptimismFeeMarket MarketOf(JsonElement config)
    {
        if (config.Has("chain_op_config"))
        {
            JsonElement market = config.At("chain_op_config");
            return new OptimismFeeMarket(
                (uint)market.At("eip1559Elasticity").ULong(), (uint)market.At("eip1559Denominator").ULong(), (uint)market.At("eip1559DenominatorCanyon").ULong());
        }

        JsonElement before = config.At("base_fee_params");
        JsonElement canyon = config.At("canyon_base_fee_params");
        return new OptimismFeeMarket(
            (uint)before.At("elasticity_multiplier").ULong(), (uint)before.At("max_change_denominator").ULong(), (uint)canyon.At("max_change_denominator").ULong());
    }

    private static PayloadAttributes AttributesOf(JsonElement json) => new()
    {
        Timestamp = json.At("timestamp").ULong(),
        PrevRandao = json.At("prevRandao").Hash(),
        SuggestedFeeRecipient = json.At("suggestedFeeRecipient").Address(),
        ParentBeaconBlockRoot = json.OptionalHash("parentBeaconBlockRoot"),
        Withdrawals = [],
        Transactions = json.At("transactions").EnumerateArray().Select(t => t.Bytes()).ToArray(),
        NoTxPool = true,
        GasLimit = json.At("gasLimit").ULong(),
        Eip1559Params = json.Has("eip1559Params") ? json.At("eip1559Params").Bytes() : null,
        MinBaseFee = json.OptionalULong("minBaseFee"),
    };

    private static BlockHeader WithBaseFee(BlockHeader header, UInt256 baseFee) => new()
    {
        ParentHash = header.ParentHash,
        Beneficiary = header.Beneficiary,
        StateRoot = header.StateRoot,
        TransactionsRoot = header.TransactionsRoot,
        ReceiptsRoot = header.ReceiptsRoot,
        LogsBloom = header.LogsBloom,
        Number = header.Number,
        GasLimit = header.GasLimit,
        GasUsed = header.GasUsed,
        Timestamp = header.Timestamp,
        ExtraData = header.ExtraData,
        MixHash = header.MixHash,
        BaseFeePerGas = baseFee,
        WithdrawalsRoot = header.WithdrawalsRoot,
        BlobGasUsed = header.BlobGasUsed,
        ExcessBlobGas = header.ExcessBlobGas,
        ParentBeaconBlockRoot = header.ParentBeaconBlockRoot,
        RequestsHash = header.RequestsHash,
    };
}
