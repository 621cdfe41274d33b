using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Collects blocks for a codec that knows only whole channels: every question about size encodes them all.</summary>
internal sealed class WholeChannelEncoder(IChannelCodec codec) : IChannelEncoder
{
    private readonly List<Block> _blocks = [];

    public int ContentBytes => 0;

    public int MaxContentBytes => int.MaxValue;

    public int Add(Block block)
    {
        _blocks.Add(block);
        return int.MaxValue;
    }

    public void RemoveLast() => _blocks.RemoveAt(_blocks.Count - 1);

    public int Estimate() => Compress().Length;

    public byte[] Compress() => codec.Encode(_blocks);
}
