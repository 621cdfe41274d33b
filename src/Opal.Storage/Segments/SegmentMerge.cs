namespace Opal.Storage;

/// <summary>Merges sorted indexes into one.</summary>
internal static class SegmentMerge
{
    /// <summary>The entries of all parts, sorted, and their numbers in the order of keys.</summary>
    /// <param name="parts">In ascending order of blocks.</param>
    /// <param name="keyOf">Reads the key of an entry; null where there is no order to keep.</param>
    public static (SegmentEntry[] Entries, uint[] Order) Run(IndexSegment[] parts, Func<SegmentEntry, byte[]>? keyOf)
    {
        var entries = new SegmentEntry[parts.Sum(part => part.Count)];
        uint[][] numbers = Array.ConvertAll(parts, part => new uint[part.Count]);
        var byEntry = new PriorityQueue<(int Part, int At), (SegmentEntry Entry, int Part)>();
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].Count > 0) byEntry.Enqueue((i, 0), (parts[i][0], i));
        }

        for (uint count = 0; byEntry.TryDequeue(out (int Part, int At) next, out (SegmentEntry Entry, int Part) at); count++)
        {
            entries[count] = at.Entry;
            numbers[next.Part][next.At] = count;
            if (next.At + 1 < parts[next.Part].Count) byEntry.Enqueue((next.Part, next.At + 1), (parts[next.Part][next.At + 1], next.Part));
        }

        if (keyOf is null) return (entries, []);
        uint[] order = new uint[entries.Length];
        var byKey = new PriorityQueue<(int Part, int At), (byte[] Key, int Part)>(Comparer<(byte[] Key, int Part)>.Create(static (x, y) =>
        {
            // of equal keys the older blocks come first, and they are in the earlier parts
            int keys = x.Key.AsSpan().SequenceCompareTo(y.Key);
            return keys != 0 ? keys : x.Part.CompareTo(y.Part);
        }));
        for (int i = 0; i < parts.Length; i++) Enqueue(i, 0);
        for (int count = 0; byKey.TryDequeue(out (int Part, int At) next, out _); count++)
        {
            order[count] = numbers[next.Part][parts[next.Part].InOrder(next.At)];
            Enqueue(next.Part, next.At + 1);
        }

        return (entries, order);

        void Enqueue(int part, int at)
        {
            if (at < parts[part].Count) byKey.Enqueue((part, at), (keyOf(parts[part][parts[part].InOrder(at)]), part));
        }
    }

    /// <summary>The numbers of sorted entries in the order of their keys, older blocks first where those are equal.</summary>
    public static uint[] OrderOf(SegmentEntry[] sorted, Func<SegmentEntry, byte[]> keyOf)
    {
        byte[][] keys = Array.ConvertAll(sorted, entry => keyOf(entry));
        uint[] order = new uint[sorted.Length];
        for (uint i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(order, (x, y) =>
        {
            int byKey = keys[x].AsSpan().SequenceCompareTo(keys[y]);
            return byKey != 0 ? byKey : x.CompareTo(y); // a key's entries are neighbours, in order of blocks
        });
        return order;
    }
}
