using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Takes batcher data apart into frames (derivation.md#frame-queue; holocene/derivation.md#frame-queue).</summary>
internal sealed class FrameQueue(RollupConfig config, IL1Position traversal, IDataSource source, IDerivationObserver observer)
{
    private readonly List<Frame> _frames = [];
    private readonly List<FrameOrder.DroppedFrame> _dropped = [];
    private int _next;

    /// <summary>Whether no frame waits.</summary>
    public bool IsEmpty => _next == _frames.Count;

    public void Reset()
    {
        _frames.Clear();
        _next = 0;
    }

    /// <summary>Forgets the frames because the stages are exchanged.</summary>
    public void Discard()
    {
        for (int i = _next; i < _frames.Count; i++) observer.FrameDropped(traversal.Origin, _frames[i], FrameRule.StagesExchanged);
        Reset();
    }

    public Pull Next(out Frame frame)
    {
        frame = default;
        if (_next == _frames.Count)
        {
            Reset();
            Pull pulled = source.Next(out ReadOnlyMemory<byte> data);
            if (pulled != Pull.Yielded) return pulled;
            Load(data);
            return Pull.Again;
        }

        frame = _frames[_next++];
        return Pull.Yielded;
    }

    private void Load(ReadOnlyMemory<byte> data)
    {
        if (!FrameCodec.TryParseAll(data, _frames, out DataRule rule))
        {
            observer.DataDropped(traversal.Origin, rule);
            return;
        }

        if (!config.IsActive(OptimismFork.Holocene, traversal.Time)) return;
        FrameOrder.Prune(_frames, _dropped);
        foreach (FrameOrder.DroppedFrame dropped in _dropped) observer.FrameDropped(traversal.Origin, dropped.Frame, dropped.Rule);
        _dropped.Clear();
    }
}
