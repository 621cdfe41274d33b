using System.Buffers;
using System.Collections.Concurrent;

namespace Opal.Storage;

/// <summary>The frame log in files <c>NNNNNNNN.log</c> of a folder (<see cref="FrameFormat"/>). A frame is with the operating system when <see cref="Append"/> returns: killing the process loses none.</summary>
public sealed partial class FileFrameLog : IFrameLog
{
    private const int MaxOpenFiles = 128, FirstRead = 4096, CopyLimit = 1 << 20;

    private readonly string _folder;
    private readonly FileFrameLogOptions _options;
    private readonly Lock _writer = new();
    private readonly ConcurrentQueue<LogFile> _opened = new();
    private readonly Action<LogFile> _noteOpened;
    private volatile LogFile[] _files = []; // numbered without gaps; the last is written to
    private string? _broken;
    private bool _disposed;

    private FileFrameLog(string folder, FileFrameLogOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxFileSize, 1L << 30);
        _folder = folder;
        _options = options;
        _noteOpened = NoteOpened;
    }

    /// <inheritdoc/>
    public FrameAddress Begin => _files[0].AddressOf(FrameFormat.FileHeaderSize);

    /// <inheritdoc/>
    public FrameAddress End
    {
        get
        {
            LogFile last = _files[^1];
            return last.AddressOf(last.Length);
        }
    }

    /// <inheritdoc/>
    public long Size => _files.Sum(f => f.Length);

    /// <inheritdoc/>
    public FrameAddress Append(byte type, ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfZero(type);
        if ((uint)payload.Length > FrameFormat.MaxPayload) throw new ArgumentException($"a frame holds at most {FrameFormat.MaxPayload} bytes", nameof(payload));
        lock (_writer)
        {
            if (!_options.Compress || !FrameCompression.TryCompress(payload, out byte[] rented, out int size)) return AppendEncoded(type, FrameFormat.Plain, payload);
            try
            {
                return AppendEncoded(type, FrameFormat.Brotli, rented.AsSpan(0, size));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private FrameAddress AppendEncoded(byte type, byte codec, ReadOnlySpan<byte> payload)
    {
        CheckUsable();
        long size = FrameFormat.FrameHeaderSize + (long)payload.Length;
        if (_files[^1].Length > FrameFormat.FileHeaderSize && _files[^1].Length + size > _options.MaxFileSize) StartFile();
        LogFile file = _files[^1];
        long offset = file.Length;
        int copied = payload.Length <= CopyLimit ? payload.Length : 0;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FrameFormat.FrameHeaderSize + copied);
        try
        {
            FrameFormat.WriteHeader(buffer, file.Seed, (uint)offset, type, codec, payload);
            payload[..copied].CopyTo(buffer.AsSpan(FrameFormat.FrameHeaderSize));
            StoreFolder.Write(file.Handle, buffer.AsSpan(0, FrameFormat.FrameHeaderSize + copied), offset);
            if (copied < payload.Length) StoreFolder.Write(file.Handle, payload, offset + FrameFormat.FrameHeaderSize);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Undo(file, offset, error);
            throw new IOException($"{file.Path}: the frame could not be written ({error.Message}); the log is as it was before. Make room on the disk", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        file.Length = offset + size;
        return file.AddressOf(offset);
    }

    private void Undo(LogFile file, long length, Exception cause)
    {
        try
        {
            RandomAccess.SetLength(file.Handle, length);
        }
        catch (IOException error)
        {
            _broken = $"{file.Path}: a write failed ({cause.Message}) and could not be undone ({error.Message}); open the log again";
        }
    }

    private void CheckUsable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_broken is not null) throw new IOException(_broken);
    }

    /// <inheritdoc/>
    public void Sync()
    {
        lock (_writer)
        {
            CheckUsable();
            SyncFile(_files[^1]);
        }
    }

    // After a failed sync the system may have dropped the pages and call the next sync a success: only what is read again counts then.
    private void SyncFile(LogFile file)
    {
        try
        {
            RandomAccess.FlushToDisk(file.Handle);
        }
        catch (IOException error)
        {
            _broken = $"{file.Path}: the disk did not take what was written ({error.Message}); open the log again";
            throw new IOException(_broken, error);
        }
    }

    /// <inheritdoc/>
    public Frame Read(FrameAddress address)
    {
        if (FileOf(address) is not { } file) throw Bad(address, "there is no such file");
        return ReadFrame(file, address.Offset, file.Length);
    }

    /// <inheritdoc/>
    public IEnumerable<Frame> ReadFrom(FrameAddress address)
    {
        if (FileOf(address) is null) throw Bad(address, "there is no such file");
        return Walk(address);
    }

    private IEnumerable<Frame> Walk(FrameAddress address)
    {
        for (uint number = address.File; FileOf(new FrameAddress((ulong)number << 32)) is { } file; number++)
        {
            for (long offset = number == address.File ? address.Offset : FrameFormat.FileHeaderSize; ;)
            {
                long length = file.Length;
                if (offset >= length) break;
                Frame frame = ReadFrame(file, offset, length, out long next);
                yield return frame;
                offset = next;
            }
        }
    }

    private Frame ReadFrame(LogFile file, long offset, long length) => ReadFrame(file, offset, length, out _);

    private Frame ReadFrame(LogFile file, long offset, long length, out long next)
    {
        FrameAddress address = file.AddressOf(offset);
        next = 0;
        if (offset < FrameFormat.FileHeaderSize || offset + FrameFormat.FrameHeaderSize > length) throw Bad(address, "the file ends before it");
        byte[] first = ArrayPool<byte>.Shared.Rent(FirstRead);
        try
        {
            int there = (int)Math.Min(FirstRead, length - offset);
            if (!file.TryRead(first.AsSpan(0, there), offset, _noteOpened)) throw Bad(address, "the file ends before it");
            ReadOnlySpan<byte> header = first.AsSpan(0, FrameFormat.FrameHeaderSize);
            if (!FrameFormat.TryReadHeader(header, file.Seed, (uint)offset, out FrameFormat.Header frame)) throw Bad(address, "its header is damaged");
            next = offset + FrameFormat.FrameHeaderSize + frame.Length;
            if (next > length) throw Bad(address, "the file ends in it");
            byte[] payload = GC.AllocateUninitializedArray<byte>((int)frame.Length);
            int have = Math.Min(payload.Length, there - FrameFormat.FrameHeaderSize);
            first.AsSpan(FrameFormat.FrameHeaderSize, have).CopyTo(payload);
            if (have < payload.Length && !file.TryRead(payload.AsSpan(have), offset + FrameFormat.FrameHeaderSize + have, _noteOpened)) throw Bad(address, "the file ends in it");
            if (!FrameFormat.IsWhole(header, file.Seed, (uint)offset, payload)) throw Bad(address, "its checksum is wrong");
            if (frame.Codec == FrameFormat.Brotli) payload = FrameCompression.TryDecompress(payload) ?? throw Bad(address, "it does not decompress");
            return new Frame(address, frame.Type, payload);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(first);
        }
    }

    /// <summary>Reads bytes of an uncompressed payload, unverified: whoever put them there gave them checksums of their own. False when the file ends before.</summary>
    /// <param name="address">The frame.</param>
    /// <param name="at">The first byte, from the beginning of the payload.</param>
    /// <param name="to">As many bytes as wanted.</param>
    internal bool TryReadPart(FrameAddress address, uint at, Span<byte> to)
    {
        if (FileOf(address) is not { } file) return false;
        long offset = address.Offset + (long)FrameFormat.FrameHeaderSize + at;
        return offset + to.Length <= file.Length && file.TryRead(to, offset, _noteOpened);
    }

    /// <summary>Reads what there is of a frame's payload and what follows it, as much as fits: fewer bytes at the end of the file, 0 when there are none.</summary>
    /// <remarks>A cut of what lies behind may happen meanwhile: what is kept is read all the same.</remarks>
    internal int ReadUpTo(FrameAddress address, uint at, Span<byte> to)
    {
        while (true)
        {
            long there = BytesAfter(address) - FrameFormat.FrameHeaderSize - at;
            int size = (int)Math.Clamp(there, 0, to.Length);
            if (size == 0 || TryReadPart(address, at, to[..size])) return size;
            if (BytesAfter(address) - FrameFormat.FrameHeaderSize - at >= there) return 0; // not for want of a cut: the file is shorter than it was
        }
    }

    /// <summary>How many bytes the file of an address has beyond it; 0 when there is no such file.</summary>
    internal long BytesAfter(FrameAddress address) => FileOf(address) is { } file ? Math.Max(file.Length - address.Offset, 0) : 0;

    private LogFile? FileOf(FrameAddress address)
    {
        LogFile[] files = _files;
        uint index = address.File - files[0].Number;
        return index < (uint)files.Length ? files[index] : null;
    }

    private StoreCorruptException Bad(FrameAddress address, string why) =>
        new($"{LogFile.PathOf(_folder, address.File)}: no whole frame at offset {address.Offset}: {why}; restore the file from a backup, or remove the folder and sync again");

    /// <inheritdoc/>
    public void Truncate(FrameAddress end)
    {
        lock (_writer)
        {
            CheckUsable();
            if (end.Value >= End.Value) return;
            ArgumentOutOfRangeException.ThrowIfLessThan(end.Value, Begin.Value);
            LogFile[] files = _files;
            int index = (int)(end.File - files[0].Number);
            if (end.Offset > files[index].Length) throw new ArgumentOutOfRangeException(nameof(end), "no frame begins there");
            for (int i = files.Length - 1; i > index; i--)
            {
                _files = files[..i];
                files[i].Close();
                File.Delete(files[i].Path);
            }

            if (index < files.Length - 1) StoreFolder.Sync(_folder); // the later files are gone for good before the earlier one is shortened
            LogFile file = files[index];
            file.Length = end.Offset;
            file.Close();
            file.Open(FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.SetLength(file.Handle, end.Offset);
            SyncFile(file);
        }
    }

    /// <inheritdoc/>
    public void DropBefore(FrameAddress address)
    {
        lock (_writer)
        {
            CheckUsable();
            LogFile[] files = _files;
            int count = 0;
            while (count < files.Length - 1 && (files[count].Number < address.File || (files[count].Number == address.File && files[count].Length <= address.Offset))) count++;
            if (count == 0) return;
            _files = files[count..];
            for (int i = 0; i < count; i++) // the oldest first: a crash in between leaves no gap
            {
                files[i].Close();
                File.Delete(files[i].Path);
            }

            StoreFolder.Sync(_folder);
        }
    }

    private void NoteOpened(LogFile file)
    {
        _opened.Enqueue(file);
        while (_opened.Count > MaxOpenFiles && _opened.TryDequeue(out LogFile? oldest))
        {
            if (oldest != _files[^1]) oldest.Close();
        }
    }

    /// <summary>Closes the files. What was appended and not synced is with the operating system.</summary>
    public void Dispose()
    {
        lock (_writer)
        {
            if (_disposed) return;
            _disposed = true;
            foreach (LogFile file in _files) file.Close();
        }
    }
}
