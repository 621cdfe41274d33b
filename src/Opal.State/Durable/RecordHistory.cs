using System.Numerics;
using Opal.Primitives;
using Opal.State.Flat;
using Opal.Storage;
using Opal.Trie;

namespace Opal.State.Durable;

/// <summary>
/// The past of branch records, kept reference by reference: where existence, extension or masks of a record change, its old header
/// is an entry; where the reference of a child that there was changes or goes, the old reference is one. Nothing is kept of
/// children that there were not.
/// </summary>
/// <remarks>A block that changes a leaf changes one reference in each record above it: entries are a tenth of the records' size.</remarks>
internal static class RecordHistory
{
    /// <summary>The last byte of a header's key; a reference's is <see cref="FirstReference"/> plus the digit.</summary>
    public const byte Header = 0;

    public const byte FirstReference = 1;

    private const int FixedHeaderSize = 6;

    /// <summary>A record's header: [extension length][0][mask][leaf mask](extension digits). Gives its size back.</summary>
    public static int WriteHeader(Span<byte> to, ReadOnlySpan<byte> record)
    {
        int size = FixedHeaderSize + ((record[0] + 1) >> 1);
        record[..size].CopyTo(to);
        to[1] = 0; // whether references have length bytes shows in the references
        return size;
    }

    /// <summary>Adds the entries of one record that a block changed.</summary>
    /// <param name="block">The entries of the block, in ascending order of keys.</param>
    /// <param name="owner">The trie.</param>
    /// <param name="path">The record's key in its table.</param>
    /// <param name="before">The record before the block; empty for none.</param>
    /// <param name="after">The record after it; empty for none.</param>
    /// <exception cref="StoreCorruptException">The record before is damaged.</exception>
    public static void Add(HistoryBlock block, in Hash256 owner, ReadOnlySpan<byte> path, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        Span<byte> key = stackalloc byte[HistoryKeys.MaxSize], oldHeader = stackalloc byte[FixedHeaderSize + 32], newHeader = stackalloc byte[FixedHeaderSize + 32];
        int last = HistoryKeys.Write(key, owner, path);
        key = key[..(last + 1)];
        key[last] = Header;
        if (before.IsEmpty)
        {
            if (!after.IsEmpty) block.Add(key, default);
            return;
        }

        BranchRecord old = OpenRecord(owner, path, before), now = default;
        oldHeader = oldHeader[..WriteHeader(oldHeader, before)];
        if (!after.IsEmpty)
        {
            now = OpenRecord(owner, path, after);
            newHeader = newHeader[..WriteHeader(newHeader, after)];
        }

        if (after.IsEmpty || !oldHeader.SequenceEqual(newHeader)) block.Add(key, oldHeader);
        for (uint mask = old.Mask; mask != 0; mask &= mask - 1)
        {
            int digit = BitOperations.TrailingZeroCount(mask);
            ReadOnlySpan<byte> reference = old.Reference(digit);
            if (!after.IsEmpty && (now.Mask & (1 << digit)) != 0 && reference.SequenceEqual(now.Reference(digit))) continue;
            key[last] = (byte)(FirstReference + digit);
            block.Add(key, reference);
        }
    }

    public static BranchRecord OpenRecord(scoped in Hash256 owner, scoped ReadOnlySpan<byte> path, ReadOnlySpan<byte> bytes) =>
        BranchRecord.TryOpen(bytes, out BranchRecord record) ? record : throw new StoreCorruptException($"{StateSchema.Name(owner, Table.Branches, path)}: a damaged trie record; stop the node and run 'opal db verify'");

    /// <summary>A record as it was after an old block.</summary>
    /// <param name="log">The history of references.</param>
    /// <param name="owner">The trie.</param>
    /// <param name="path">The record's key in its table.</param>
    /// <param name="after">The block.</param>
    /// <param name="upTo">The block of <paramref name="current"/>.</param>
    /// <param name="current">The record there; empty for none.</param>
    /// <param name="record">Takes the old record; at least <see cref="BranchRecord.MaxSize"/> bytes.</param>
    /// <returns>The size of the old record; 0 when there was none.</returns>
    /// <exception cref="StoreCorruptException">History and record do not fit together.</exception>
    public static int Read(IHistoryLog log, in Hash256 owner, ReadOnlySpan<byte> path, ulong after, ulong upTo, ReadOnlySpan<byte> current, Span<byte> record)
    {
        Span<byte> key = stackalloc byte[HistoryKeys.MaxSize];
        int last = HistoryKeys.Write(key, owner, path);
        key = key[..(last + 1)];
        key[last] = Header;
        var rebuilt = new RecordRebuild(owner, path, current);
        if (log.TryFind(key, after, upTo, out ReadOnlyMemory<byte> header)) rebuilt.SetHeader(header.Span);
        for (uint mask = rebuilt.Mask; mask != 0; mask &= mask - 1)
        {
            int digit = BitOperations.TrailingZeroCount(mask);
            key[last] = (byte)(FirstReference + digit);
            if (log.TryFind(key, after, upTo, out ReadOnlyMemory<byte> reference)) rebuilt.SetReference(digit, reference.Span);
        }

        return rebuilt.Write(record);
    }
}

