using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>The content of a channel that grows block by block, and what it compresses to. Not for use by two threads at once.</summary>
public interface IChannelEncoder
{
    /// <summary>The bytes that the channel decompresses to.</summary>
    int ContentBytes { get; }

    /// <summary>The most bytes that it may decompress to: verifiers read no further.</summary>
    int MaxContentBytes { get; }

    /// <summary>Adds a block.</summary>
    /// <returns>The most bytes by which the compressed channel grows, as far as it can be said without compressing; <see cref="int.MaxValue"/> where it cannot.</returns>
    int Add(Block block);

    /// <summary>Takes out the block added last; only one can be taken out before another is added.</summary>
    void RemoveLast();

    /// <summary>About what <see cref="Compress"/> gives, in a fraction of its time: the length by a quick compression of the same family.</summary>
    int Estimate();

    /// <summary>The channel's bytes, compressed, with the version byte that its compression asks for. Asked again without a change in between it compresses once.</summary>
    byte[] Compress();
}
