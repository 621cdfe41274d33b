using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Span batches: one, or as many as a limit of blocks asks for (delta/span-batches.md).</summary>
/// <remarks>
/// A block that does not continue the span begins another one. A block that no span can carry goes between two spans as a singular batch: both kinds
/// may follow one another in a channel.
/// </remarks>
internal sealed class SpanStream(RollupConfig config, int maxBlocks) : IBatchStream
{
    private readonly RlpWriter _content = new(64 * 1024);
    private SpanBatchBuilder _span = new(config);
    private int _finished; // bytes of batches that take no more blocks, at the front of the content
    private int? _finishedBeforeSingular;
    private bool _isSpanWritten = true;

    public int Length => _finished + LengthOfSpan;

    private int LengthOfSpan
    {
        get
        {
            if (_span.BlockCount == 0) return 0;
            int length = _span.EncodedLength;
            return RlpWriter.HeaderLength(length) + length;
        }
    }

    public ReadOnlySpan<byte> Content
    {
        get
        {
            WriteSpan();
            return _content.Written;
        }
    }

    public void Add(in ChannelBlock block)
    {
        _finishedBeforeSingular = null;
        if (maxBlocks > 0 && _span.BlockCount >= maxBlocks) Finish();
        if (TryContinue(block)) return;
        Finish();
        if (TryContinue(block)) return;
        _finishedBeforeSingular = _finished;
        _content.WriteBytes(block.Batch.Encode());
        _finished = _content.Length;
    }

    private bool TryContinue(in ChannelBlock block)
    {
        if (_span.TryAdd(block.Batch, block.SequenceNumber) != SpanBuildError.None) return false;
        _isSpanWritten = false;
        return true;
    }

    public void RemoveLast()
    {
        if (_finishedBeforeSingular is { } before)
        {
            _content.Truncate(before);
            _finished = before;
            _finishedBeforeSingular = null;
            return;
        }

        _span.RemoveLast();
        _isSpanWritten = false;
    }

    /// <summary>Ends the span; the next block begins another.</summary>
    private void Finish()
    {
        WriteSpan();
        _finished = _content.Length;
        if (_span.BlockCount > 0) _span = new SpanBatchBuilder(config);
    }

    private void WriteSpan()
    {
        if (_isSpanWritten) return;
        _content.Truncate(_finished);
        if (_span.BlockCount > 0) _span.Encode(_content.BeginString(_span.EncodedLength));
        _isSpanWritten = true;
    }
}
