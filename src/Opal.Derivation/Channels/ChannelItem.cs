namespace Opal.Derivation;

/// <summary>A batch as it lies in a channel.</summary>
/// <param name="Singular">The batch, if it is a singular one.</param>
/// <param name="Span">The batch, if it is a span batch; null when it cannot be rebuilt.</param>
/// <param name="Size">Its size in bytes, decompressed, with the version byte.</param>
/// <param name="Rule">Why this batch is lost while the rest of the channel is not; none when it is not lost.</param>
public readonly record struct ChannelItem(SingularBatch? Singular, SpanBatch? Span, int Size, BatchRule Rule)
{
    /// <summary>Which of the two forms the batch has.</summary>
    public BatchKind Kind => Singular is null ? BatchKind.Span : BatchKind.Singular;
}
