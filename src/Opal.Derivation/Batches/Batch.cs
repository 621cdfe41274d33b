using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>A singular or a span batch, with the L1 block in which its channel was completed.</summary>
internal readonly record struct Batch(SingularBatch? Singular, SpanBatch? Span, L1BlockRef Inclusion)
{
    public BatchKind Kind => Span is null ? BatchKind.Singular : BatchKind.Span;

    public ulong Timestamp => Span is { } span ? span.Timestamp : Singular!.Timestamp;
}
