using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Opal.Storage;

/// <summary>What a crash-safe store asks of a folder.</summary>
internal static unsafe partial class StoreFolder
{
    private const int ReadOnlyFolder = 0x10000; // O_DIRECTORY of Linux

    /// <summary>Makes durable which files the folder has.</summary>
    public static void Sync(string folder)
    {
        int descriptor;
        fixed (byte* path = Encoding.UTF8.GetBytes(folder + '\0')) descriptor = open(path, OperatingSystem.IsLinux() ? ReadOnlyFolder : 0);
        if (descriptor < 0) throw Failed(folder);
        int result = fsync(descriptor);
        IOException? error = result == 0 ? null : Failed(folder);
        _ = close(descriptor);
        if (error is not null) throw error;
    }

    /// <summary>Writes all bytes at an offset.</summary>
    /// <exception cref="IOException">They do not fit.</exception>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(file, bytes, offset);
        }
        catch (ArgumentOutOfRangeException error) // how .NET tells EFBIG
        {
            throw new IOException(error.Message, error);
        }
    }

    /// <summary>Gives a file that is written and synced its name. Durable when it returns.</summary>
    public static void Publish(string temporary, string path)
    {
        File.Move(temporary, path, true);
        Sync(Path.GetDirectoryName(path)!);
    }

    private static IOException Failed(string folder)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"{folder}: {error.Message}", error);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
