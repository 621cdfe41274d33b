namespace Opal.Storage;

/// <summary>What every history asks of its callers.</summary>
internal static class HistoryRules
{
    public const int MaxKeySize = 255, MaxLabelSize = 255;

    public static IComparer<ReadOnlyMemory<byte>> KeyOrder { get; } = Comparer<ReadOnlyMemory<byte>>.Create((x, y) => x.Span.SequenceCompareTo(y.Span));

    /// <summary>A label and entries that may be appended.</summary>
    /// <exception cref="ArgumentException">They are too long, or not in ascending order of keys.</exception>
    public static void Check(ReadOnlySpan<byte> label, ReadOnlySpan<HistoryEntry> entries)
    {
        if (label.Length > MaxLabelSize) throw new ArgumentException($"a label has at most {MaxLabelSize} bytes", nameof(label));
        for (int i = 0; i < entries.Length; i++)
        {
            if (entries[i].Key.Length is 0 or > MaxKeySize) throw new ArgumentException($"a key has 1 to {MaxKeySize} bytes", nameof(entries));
            if (i > 0 && entries[i - 1].Key.Span.SequenceCompareTo(entries[i].Key.Span) >= 0) throw new ArgumentException("the keys do not ascend", nameof(entries));
        }
    }

    public static void CheckNext(ulong number, ulong next)
    {
        if (number != next) throw new ArgumentOutOfRangeException(nameof(number), $"the next block of the history is {next}, not {number}");
    }

    /// <summary>All blocks above <paramref name="after"/> up to <paramref name="upTo"/> have to be kept.</summary>
    public static void CheckKept(ulong after, ulong upTo, ulong first, ulong next)
    {
        if (after + 1 < first || upTo >= next) throw NotKept(after + 1 < first ? after + 1 : upTo, first, next);
    }

    public static ArgumentOutOfRangeException NotKept(ulong number, ulong first, ulong next) =>
        new(nameof(number), first == next ? $"the history is empty; it has no block {number}" : $"the history keeps blocks {first} to {next - 1}, not {number}");
}
