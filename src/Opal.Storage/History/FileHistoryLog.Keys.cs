namespace Opal.Storage;

public sealed partial class FileHistoryLog
{
    /// <inheritdoc/>
    /// <remarks>
    /// Between bounds of one family of keys (<see cref="FileHistoryOptions.PrefixSize"/>) the keys come one by one: finding the first costs a search in each part
    /// of the index, and each key between the bounds that changed at any time costs another, and a read of the log for each part that knows it. Across families,
    /// and without <see cref="FileHistoryOptions.Ordered"/>, all blocks are read.
    /// </remarks>
    public IEnumerable<ReadOnlyMemory<byte>> KeysBetween(ReadOnlyMemory<byte> lowest, ReadOnlyMemory<byte> highest, ulong after, ulong upTo)
    {
        if (after >= upTo || highest.Span.SequenceCompareTo(lowest.Span) < 0) return [];
        IndexState state = _index.State;
        HistoryRules.CheckKept(after, upTo, state.First, state.Next);
        return _options.Ordered && _order.IsOneFamily(lowest.Span, highest.Span) ? InOrder(state, lowest, highest, after, upTo) : InAllBlocks(state, lowest, highest, after, upTo);
    }

    private SortedSet<ReadOnlyMemory<byte>> InAllBlocks(IndexState state, ReadOnlyMemory<byte> lowest, ReadOnlyMemory<byte> highest, ulong after, ulong upTo)
    {
        var keys = new SortedSet<ReadOnlyMemory<byte>>(HistoryRules.KeyOrder);
        for (ulong block = after + 1; block <= upTo; block++)
        {
            foreach (HistoryEntry entry in ReadBlock(state, block))
            {
                if (entry.Key.Span.SequenceCompareTo(lowest.Span) >= 0 && entry.Key.Span.SequenceCompareTo(highest.Span) <= 0) keys.Add(entry.Key);
            }
        }

        return keys;
    }

    private IEnumerable<ReadOnlyMemory<byte>> InOrder(IndexState state, ReadOnlyMemory<byte> lowest, ReadOnlyMemory<byte> highest, ulong after, ulong upTo)
    {
        int begin = state.PartOf(after + 1), end = begin;
        while (end < state.Parts.Length && state.Parts[end].First <= upTo) end++;
        IndexPart[] parts = state.Parts[begin..end];
        int prefix = _order.PrefixOf(lowest.Span);
        ulong word = _order.WordOf(lowest.Span, prefix), last = _order.WordOf(highest.Span, prefix);
        long[] at = Array.ConvertAll(parts, p => p.Keys.LowerBound(new Pair(word, 0)));
        var found = new SortedSet<ReadOnlyMemory<byte>>(HistoryRules.KeyOrder); // keys with one order word
        while (true)
        {
            word = ulong.MaxValue;
            bool any = false;
            for (int i = 0; i < parts.Length; i++)
            {
                if (at[i] == parts[i].Keys.Count || parts[i].Keys[at[i]].A > last) continue;
                word = Math.Min(word, parts[i].Keys[at[i]].A);
                any = true;
            }

            if (!any) yield break;
            found.Clear();
            for (int i = 0; i < parts.Length; i++)
            {
                for (; at[i] < parts[i].Keys.Count && parts[i].Keys[at[i]] is var pair && pair.A == word; at[i]++) AddKeys(state, parts[i], pair, lowest.Span, highest.Span, after, upTo, found);
            }

            foreach (ReadOnlyMemory<byte> key in found) yield return key;
        }
    }

    // the keys with a fingerprint that changed in the blocks asked for (more than one only where fingerprints are the same)
    private void AddKeys(
        IndexState state, IndexPart part, Pair wanted, ReadOnlySpan<byte> lowest, ReadOnlySpan<byte> highest, ulong after, ulong upTo, SortedSet<ReadOnlyMemory<byte>> found)
    {
        try
        {
            AddKeys(part, wanted, lowest, highest, after, upTo, found);
        }
        catch (StoreCorruptException) when (WasCut(state))
        {
            throw Gone();
        }
    }

    private void AddKeys(IndexPart part, Pair wanted, ReadOnlySpan<byte> lowest, ReadOnlySpan<byte> highest, ulong after, ulong upTo, SortedSet<ReadOnlyMemory<byte>> found)
    {
        Span<byte> buffer = stackalloc byte[FirstRead], name = stackalloc byte[HistoryRules.MaxKeySize];
        ulong from = after + 1 > part.First ? after + 1 - part.First : 0;
        for (long i = part.Entries.LowerBound(new Pair(wanted.B, from << 32)); i < part.Entries.Count; i++)
        {
            Pair entry = part.Entries[i];
            (ulong block, uint place) = part.Take(entry);
            if (entry.A != wanted.B || block > upTo) return;
            FrameAddress address = part.AddressOf(block);
            var reader = new HistoryGroupReader(ReadGroup(address, block, place, buffer), name);
            while (reader.MoveNext())
            {
                if (_hash.Compute(reader.Key) != wanted.B || _order.WordOf(reader.Key) != wanted.A) continue;
                if (reader.Key.SequenceCompareTo(lowest) >= 0 && reader.Key.SequenceCompareTo(highest) <= 0) found.Add(reader.Key.ToArray());
                return;
            }

            if (reader.IsMalformed) throw Damaged(address, $"the entries of block {block} make no sense");
        }
    }
}
