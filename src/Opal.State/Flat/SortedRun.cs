using System.Buffers.Binary;

namespace Opal.State.Flat;

/// <summary>An immutable sorted list of byte strings with values, packed in one array. In a list of changes an empty value means "not there".</summary>
/// <remarks>
/// [count u32][first 8 bytes of the key as a number u64 …][end of entry u32 …]([key length u8][key][value] …), little-endian.
/// Keys of 8 to 255 bytes in bytewise order. The numbers lie close together: a search seldom touches more.
/// </remarks>
internal readonly struct SortedRun(byte[] bytes)
{
    private readonly byte[] _bytes = bytes;

    /// <summary>No entries.</summary>
    public static SortedRun Empty { get; } = new(new byte[SortedRunBuilder.HeadSize(0)]);

    /// <summary>What it is packed in.</summary>
    public byte[] Bytes => _bytes;

    public int Count => BinaryPrimitives.ReadInt32LittleEndian(_bytes);

    public ReadOnlySpan<byte> Key(int index)
    {
        int start = StartOf(index);
        return _bytes.AsSpan(start + 1, _bytes[start]);
    }

    public ReadOnlySpan<byte> Value(int index)
    {
        int start = StartOf(index), at = start + 1 + _bytes[start];
        return _bytes.AsSpan(at, StartOf(index + 1) - at);
    }

    /// <summary>The whole entry, with the length of its key.</summary>
    public ReadOnlySpan<byte> Entry(int index)
    {
        int start = StartOf(index);
        return _bytes.AsSpan(start, StartOf(index + 1) - start);
    }

    private int StartOf(int index) =>
        index == 0 ? SortedRunBuilder.HeadSize(Count) : BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(4 + (8 * Count) + (4 * (index - 1))));

    /// <summary>The index of the first entry whose key is not below <paramref name="key"/>, and whether it is that key.</summary>
    public int Find(ReadOnlySpan<byte> key, out bool found)
    {
        ulong head = BinaryPrimitives.ReadUInt64BigEndian(key);
        ReadOnlySpan<byte> heads = _bytes.AsSpan(4, 8 * Count);
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            ulong there = BinaryPrimitives.ReadUInt64LittleEndian(heads[(8 * middle)..]);
            int order = there < head ? -1 : there > head ? 1 : Key(middle).SequenceCompareTo(key);
            if (order == 0)
            {
                found = true;
                return middle;
            }

            if (order < 0) low = middle + 1;
            else high = middle;
        }

        found = false;
        return low;
    }

    public bool TryGet(scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        int index = Find(key, out bool found);
        value = found ? Value(index) : default;
        return found;
    }
}

/// <summary>Packs entries, given in ascending order of keys, into a <see cref="SortedRun"/>. For use again and again.</summary>
internal sealed class SortedRunBuilder
{
    private int[] _ends = new int[64];
    private byte[] _entries = new byte[4096];
    private int _count, _size;

    public int Count => _count;

    /// <summary>The bytes before the first entry.</summary>
    public static int HeadSize(int count) => 4 + (12 * count);

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Span<byte> entry = Take(1 + key.Length + value.Length);
        entry[0] = (byte)key.Length;
        key.CopyTo(entry[1..]);
        value.CopyTo(entry[(1 + key.Length)..]);
    }

    /// <summary>Adds an entry as <see cref="SortedRun.Entry"/> gives it.</summary>
    public void AddEntry(ReadOnlySpan<byte> entry) => entry.CopyTo(Take(entry.Length));

    private Span<byte> Take(int size)
    {
        if (_count == _ends.Length) Array.Resize(ref _ends, _count * 2);
        if (_size + size > _entries.Length) Array.Resize(ref _entries, Math.Max(_entries.Length * 2, _size + size));
        Span<byte> entry = _entries.AsSpan(_size, size);
        _size += size;
        _ends[_count++] = _size;
        return entry;
    }

    /// <summary>The entries added since the last time.</summary>
    public SortedRun ToRun()
    {
        if (_count == 0) return SortedRun.Empty;
        int head = HeadSize(_count);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(head + _size);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, _count);
        Span<byte> heads = bytes.AsSpan(4, 8 * _count), ends = bytes.AsSpan(4 + (8 * _count), 4 * _count);
        for (int i = 0, start = 0; i < _count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(heads[(8 * i)..], BinaryPrimitives.ReadUInt64BigEndian(_entries.AsSpan(start + 1)));
            BinaryPrimitives.WriteInt32LittleEndian(ends[(4 * i)..], head + _ends[i]);
            start = _ends[i];
        }

        _entries.AsSpan(0, _size).CopyTo(bytes.AsSpan(head));
        _count = _size = 0;
        return new SortedRun(bytes);
    }
}
