using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Makes payload attributes of batches (derivation.md#payload-attributes-derivation).</summary>
internal sealed class AttributesQueue(AttributesBuilder builder, RollupConfig config, L1Traversal traversal, Exchange exchange)
{
    private SingularBatch? _batch;
    private bool _concluding;
    private BlockId _configOf;
    private SystemConfig? _parentConfig;

    /// <summary>Whether no batch is being made into attributes.</summary>
    public bool IsAtRest => _batch is null;

    public void Reset()
    {
        _batch = null;
        _parentConfig = null;
    }

    /// <summary>The attributes given out last; what a block made of them is checked against.</summary>
    public void Accepted(DerivedAttributes attributes, in L2BlockRef block)
    {
        if (builder.TryConfigAfter(attributes.Attributes, block.Number, out _parentConfig)) _configOf = block.Id;
    }

    public Pull Next(BatchStageBase source, in L2BlockRef parent, out DerivedAttributes? attributes)
    {
        attributes = null;
        if (_batch is null)
        {
            Pull pulled = source.Next(parent, out _batch, out _concluding);
            if (pulled != Pull.Yielded) return pulled;
        }

        if (_parentConfig is null || _configOf != parent.Id)
        {
            if (exchange.BlockByHash is not { } block || block.Hash != parent.Hash) return exchange.Ask(new NeedL2BlockByHash(parent.Hash));
            exchange.BlockByHash = null;
            if (!builder.TrySystemConfigOf(block, out SystemConfig found)) return exchange.Reset(ResetReason.L2BlockMalformed);
            _parentConfig = found;
            _configOf = parent.Id;
        }

        SingularBatch batch = _batch!;
        _batch = null;
        if (batch.ParentHash != parent.Hash || batch.Timestamp != parent.Timestamp + config.BlockTimeSeconds) return exchange.Reset(ResetReason.BatchOutOfStep);
        if (Find(source.Epochs, batch.Epoch) is not { } epoch) return exchange.Reset(ResetReason.EpochOutOfStep);
        AttributesResult result = builder.Build(parent, _parentConfig, epoch.Header, epoch.Logs, batch.Transactions);
        switch (result.Fault)
        {
            case AttributesFault.None:
                break;
            case AttributesFault.MalformedDeposit:
                return exchange.Stop(StopReason.MalformedDeposit);
            case AttributesFault.InvalidSystemConfig:
                return exchange.Stop(StopReason.InvalidSystemConfig);
            case AttributesFault.TimeBeforeOrigin:
                return exchange.Reset(ResetReason.TimeBeforeOrigin);
            default:
                return exchange.Reset(ResetReason.OriginMismatch);
        }

        attributes = new DerivedAttributes
        {
            Attributes = result.Attributes!,
            Parent = parent,
            L1Origin = epoch.Ref.Id,
            SequenceNumber = result.SequenceNumber,
            DerivedFrom = traversal.Origin,
            ConcludesBatch = _concluding,
        };
        return Pull.Yielded;
    }

    private static EpochBlock? Find(List<EpochBlock> epochs, in BlockId id)
    {
        foreach (EpochBlock epoch in epochs)
        {
            if (epoch.Ref.Id == id) return epoch;
        }

        return null;
    }
}
