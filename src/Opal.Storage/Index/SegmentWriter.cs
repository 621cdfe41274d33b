using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Opal.Storage;

/// <summary>Writes a segment from front to back, under a temporary name until it is whole and durable.</summary>
internal sealed class SegmentWriter
{
    private const int BufferSize = 256 * SegmentHeader.PageSize;

    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly SafeFileHandle _file;
    private readonly byte[] _front;
    private int _used;
    private long _at;
    private int _page;

    private SegmentWriter(SafeFileHandle file, in SegmentHeader header)
    {
        _file = file;
        _at = header.BodyAt;
        _front = new byte[SegmentHeader.Size + (header.Pages * 4)];
    }

    /// <summary>Writes the segment of some adjacent parts.</summary>
    /// <param name="path">Where it will be.</param>
    /// <param name="hashCheck">See <see cref="SegmentHeader"/>.</param>
    /// <param name="stamp">See <see cref="SegmentHeader"/>.</param>
    /// <param name="parts">The parts, oldest first.</param>
    /// <param name="stop">Asked now and then whether to give up.</param>
    /// <returns>False when it gave up.</returns>
    public static bool TryWrite(string path, ulong hashCheck, uint stamp, IndexPart[] parts, Func<bool> stop)
    {
        long entries = parts.Sum(p => p.Entries.Count), keys = IndexMerge.KeysOf(parts).LongCount();
        var header = new SegmentHeader(hashCheck, parts[0].First, parts[^1].Last, entries, keys, parts[0].HasAddresses, stamp);
        string temporary = path + ".tmp";
        try
        {
            using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
            {
                if (!new SegmentWriter(file, header).TryWriteAll(header, parts, stop)) return false;
                RandomAccess.FlushToDisk(file);
            }

            StoreFolder.Publish(temporary, path);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private bool TryWriteAll(in SegmentHeader header, IndexPart[] parts, Func<bool> stop)
    {
        var bloom = new byte[header.BloomSize];
        long count = 0;
        foreach (Pair entry in IndexMerge.EntriesOf(parts))
        {
            Put(entry);
            Bloom.Add(bloom.AsSpan((int)Bloom.LineOf(entry.A, bloom.Length), Bloom.LineSize), entry.A);
            if ((++count & 0xffff) == 0 && stop()) return false;
        }

        foreach (Pair key in IndexMerge.KeysOf(parts))
        {
            Put(key);
            if ((++count & 0xffff) == 0 && stop()) return false;
        }

        if (header.HasAddresses)
        {
            foreach (IndexPart part in parts)
            {
                for (ulong block = part.First; block <= part.Last; block++) Put(part.AddressOf(block).Value);
            }
        }

        while ((_used & (Bloom.LineSize - 1)) != 0) Put(0);
        foreach (byte[] chunk in bloom.Chunk(Bloom.LineSize))
        {
            chunk.CopyTo(_buffer.AsSpan(_used));
            Advance(Bloom.LineSize);
        }

        while (_used % SegmentHeader.PageSize != 0) Put(0);
        Flush();
        header.Write(_front);
        StoreFolder.Write(_file, _front, 0);
        return true;
    }

    private void Put(Pair pair)
    {
        Put(pair.A);
        Put(pair.B);
    }

    private void Put(ulong word)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(_used), word);
        Advance(8);
    }

    private void Advance(int size)
    {
        _used += size;
        if (_used == BufferSize) Flush();
    }

    private void Flush()
    {
        for (int at = 0; at < _used; at += SegmentHeader.PageSize)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_front.AsSpan(SegmentHeader.Size + (4 * _page++)), Crc32C.Compute(_buffer.AsSpan(at, SegmentHeader.PageSize)));
        }

        StoreFolder.Write(_file, _buffer.AsSpan(0, _used), _at);
        _at += _used;
        _used = 0;
    }
}
