using System.Formats.Tar;
using System.IO.Compression;

namespace Opal.Testing;

/// <summary>Finds the official test vectors: <c>OPAL_VECTORS</c>, else <c>../shared/vectors</c> beside the repository.</summary>
public static class Vectors
{
    /// <summary>The folder that holds Opal.slnx.</summary>
    public static string RepositoryRoot { get; } = FindRepository();

    /// <summary>The folder, or null where there are none (a stranger's clone).</summary>
    public static string? Root { get; } = Find();

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("OPAL_VECTORS") is { Length: > 0 } named)
        {
            return Directory.Exists(named) ? named : throw new DirectoryNotFoundException($"OPAL_VECTORS names {named}, which is not there");
        }

        string beside = Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", "vectors"));
        return Directory.Exists(beside) ? beside : null;
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Opal.slnx"))) return at.FullName;
        }

        throw new DirectoryNotFoundException("the tests run from inside the repository");
    }

    /// <summary>A file under the vectors' root.</summary>
    public static string PathOf(string relative) => Path.Combine(Root ?? throw new DirectoryNotFoundException("no test vectors"), relative);

    /// <summary>Reads a file, through gzip when its name ends in .gz.</summary>
    public static byte[] Read(string relative)
    {
        byte[] raw = File.ReadAllBytes(PathOf(relative));
        if (!relative.EndsWith(".gz", StringComparison.Ordinal)) return raw;
        using var gzip = new GZipStream(new MemoryStream(raw), CompressionMode.Decompress);
        using var whole = new MemoryStream();
        gzip.CopyTo(whole);
        return whole.ToArray();
    }

    /// <summary>The regular files of a .tar.gz, in archive order.</summary>
    public static IEnumerable<(string Name, byte[] Data)> ReadArchive(string relative)
    {
        using FileStream file = File.OpenRead(PathOf(relative));
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.DataStream is null) continue;
            using var whole = new MemoryStream();
            entry.DataStream.CopyTo(whole);
            yield return (entry.Name, whole.ToArray());
        }
    }
}

/// <summary>A test that needs the official vectors. Where there are none it is reported as not run; with CI=true that is a failure.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class VectorFactAttribute : Xunit.FactAttribute
{
    public VectorFactAttribute()
    {
        if (Vectors.Root is null && Environment.GetEnvironmentVariable("CI") != "true") Skip = "no test vectors here (OPAL_VECTORS)";
    }
}

/// <summary>A theory that needs the official vectors; see <see cref="VectorFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class VectorTheoryAttribute : Xunit.TheoryAttribute
{
    public VectorTheoryAttribute()
    {
        if (Vectors.Root is null && Environment.GetEnvironmentVariable("CI") != "true") Skip = "no test vectors here (OPAL_VECTORS)";
    }
}
