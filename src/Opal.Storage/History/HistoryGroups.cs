namespace Opal.Storage;

/// <summary>
/// The groups of history entries that a thread read last, their checksums verified. The entries of one thing are neighbours: to look up all parts of it is
/// mostly to look into one or two groups of each of a few blocks.
/// </summary>
/// <remarks>Some 64 KB for each thread that reads history.</remarks>
internal sealed class HistoryGroups
{
    private const int Places = 64;

    /// <summary>Groups of more bytes are read each time.</summary>
    private const int MaxSize = 1024;

    [ThreadStatic]
    private static HistoryGroups? _ofThread;

    private readonly Entry[] _entries = new Entry[Places];
    private readonly byte[] _bytes = new byte[Places * MaxSize];

    private struct Entry
    {
        public Key Key;
        public int Size;
    }

    /// <summary>What a group is known by.</summary>
    /// <param name="Log">Which log; not 0.</param>
    /// <param name="Cuts">How often blocks were dropped: an address may hold something else after that.</param>
    /// <param name="Address">The frame.</param>
    /// <param name="Place">The place in it.</param>
    public readonly record struct Key(long Log, int Cuts, FrameAddress Address, uint Place);

    /// <summary>Those of this thread.</summary>
    public static HistoryGroups OfThread => _ofThread ??= new HistoryGroups();

    private static int PlaceOf(in Key key) => (int)(((key.Address.Value ^ ((ulong)key.Place << 20) ^ ((ulong)key.Log << 50)) * 0x9E3779B97F4A7C15) >> 58);

    /// <summary>The entries of a group; valid until the thread adds one.</summary>
    public bool TryGet(in Key key, out ReadOnlySpan<byte> entries)
    {
        int place = PlaceOf(key);
        bool found = _entries[place].Key == key;
        entries = found ? _bytes.AsSpan(place * MaxSize, _entries[place].Size) : default;
        return found;
    }

    /// <summary>Keeps the entries of a group, in place of others.</summary>
    public void Add(in Key key, ReadOnlySpan<byte> entries)
    {
        if (entries.Length > MaxSize) return;
        int place = PlaceOf(key);
        entries.CopyTo(_bytes.AsSpan(place * MaxSize));
        _entries[place] = new Entry { Key = key, Size = entries.Length };
    }
}
