using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Encodes blocks as singular or span batches and compresses the stream.</summary>
/// <remarks>Before Delta there are singular batches only, and before Fjord zlib only: what is configured begins with the fork that brings it.</remarks>
public sealed class ChannelCodec(RollupConfig config, BatcherOptions options) : IChannelCodec
{
    /// <inheritdoc/>
    public byte[] Encode(IReadOnlyList<Block> blocks)
    {
        IChannelEncoder encoder = Open();
        foreach (Block block in blocks) encoder.Add(block);
        return encoder.Compress();
    }

    /// <inheritdoc/>
    public IChannelCodec Singular => options.BatchType == BatchType.Singular ? this : new ChannelCodec(config, options with { BatchType = BatchType.Singular });

    /// <inheritdoc/>
    public IChannelEncoder Open() => new ChannelEncoder(config, options);
}
