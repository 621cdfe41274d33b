using System.Buffers.Binary;
using System.Collections;
using Microsoft.Win32.SafeHandles;
using Opal.Primitives;

namespace Opal.Storage;

/// <summary>What a check of a data file saw.</summary>
/// <param name="Pages">Pages of the file that are in use or free.</param>
/// <param name="UsedPages">Pages that tables are made of.</param>
/// <param name="FreePages">Pages for later writes; what is in them is of no interest.</param>
/// <param name="Entries">Entries of all tables.</param>
public readonly record struct LmdbFileCheck(long Pages, long UsedPages, long FreePages, long Entries);

/// <summary>
/// Checks how the file of a <see cref="LmdbStore"/> that nobody has open is put together, by reading it: the store itself trusts its pages, and a flipped bit in one
/// may make it find nothing, find something else, or end the process.
/// </summary>
/// <remarks>
/// Format of LMDB 0.9 on 64 bits. Page: number u64, pad u16, flags u16, lower u16, upper u16 (of an overflow page: pages u32), then an offset u16 a node. Node: size of the value u32, flags
/// u16, size of the key u16, key, value; in a branch page the first six bytes are the number of the child. Table: pad u32, flags u16, depth u16, three counts of pages,
/// entries, root, u64 each. The pages 0 and 1 hold the newest commit and the one before. Values are not looked at: whoever put them knows how to check them.
/// </remarks>
public sealed class LmdbFile
{
    private const uint Magic = 0xBEEFC0DE, FormatVersion = 1;
    private const int HeaderSize = 16, NodeHeaderSize = 8, TableSize = 48, MetaSize = 24 + (2 * TableSize) + 16, MaxKeySize = 511, MaxDepth = 32, SmallestPage = 512, LargestPage = 32768;
    private const ushort Branch = 1, Leaf = 2, Overflow = 4, Meta = 8;
    private const ushort BigValue = 1, SubTable = 2, NumberKeys = 8;
    private const ulong NoPage = ulong.MaxValue;
    private const string Advice = "restore the file from a backup, or remove its folder and sync again";

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly CancellationToken _cancellation;
    private readonly List<byte[]> _buffers = [];
    private BitArray _seen = new(0);
    private int _pageSize;
    private ulong _lastPage;
    private long _used, _free, _entries;

    private LmdbFile(string path, SafeFileHandle file, CancellationToken cancellation) => (_path, _file, _cancellation) = (path, file, cancellation);

    /// <summary>Checks the store in a folder.</summary>
    /// <param name="folder">As <see cref="LmdbStore.Open"/> takes it.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="StoreCorruptException">A page is not what it has to be; the message names it.</exception>
    /// <exception cref="IOException">There is no such file, or it cannot be read.</exception>
    public static LmdbFileCheck Verify(string folder, CancellationToken cancellation = default)
    {
        string path = Path.Combine(Path.GetFullPath(folder), "data.mdb");
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return new LmdbFile(path, file, cancellation).Verify();
    }

    private StoreCorruptException Bad(ulong page, string what) => new($"{_path}: page {page} (offset {page * (ulong)_pageSize}): {what}; {Advice}");

    private LmdbFileCheck Verify()
    {
        (byte[] meta, int at) = NewestMeta();
        _seen = new BitArray(checked((int)(_lastPage + 1)));
        _seen[0] = _seen[1] = true;
        ReadOnlySpan<byte> table = meta.AsSpan(at + 24);
        WalkTable(table[..TableSize], named: false, free: true);
        WalkTable(table.Slice(TableSize, TableSize), named: true, free: false);
        return new LmdbFileCheck((long)_lastPage + 1, _used, _free, _entries);
    }

