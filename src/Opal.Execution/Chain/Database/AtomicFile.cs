namespace Opal.Execution;

/// <summary>Replaces small files so that a reader, or the next start, finds the old content or the new, and nothing in between.</summary>
internal static class AtomicFile
{
    /// <summary>Writes the content beside the file, makes it durable, and puts it in the file's place.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string beside = path + ".new";
        using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }
}
