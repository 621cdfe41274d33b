using System.Formats.Tar;
using System.IO.Compression;

namespace Opal.Cli.EvmTool;

/// <summary>Finds the files behind paths: a file, a folder (all files below it with the wanted endings, by name), or a .tar.gz of such a folder.</summary>
public static class InputFiles
{
    /// <summary>The files, read one at a time as the caller goes on. What cannot be read is one entry that says why; the rest follows.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="wanted">Whether a file of a folder or an archive is wanted, by its name. A file that is named itself always is.</param>
    public static IEnumerable<InputFile> Read(IEnumerable<string> paths, Func<string, bool> wanted)
    {
        foreach (string path in paths)
        {
            IEnumerable<InputFile> files = Directory.Exists(path) ? ReadFolder(path, wanted)
                : IsArchive(path) ? ReadArchive(path, wanted)
                : [ReadFile(path)];
            foreach (InputFile file in files) yield return file;
        }
    }

    /// <summary>The JSON files.</summary>
    public static IEnumerable<InputFile> ReadJson(IEnumerable<string> paths) => Read(paths, name => name.EndsWith(".json", StringComparison.Ordinal));

    private static bool IsArchive(string path) => path.EndsWith(".tar.gz", StringComparison.Ordinal) || path.EndsWith(".tgz", StringComparison.Ordinal);

    private static IEnumerable<InputFile> ReadFolder(string folder, Func<string, bool> wanted)
    {
        string[] files;
        string? problem = null;
        try
        {
            files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(wanted).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (IsReadFault(e))
        {
            (files, problem) = ([], e.Message);
        }

        if (problem is not null) yield return new InputFile(folder, [], problem);
        foreach (string file in files) yield return ReadFile(file);
    }

    private static InputFile ReadFile(string path)
    {
        try
        {
            return new InputFile(path, File.ReadAllBytes(path));
        }
        catch (Exception e) when (IsReadFault(e))
        {
            return new InputFile(path, [], e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file or folder" : e.Message);
        }
    }

    private static IEnumerable<InputFile> ReadArchive(string path, Func<string, bool> wanted)
    {
        TarReader? tar = null;
        try
        {
            while (TryNext(path, wanted, ref tar, out InputFile file))
            {
                yield return file;
                if (file.Problem is not null) yield break;
            }
        }
        finally
        {
            tar?.Dispose();
        }
    }

    private static bool TryNext(string path, Func<string, bool> wanted, ref TarReader? tar, out InputFile file)
    {
        file = default;
        try
        {
            tar ??= new TarReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.DataStream is null || !wanted(entry.Name)) continue;
                using var whole = new MemoryStream();
                entry.DataStream.CopyTo(whole);
                file = new InputFile($"{path}:{entry.Name}", whole.ToArray());
                return true;
            }

            return false;
        }
        catch (FileNotFoundException)
        {
            file = new InputFile(path, [], "there is no such file or folder");
            return true;
        }
        catch (Exception e) when (IsReadFault(e))
        {
            file = new InputFile(path, [], "the archive is damaged: " + e.Message);
            return true;
        }
    }

    private static bool IsReadFault(Exception e) => e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or NotSupportedException;
}
