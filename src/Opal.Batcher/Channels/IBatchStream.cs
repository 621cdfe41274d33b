namespace Opal.Batcher;

/// <summary>The uncompressed content of a channel: batches, each an RLP string, one behind the other (derivation.md#channel-format).</summary>
internal interface IBatchStream
{
    /// <summary>The bytes of the content.</summary>
    int Length { get; }

    /// <summary>Adds a block.</summary>
    void Add(in ChannelBlock block);

    /// <summary>Takes out the block added last.</summary>
    void RemoveLast();

    /// <summary>The content; valid until the next change.</summary>
    ReadOnlySpan<byte> Content { get; }
}
