using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Turns blocks into the compressed bytes of a channel.</summary>
public interface IChannelCodec
{
    /// <summary>The channel's bytes, compressed, with the version byte that its compression asks for.</summary>
    byte[] Encode(IReadOnlyList<Block> blocks);

    /// <summary>The codec of channels whose first blocks may become safe before they are read: each block is a batch of its own, since a span batch of which a part is too late is dropped as a whole.</summary>
    IChannelCodec Singular => this;

    /// <summary>Begins a channel that blocks are added to one by one.</summary>
    IChannelEncoder Open() => new WholeChannelEncoder(this);
}
