using Opal.Primitives;

namespace Opal.Batcher;

/// <summary>A singular batch for every block. Each is encoded once and stays where it was written.</summary>
internal sealed class SingularStream : IBatchStream
{
    private readonly RlpWriter _content = new(64 * 1024);
    private readonly RlpWriter _batch = new(4096);
    private int _beforeLast;

    public int Length => _content.Length;

    public ReadOnlySpan<byte> Content => _content.Written;

    public void Add(in ChannelBlock block)
    {
        _beforeLast = _content.Length;
        _batch.Clear();
        block.Batch.Write(_batch);
        _content.WriteBytes(_batch.Written);
    }

    public void RemoveLast() => _content.Truncate(_beforeLast);
}
