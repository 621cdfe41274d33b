using Microsoft.Win32.SafeHandles;

namespace Opal.Storage;

/// <summary>One file of a log. It is opened when it is read; files that are not written to may be closed again at any time.</summary>
internal sealed class LogFile(string folder, uint number)
{
    private SafeFileHandle? _handle;
    private long _length;

    public uint Number => number;

    public string Path { get; } = PathOf(folder, number);

    /// <summary>The state of checksums before the offset.</summary>
    public uint Seed { get; set; }

    /// <summary>Bytes of whole frames and header; readers go no further.</summary>
    public long Length
    {
        get => Volatile.Read(ref _length);
        set => Volatile.Write(ref _length, value);
    }

    public FrameAddress AddressOf(long offset) => new(((ulong)number << 32) | (uint)offset);

    public static string PathOf(string folder, uint number) => System.IO.Path.Combine(folder, $"{number:d8}.log");

    public bool IsOpen => _handle is not null;

    public void Open(FileMode mode, FileAccess access) => _handle = File.OpenHandle(Path, mode, access, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>For the writer.</summary>
    public SafeFileHandle Handle => _handle ?? throw new ObjectDisposedException(Path);

    /// <summary>Reads bytes that are there; false when the file ends before, or is gone.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="offset">From where.</param>
    /// <param name="opened">Told when the file had to be opened.</param>
    public bool TryRead(Span<byte> to, long offset, Action<LogFile> opened)
    {
        while (true)
        {
            SafeFileHandle? handle = _handle;
            try
            {
                if (handle is null)
                {
                    handle = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                    if (Interlocked.CompareExchange(ref _handle, handle, null) is { } other)
                    {
                        handle.Dispose();
                        handle = other;
                    }
                    else
                    {
                        opened(this);
                    }
                }

                for (int done = 0; done < to.Length;)
                {
                    int read = RandomAccess.Read(handle, to[done..], offset + done);
                    if (read == 0) return false;
                    done += read;
                }

                return true;
            }
            catch (ObjectDisposedException)
            {
                // closed to keep the number of open files low: open it again
            }
            catch (FileNotFoundException)
            {
                return false;
            }
        }
    }

    public void Close() => Interlocked.Exchange(ref _handle, null)?.Dispose();
}
