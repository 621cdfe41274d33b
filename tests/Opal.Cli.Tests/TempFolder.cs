using System.Formats.Tar;
using System.IO.Compression;

namespace Opal.Cli.Tests;

/// <summary>A folder of a test's own, gone afterwards.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("opal-cli-tests").FullName;

    public string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    public string Write(string name, byte[] content)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>An archive of files.</summary>
    public string Pack(string name, params (string Name, byte[] Content)[] files)
    {
        string path = PathOf(name);
        using FileStream file = File.Create(path);
        using var gzip = new GZipStream(file, CompressionMode.Compress);
        using var tar = new TarWriter(gzip);
        foreach ((string entry, byte[] content) in files) tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, entry) { DataStream = new MemoryStream(content) });
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
