using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Puts channels together from batcher data by the rules of the L1 block that carries them, without deriving: for tools that inspect what was posted.</summary>
/// <remarks>
/// These are the pipeline's own stages, from the frame queue to the channel bank (the channel assembler from Holocene on). What a
/// derivation drops because a batch turned out invalid is not dropped here: that takes the L2 chain.
/// </remarks>
public sealed class ChannelCollector
{
    private readonly RollupConfig _config;
    private readonly Place _place = new();
    private readonly Feed _feed = new();
    private readonly FrameQueue _frames;
    private readonly ChannelBank _bank;
    private readonly ChannelAssembler _assembler;
    private readonly Queue<RawChannel> _complete = new();
    private bool _isStrict;

    /// <summary>A collector that has seen nothing.</summary>
    /// <param name="config">The rollup.</param>
    /// <param name="observer">Is told what is dropped, and why.</param>
    public ChannelCollector(RollupConfig config, IDerivationObserver observer)
    {
        _config = config;
        _frames = new FrameQueue(config, _place, _feed, observer);
        _bank = new ChannelBank(config, _place, _frames, observer);
        _assembler = new ChannelAssembler(config, _place, _frames, observer);
    }

    /// <summary>Moves to an L1 block, not before the one entered last. Channels that are timed out by then are dropped.</summary>
    public void Enter(in L1BlockRef block)
    {
        _place.Origin = block;
        bool isStrict = _config.IsActive(OptimismFork.Holocene, _place.Time);
        if (isStrict && !_isStrict) _bank.Discard();
        _isStrict = isStrict;
        Drain();
    }

    /// <summary>Takes the data of a batcher transaction of the block entered: its calldata, or the content of one of its blobs.</summary>
    public void Add(ReadOnlyMemory<byte> data)
    {
        _feed.Data = data;
        Drain();
    }

    /// <summary>Takes out the next channel that is complete.</summary>
    public bool TryTake(out RawChannel channel) => _complete.TryDequeue(out channel);

    private void Drain()
    {
        IChannelSource source = _isStrict ? _assembler : _bank;
        while (source.Next(out RawChannel channel) is var pulled and (Pull.Yielded or Pull.Again))
        {
            if (pulled == Pull.Yielded) _complete.Enqueue(channel);
        }
    }

    private sealed class Place : IL1Position
    {
        public L1BlockRef Origin { get; set; }

        public L1InclusionTime Time => new(Origin.Timestamp);
    }

    /// <summary>One item at a time.</summary>
    private sealed class Feed : IDataSource
    {
        public ReadOnlyMemory<byte>? Data { get; set; }

        public Pull Next(out ReadOnlyMemory<byte> data)
        {
            data = Data ?? default;
            if (Data is null) return Pull.Starved;
            Data = null;
            return Pull.Yielded;
        }
    }
}
