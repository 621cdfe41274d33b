using System.Buffers.Binary;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation.Tests;

/// <summary>An L2 chain in memory that makes blocks of attributes without executing them.</summary>
public sealed class FakeEngine
{
    private readonly RollupConfig _config;
    private readonly AttributesBuilder _builder;

    public FakeEngine(RollupConfig config, AttributesBuilder builder, Block genesis)
    {
        _config = config;
        _builder = builder;
        Chain.Add(genesis);
    }

    public List<Block> Chain { get; } = [];

    public Block Head => Chain[^1];

    public L2BlockRef HeadRef => RefOf(Head);

    public L2BlockRef RefOf(Block block)
    {
        Assert.True(_builder.TryRefOf(block, out L2BlockRef reference));
        return reference;
    }

    public SystemConfig ConfigOf(Block block)
    {
        Assert.True(_builder.TrySystemConfigOf(block, out SystemConfig config));
        return config;
    }

    public void TruncateTo(L2BlockRef head) => Chain.RemoveRange((int)head.Number + 1, Chain.Count - (int)head.Number - 1);

    /// <summary>The block that attributes make on a parent; the same attributes make the same block.</summary>
    public Block Make(L2BlockRef parent, PayloadAttributes attributes)
    {
        var transactions = new List<Transaction>();
        foreach (byte[] encoded in attributes.Transactions)
        {
            Assert.True(Transaction.TryDecode(encoded, out Transaction? transaction, out TransactionError error), error.ToString());
            transactions.Add(transaction!);
        }

        byte[] extraData = [];
        if (attributes.Eip1559Params is { } parameters)
        {
            uint denominator = BinaryPrimitives.ReadUInt32BigEndian(parameters), elasticity = BinaryPrimitives.ReadUInt32BigEndian(parameters.AsSpan(4));
            if (denominator == 0) (denominator, elasticity) = (_config.FeeMarket.DenominatorCanyon, _config.FeeMarket.Elasticity);
            extraData = new Eip1559ExtraData(denominator, elasticity, attributes.MinBaseFee).Encode();
        }

        var all = new List<byte>();
        foreach (byte[] encoded in attributes.Transactions) all.AddRange(encoded);
        var header = new BlockHeader
        {
            ParentHash = parent.Hash,
            Number = parent.Number + 1,
            Timestamp = attributes.Timestamp,
            GasLimit = attributes.GasLimit ?? 0,
            MixHash = attributes.PrevRandao,
            Beneficiary = attributes.SuggestedFeeRecipient,
            ExtraData = extraData,
            TransactionsRoot = Keccak256.Hash(all.ToArray()),
            BaseFeePerGas = 1,
            WithdrawalsRoot = attributes.Withdrawals is null ? null : Hash256.EmptyTrie,
            BlobGasUsed = attributes.ParentBeaconBlockRoot is null ? null : 0,
            ExcessBlobGas = attributes.ParentBeaconBlockRoot is null ? null : 0,
            ParentBeaconBlockRoot = attributes.ParentBeaconBlockRoot,
        };
        return new Block { Header = header, Transactions = [.. transactions], Withdrawals = attributes.Withdrawals is null ? null : [] };
    }
}
