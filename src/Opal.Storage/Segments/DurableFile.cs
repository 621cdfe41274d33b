using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Opal.Storage;

/// <summary>Small files that are there whole or not at all.</summary>
internal static partial class DurableFile
{
    /// <summary>What a file is called until it is whole; such files are left-overs after a crash.</summary>
    public const string UnfinishedSuffix = ".tmp";

    /// <summary>Writes a file under another name, makes it durable, and puts it in its place.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string unfinished = path + UnfinishedSuffix;
        try
        {
            using SafeFileHandle handle = File.OpenHandle(unfinished, FileMode.Create, FileAccess.Write);
            RandomAccess.Write(handle, content, 0);
            RandomAccess.FlushToDisk(handle);
        }
        catch (IOException)
        {
            TryDelete(unfinished);
            throw;
        }

        File.Move(unfinished, path, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (IOException)
        {
            // the next start removes it
        }
    }

    /// <summary>Makes names in a directory durable: those made, moved and removed.</summary>
    public static void SyncDirectory(string directory)
    {
        int descriptor = Open(directory, 0);
        if (descriptor < 0) throw new IOException($"the directory {directory} cannot be opened: error {Marshal.GetLastPInvokeError()}");
        try
        {
            if (FSync(descriptor) != 0) throw new IOException($"the directory {directory} cannot be made durable: error {Marshal.GetLastPInvokeError()}");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
