using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>Makes the L2 chain ahead of its batches, as a sequencer does: singular batches name the hash of every parent.</summary>
/// <param name="rollup">The rollup.</param>
/// <param name="l1">L1, which has the origins of the blocks asked for.</param>
/// <param name="contents">What the blocks hold.</param>
internal sealed class BlockSource(BenchRollup rollup, BenchL1 l1, BlockContents contents) : IDisposable
{
    private readonly ChainEngine _engine = new(rollup);
    private readonly AttributesBuilder _builder = new(rollup.Config, BlobSchedule.None, NetworkUpgrades.None);
    private L2BlockRef _head = rollup.GenesisRef;
    private Block _block = new() { Header = rollup.GenesisHeader };

    /// <summary>The hash of a block, which is made now if it is the next one.</summary>
    public Hash256 HashOf(ulong number)
    {
        if (number == _head.Number + 1) MakeNext();
        return number == _head.Number ? _head.Hash : throw new InvalidOperationException("blocks are made in order");
    }

    private void MakeNext()
    {
        L1Block origin = l1.At(BenchRollup.OriginOf(_head.Number + 1))!;
        if (!_builder.TrySystemConfigOf(_block, out SystemConfig config)) throw new InvalidOperationException("a block made here carries its system config");
        AttributesResult result = _builder.Build(_head, config, origin, null);
        PayloadAttributes forced = result.Attributes ?? throw new InvalidOperationException($"no attributes: {result.Fault}");
        var derived = new DerivedAttributes
        {
            Attributes = new PayloadAttributes
            {
                Timestamp = forced.Timestamp,
                PrevRandao = forced.PrevRandao,
                SuggestedFeeRecipient = forced.SuggestedFeeRecipient,
                Withdrawals = forced.Withdrawals,
                ParentBeaconBlockRoot = forced.ParentBeaconBlockRoot,
                Transactions = [.. forced.Transactions, .. contents.Of(_head.Number + 1)],
                NoTxPool = true,
                GasLimit = forced.GasLimit,
                Eip1559Params = forced.Eip1559Params,
                MinBaseFee = forced.MinBaseFee,
            },
            Parent = _head,
            L1Origin = origin.Ref.Id,
            SequenceNumber = result.SequenceNumber,
            DerivedFrom = origin.Ref,
            ConcludesBatch = true,
        };
        _head = _engine.Make(derived) ?? throw new InvalidOperationException(_engine.Problem);
        _block = _engine.Find(_head.Hash)!;
    }

    public void Dispose() => _engine.Dispose();
}
