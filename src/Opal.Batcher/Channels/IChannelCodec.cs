using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Turns blocks into the compressed bytes of a channel.</summary>
public interface IChannelCodec
{
    /// <summary>The channel's bytes, compressed, with the version byte that its compression asks for.</summary>
    byte[] Encode(IReadOnlyList<Block> blocks);

    /// <summary>Begins a channel that blocks are added to one by one.</summary>
    IChannelEncoder Open() => new WholeChannelEncoder(this);
}
