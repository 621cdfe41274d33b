using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Walks L1 block by block and keeps the system config's batcher key up to date (derivation.md#l1-traversal).</summary>
internal sealed class L1Traversal(RollupConfig config, Exchange exchange, IDerivationObserver observer) : IL1Position
{
    private bool _isStart;

    /// <summary>The current block; its content is known once <see cref="Current"/> is.</summary>
    public L1BlockRef Origin { get; private set; }

    /// <summary>The current block with what epochs need of it; null until the start block is read.</summary>
    public EpochBlock? Current { get; private set; }

    /// <summary>The current block as read.</summary>
    public L1Block? Block { get; private set; }

    /// <summary>The system config whose batcher key holds for the current block.</summary>
    public SystemConfig SystemConfig { get; private set; } = new();

    public L1InclusionTime Time => new(Origin.Timestamp);

    public void Reset(L1BlockRef start, SystemConfig systemConfig)
    {
        Origin = start;
        SystemConfig = systemConfig;
        Current = null;
        Block = null;
        _isStart = true;
    }

    /// <summary>Stands behind an L1 block that was read before.</summary>
    public void Restore(EpochBlock current, SystemConfig systemConfig)
    {
        Origin = current.Ref;
        SystemConfig = systemConfig;
        Current = current;
        Block = null;
        _isStart = false;
    }

    /// <summary>Reads the start block, or moves to the next one. Yielded: there is a new current block.</summary>
    public Pull Advance()
    {
        ulong number = _isStart ? Origin.Number : Origin.Number + 1;
        if (exchange.Block is not { } block) return exchange.Ask(new NeedL1Block(number));
        L1BlockRef reference = block.Ref;
        if (_isStart && reference.Hash != Origin.Hash) return exchange.Reset(ResetReason.StartBlockReorged);
        if (!_isStart && reference.ParentHash != Origin.Hash) return exchange.Reset(ResetReason.L1Reorg);

        // the start block's logs are in the start config already, and no epoch opens with it
        EpochLogs logs = EpochLogs.None;
        if (!_isStart && EpochLogs.MayBeIn(block.Header, config))
        {
            if (exchange.Receipts is not { } receipts) return exchange.Ask(new NeedL1Receipts(reference));
            logs = EpochLogs.Of(receipts, config);
        }

        exchange.Block = null;
        exchange.Receipts = null;
        _isStart = false;
        Origin = reference;
        Block = block;
        Current = new EpochBlock(reference, block.Header, logs);
        SystemConfig = logs.ApplyUpdates(SystemConfig, block.Header, config, observer);
        observer.OriginAdvanced(reference);
        return Pull.Yielded;
    }
}