    // the two commits take turns: that of number n is in page n & 1
    private (byte[] Page, int At) NewestMeta()
    {
        var first = new byte[SmallestPage];
        Read(first, 0);
        _pageSize = (int)BinaryPrimitives.ReadUInt32LittleEndian(first.AsSpan(HeaderSize + 24));
        if (_pageSize is < SmallestPage or > LargestPage || !int.IsPow2(_pageSize)) throw Bad(0, "this is no LMDB file, or its first page is damaged");
        var metas = new byte[2][];
        var numbers = new ulong[2];
        for (int i = 0; i < 2; i++)
        {
            byte[] page = metas[i] = new byte[_pageSize];
            Read(page, (long)i * _pageSize);
            ReadOnlySpan<byte> body = page.AsSpan(HeaderSize);
            if (BinaryPrimitives.ReadUInt64LittleEndian(page) != (ulong)i || FlagsOf(page) != Meta || BinaryPrimitives.ReadUInt32LittleEndian(body) != Magic
                || BinaryPrimitives.ReadUInt32LittleEndian(body[4..]) != FormatVersion || BinaryPrimitives.ReadUInt32LittleEndian(body[24..]) != (uint)_pageSize)
            {
                throw Bad((ulong)i, "it is no head of an LMDB file, or damaged");
            }

            numbers[i] = BinaryPrimitives.ReadUInt64LittleEndian(body[(MetaSize - 8)..]);
        }

        int newest = numbers[1] > numbers[0] ? 1 : 0;
        ulong number = numbers[newest];
        if (number > 0 && ((number & 1) != (ulong)newest || numbers[1 - newest] + 1 != number)) throw Bad((ulong)newest, $"the numbers of the last two commits, {numbers[0]} and {numbers[1]}, do not follow each other");
        _lastPage = BinaryPrimitives.ReadUInt64LittleEndian(metas[newest].AsSpan(HeaderSize + MetaSize - 16));
        long length = RandomAccess.GetLength(_file);
        if (_lastPage < 1 || _lastPage >= (ulong)(length / _pageSize)) throw Bad((ulong)newest, $"the last page is said to be {_lastPage}, and the file has {length / _pageSize}");
        return (metas[newest], HeaderSize);
    }

    private void Read(Span<byte> to, long offset)
    {
        if (RandomAccess.Read(_file, to, offset) != to.Length) throw new StoreCorruptException($"{_path}: the file ends at offset {RandomAccess.GetLength(_file)}, within a page; {Advice}");
    }

    private static ushort FlagsOf(ReadOnlySpan<byte> page) => BinaryPrimitives.ReadUInt16LittleEndian(page[10..]);

    private static ushort LowerOf(ReadOnlySpan<byte> page) => BinaryPrimitives.ReadUInt16LittleEndian(page[12..]);

    private static ushort UpperOf(ReadOnlySpan<byte> page) => BinaryPrimitives.ReadUInt16LittleEndian(page[14..]);

    private void Take(ulong page, ulong by, bool free)
    {
        if (page < 2 || page > _lastPage) throw Bad(by, $"it names page {page}, and there are the pages 2 to {_lastPage}");
        if (_seen[(int)page]) throw Bad(by, $"it names page {page}, which another one names too");
        _seen[(int)page] = true;
        if (free) _free++;
        else _used++;
    }

