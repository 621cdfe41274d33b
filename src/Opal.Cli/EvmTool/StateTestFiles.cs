using System.Formats.Tar;
using System.IO.Compression;

namespace Opal.Cli.EvmTool;

/// <summary>Finds the JSON files behind paths: a file, a folder (all .json below it, by name), or a .tar.gz of such a folder.</summary>
public static class StateTestFiles
{
    /// <summary>The files, read one at a time as the caller goes on.</summary>
    /// <exception cref="IOException">A path cannot be read.</exception>
    /// <exception cref="InvalidDataException">An archive is damaged.</exception>
    public static IEnumerable<(string Name, byte[] Json)> Read(IEnumerable<string> paths)
    {
        foreach (string path in paths)
        {
            if (Directory.Exists(path))
            {
                foreach (string file in Directory.EnumerateFiles(path, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                {
                    yield return (file, File.ReadAllBytes(file));
                }
            }
            else if (path.EndsWith(".tar.gz", StringComparison.Ordinal) || path.EndsWith(".tgz", StringComparison.Ordinal))
            {
                foreach ((string Name, byte[] Json) file in ReadArchive(path)) yield return file;
            }
            else
            {
                yield return (path, File.ReadAllBytes(path));
            }
        }
    }

    private static IEnumerable<(string Name, byte[] Json)> ReadArchive(string path)
    {
        using FileStream file = File.OpenRead(path);
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null || !entry.Name.EndsWith(".json", StringComparison.Ordinal)) continue;
            using var whole = new MemoryStream();
            entry.DataStream.CopyTo(whole);
            yield return (entry.Name, whole.ToArray());
        }
    }
}
