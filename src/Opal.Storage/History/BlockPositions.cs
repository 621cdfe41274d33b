using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Opal.Storage;

/// <summary>Where each block's frame is: a file of 8 bytes a block after a header with the first block's number. It is made anew from the log when it is not right.</summary>
internal sealed class BlockPositions : IDisposable
{
    private const int HeaderSize = 16;
    private const ulong Magic = 0x31534f504c41504f;
    private readonly SafeFileHandle _handle;
    private ulong _first;
    private long _count;

    public BlockPositions(string path)
    {
        _handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        Span<byte> header = stackalloc byte[HeaderSize];
        long length = RandomAccess.GetLength(_handle);
        if (length >= HeaderSize && RandomAccess.Read(_handle, header, 0) == HeaderSize && BinaryPrimitives.ReadUInt64LittleEndian(header) == Magic)
        {
            _first = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
            _count = (length - HeaderSize) / 8;
        }
    }

    /// <summary>How many blocks it has, from <see cref="First"/> on.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The number of the first block it has.</summary>
    public ulong First => Volatile.Read(ref _first);

    /// <summary>Forgets all and begins with a block.</summary>
    public void Reset(ulong first)
    {
        Volatile.Write(ref _count, 0);
        Volatile.Write(ref _first, first);
        RandomAccess.SetLength(_handle, 0);
        Span<byte> header = stackalloc byte[HeaderSize];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], first);
        RandomAccess.Write(_handle, header, 0);
    }

    public void Add(FrameAddress address)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, address.Value);
        RandomAccess.Write(_handle, bytes, HeaderSize + (8 * _count));
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>Keeps the first so many.</summary>
    public void Truncate(long count)
    {
        Volatile.Write(ref _count, count);
        RandomAccess.SetLength(_handle, HeaderSize + (8 * count));
    }

    /// <summary>Where a block's frame is; the block must be in.</summary>
    public FrameAddress this[ulong number]
    {
        get
        {
            Span<byte> bytes = stackalloc byte[8];
            if (RandomAccess.Read(_handle, bytes, HeaderSize + (8 * (long)(number - First))) != 8) throw new StoreCorruptException("the positions of a history are shorter than its log: delete the file 'positions' beside the log and start again");
            return new FrameAddress(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }
    }

    public void Dispose() => _handle.Dispose();
}
