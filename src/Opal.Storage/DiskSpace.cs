namespace Opal.Storage;

/// <summary>Room on the disk.</summary>
public static class DiskSpace
{
    /// <summary>Bytes that this user may still write to the disk on which a file or folder is, or would be.</summary>
    /// <param name="path">It need not exist.</param>
    public static long Free(string path)
    {
        for (string? at = Path.GetFullPath(path); at is not null; at = Path.GetDirectoryName(at))
        {
            if (Directory.Exists(at)) return new DriveInfo(at).AvailableFreeSpace;
        }

        throw new DirectoryNotFoundException(path);
    }
}