/// <summary>A record with some of its parts set back to what they were.</summary>
internal ref struct RecordRebuild
{
    private readonly Hash256 _owner;
    private readonly ReadOnlySpan<byte> _path;
    private readonly BranchRecord _current;
    private References _references;
    private ReadOnlySpan<byte> _header;
    private uint _set;

    [System.Runtime.CompilerServices.InlineArray(16 * (1 + Hash256.Size))]
    private struct References
    {
        private byte _first;
    }

    /// <param name="owner">The trie, for messages.</param>
    /// <param name="path">The record's key, for messages.</param>
    /// <param name="current">The record to begin with; empty for none.</param>
    public RecordRebuild(in Hash256 owner, ReadOnlySpan<byte> path, ReadOnlySpan<byte> current)
    {
        _owner = owner;
        _path = path;
        if (current.IsEmpty) return;
        _current = RecordHistory.OpenRecord(owner, path, current);
        _header = current[..(6 + _current.ExtensionDigits.Length)];
    }

    /// <summary>Which children there are.</summary>
    public readonly uint Mask => _header.IsEmpty ? 0u : (uint)((_header[2] << 8) | _header[3]);

    /// <summary>Sets the header; empty when there was no record.</summary>
    public void SetHeader(ReadOnlySpan<byte> header)
    {
        if (!header.IsEmpty && (header.Length < 6 || header[0] > 63 || header.Length != 6 + ((header[0] + 1) >> 1))) throw Damaged();
        _header = header;
    }

    public void SetReference(int digit, ReadOnlySpan<byte> reference)
    {
        if (reference.Length is 0 or > Hash256.Size) throw Damaged();
        Span<byte> place = Place(ref _references, digit);
        place[0] = (byte)reference.Length;
        reference.CopyTo(place[1..]);
        _set |= 1u << digit;
    }

    private static Span<byte> Place(scoped ref References references, int digit)
    {
        Span<byte> all = System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref System.Runtime.CompilerServices.Unsafe.As<References, byte>(ref references), 16 * (1 + Hash256.Size));
        return all.Slice(digit * (1 + Hash256.Size), 1 + Hash256.Size);
    }

    /// <summary>Writes the record and gives its size back; 0 when there was none.</summary>
    public int Write(Span<byte> record)
    {
        if (_header.IsEmpty) return 0;
        uint mask = Mask;
        bool inline = false;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int digit = BitOperations.TrailingZeroCount(rest);
            if ((_set & (1u << digit)) == 0)
            {
                if ((_current.Mask & (1 << digit)) == 0) throw Damaged();
                SetReference(digit, _current.Reference(digit));
            }

            inline |= Place(ref _references, digit)[0] != Hash256.Size;
        }

        _header.CopyTo(record);
        record[1] = inline ? (byte)1 : (byte)0;
        int at = _header.Length;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            ReadOnlySpan<byte> place = Place(ref _references, BitOperations.TrailingZeroCount(rest));
            ReadOnlySpan<byte> reference = inline ? place[..(1 + place[0])] : place[1..];
            reference.CopyTo(record[at..]);
            at += reference.Length;
        }

        if (!BranchRecord.TryOpen(record[..at], out _)) throw Damaged();
        return at;
    }

    private readonly StoreCorruptException Damaged() =>
        new($"history of {StateSchema.Name(_owner, Table.Branches, _path)}: it does not fit the record; remove the directory of the trie history to go on without older proofs");
}

/// <summary>The entries of one block of a history, gathered in one buffer. For use again and again.</summary>
internal sealed class HistoryBlock
{
    private const int FirstSize = 16 * 1024;

    private readonly List<(int Key, int Value, int End)> _places = [];
    private byte[] _bytes = new byte[FirstSize];
    private HistoryEntry[] _entries = [];
    private int _size;

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> oldValue)
    {
        int size = key.Length + oldValue.Length;
        if (_size + size > _bytes.Length) Array.Resize(ref _bytes, (int)BitOperations.RoundUpToPowerOf2((uint)(_size + size)));
        key.CopyTo(_bytes.AsSpan(_size));
        oldValue.CopyTo(_bytes.AsSpan(_size + key.Length));
        _places.Add((_size, _size + key.Length, _size + size));
        _size += size;
    }

    /// <summary>Appends the block to a history, and begins anew.</summary>
    public void Append(IHistoryLog log, ulong number, ReadOnlySpan<byte> label)
    {
        if (_entries.Length < _places.Count) _entries = new HistoryEntry[_places.Count * 2];
        for (int i = 0; i < _places.Count; i++)
        {
            (int key, int value, int end) = _places[i];
            _entries[i] = new HistoryEntry(_bytes.AsMemory(key, value - key), _bytes.AsMemory(value, end - value));
        }

        log.Append(number, label, _entries.AsSpan(0, _places.Count));
        Clear();
    }

    public void Clear()
    {
        _places.Clear();
        _size = 0;
        if (_bytes.Length > 16 << 20) _bytes = new byte[FirstSize];
    }
}