    /// <summary>A table's pages. The tables with names are entries of the one without.</summary>
    private void WalkTable(ReadOnlySpan<byte> table, bool named, bool free)
    {
        int depth = BinaryPrimitives.ReadUInt16LittleEndian(table[6..]);
        ulong entries = BinaryPrimitives.ReadUInt64LittleEndian(table[32..]), root = BinaryPrimitives.ReadUInt64LittleEndian(table[40..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(table[4..]) != (free ? NumberKeys : 0)) throw Bad(0, "a table has other flags than it was made with");
        if (root == NoPage)
        {
            if (entries != 0 || depth != 0) throw Bad(0, $"a table has no pages, but {entries} entries");
            return;
        }

        if (depth is 0 or > MaxDepth) throw Bad(root, $"a table is said to be {depth} pages high");
        long before = _entries;
        WalkPage(root, 0, depth, 1, null, null, named, free);
        if ((ulong)(_entries - before) < entries || (!named && (ulong)(_entries - before) != entries)) throw Bad(root, $"the table below it has {_entries - before} entries, and is said to have {entries}");
        if (free) _entries = before;
    }

    private byte[] BufferOf(int depth)
    {
        while (_buffers.Count <= depth) _buffers.Add(new byte[_pageSize]);
        return _buffers[depth];
    }

    // keys of the page are not below 'low', and below 'high'; null for no bound
    private void WalkPage(ulong number, ulong by, int depth, int level, byte[]? low, byte[]? high, bool named, bool free)
    {
        _cancellation.ThrowIfCancellationRequested();
        Take(number, by, false);
        byte[] page = named ? new byte[_pageSize] : BufferOf(level); // entries of the unnamed table lead to walks of their own
        Read(page, (long)number * _pageSize);
        int lower = LowerOf(page), upper = UpperOf(page);
        bool leaf = level == depth;
        if (BinaryPrimitives.ReadUInt64LittleEndian(page) != number || FlagsOf(page) != (leaf ? Leaf : Branch)) throw Bad(number, $"it is not the {(leaf ? "leaf" : "branch")} page that page {by} names");
        if (lower < HeaderSize || lower > upper || upper > _pageSize || (lower & 1) != 0) throw Bad(number, "its bounds make no sense");
        int count = (lower - HeaderSize) / 2;
        if (count == 0) throw Bad(number, "it has no entries");
        byte[]? last = null;
        for (int i = 0; i < count; i++)
        {
            int at = BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(HeaderSize + (2 * i)));
            if (at < upper || at + NodeHeaderSize > _pageSize) throw Bad(number, $"entry {i} lies outside");
            ReadOnlySpan<byte> node = page.AsSpan(at);
            int keySize = BinaryPrimitives.ReadUInt16LittleEndian(node[6..]);
            if (NodeHeaderSize + keySize > node.Length || keySize > MaxKeySize || (keySize == 0 && (leaf || i > 0))) throw Bad(number, $"the key of entry {i} has {keySize} bytes");
            byte[]? key = !leaf && i == 0 ? null : node.Slice(NodeHeaderSize, keySize).ToArray();
            if (key is not null && !free) CheckOrder(number, i, key, last, low, high);
            if (!leaf)
            {
                ulong child = BinaryPrimitives.ReadUInt32LittleEndian(node) | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(node[4..]) << 32);
                byte[]? next = i + 1 < count ? KeyOf(number, page, i + 1) : high;
                WalkPage(child, number, depth, level + 1, key ?? low, next, named, free);
            }
            else
            {
                WalkEntry(number, i, node, keySize, named, free);
            }

            last = key;
        }
    }

    private byte[] KeyOf(ulong number, byte[] page, int index)
    {
        int at = BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(HeaderSize + (2 * index)));
        if (at + NodeHeaderSize > _pageSize) throw Bad(number, $"entry {index} lies outside");
        int keySize = BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(at + 6));
        return at + NodeHeaderSize + keySize <= _pageSize ? page.AsSpan(at + NodeHeaderSize, keySize).ToArray() : throw Bad(number, $"the key of entry {index} has {keySize} bytes");
    }

    private void CheckOrder(ulong number, int index, byte[] key, byte[]? last, byte[]? low, byte[]? high)
    {
        if ((last is not null && key.AsSpan().SequenceCompareTo(last) <= 0) || (low is not null && key.AsSpan().SequenceCompareTo(low) < 0) || (high is not null && key.AsSpan().SequenceCompareTo(high) >= 0))
        {
            throw Bad(number, $"the key of entry {index}, {Hex.Encode(key)}, is out of order");
        }
    }

    private void WalkEntry(ulong number, int index, ReadOnlySpan<byte> node, int keySize, bool named, bool free)
    {
        _entries++;
        long size = BinaryPrimitives.ReadUInt32LittleEndian(node);
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(node[4..]);
        ReadOnlySpan<byte> there = node[(NodeHeaderSize + keySize)..];
        if ((flags & BigValue) == 0 ? size > there.Length : there.Length < 8) throw Bad(number, $"the value of entry {index} goes beyond it");
        if ((flags & ~(named ? BigValue | SubTable : BigValue)) != 0) throw Bad(number, $"entry {index} has the flags {flags}");
        if ((flags & SubTable) != 0)
        {
            if (flags != SubTable || size != TableSize) throw Bad(number, $"the table of entry {index} has {size} bytes");
            WalkTable(there[..TableSize], named: false, free: false);
            return;
        }

        if (named) throw Bad(number, $"entry {index} should be a table");
        byte[]? big = (flags & BigValue) == 0 ? null : WalkOverflow(number, index, BinaryPrimitives.ReadUInt64LittleEndian(there), size, free);
        if (free) TakeFree(number, index, big ?? there[..(int)size]);
    }

    // a value in pages of its own; read only where it is wanted
    private byte[]? WalkOverflow(ulong by, int index, ulong first, long size, bool wanted)
    {
        long pages = (HeaderSize - 1 + size) / _pageSize + 1;
        for (long i = 0; i < pages; i++) Take(first + (ulong)i, by, false);
        var head = new byte[HeaderSize];
        Read(head, (long)first * _pageSize);
        if (BinaryPrimitives.ReadUInt64LittleEndian(head) != first || FlagsOf(head) != Overflow || BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(12)) != pages)
        {
            throw Bad(first, $"it is not the value of {size} bytes that entry {index} of page {by} names");
        }

        if (!wanted) return null;
        var value = new byte[size];
        Read(value, ((long)first * _pageSize) + HeaderSize);
        return value;
    }

    // the pages that a commit left free: their number, then each
    private void TakeFree(ulong number, int index, ReadOnlySpan<byte> list)
    {
        if (list.Length < 8 || list.Length % 8 != 0 || BinaryPrimitives.ReadUInt64LittleEndian(list) > (ulong)(list.Length / 8) - 1) throw Bad(number, $"the list of free pages of entry {index} makes no sense");
        ulong count = BinaryPrimitives.ReadUInt64LittleEndian(list);
        for (ulong i = 1; i <= count; i++) Take(BinaryPrimitives.ReadUInt64LittleEndian(list[(int)(8 * i)..]), number, true);
    }
}
