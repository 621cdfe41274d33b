namespace Opal.Storage;

/// <summary>Small files that are written whole or not at all: a reader, or the next start, finds the old content or the new, and nothing in between.</summary>
public static class DurableFile
{
    /// <summary>Writes the content beside the file, makes it durable, and puts it in the file's place. Durable when it returns.</summary>
    /// <param name="path">The file; its folder is there.</param>
    /// <param name="content">All of it.</param>
    /// <exception cref="IOException">It could not be written (a full disk, say); the old content is still there.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        path = Path.GetFullPath(path);
        string temporary = path + ".tmp";
        using (var handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            StoreFolder.Write(handle, content, 0);
            RandomAccess.FlushToDisk(handle);
        }

        StoreFolder.Publish(temporary, path);
    }

    /// <summary>Makes a folder, and those above it, where there is none. Durable when it returns.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void CreateFolder(string path)
    {
        path = Path.GetFullPath(path);
        if (Directory.Exists(path)) return;
        string? parent = Path.GetDirectoryName(path);
        if (parent is not null) CreateFolder(parent);
        Directory.CreateDirectory(path);
        if (parent is not null) StoreFolder.Sync(parent);
    }
}
