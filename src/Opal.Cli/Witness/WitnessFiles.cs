using System.IO.Compression;
using Opal.Cli.EvmTool;

namespace Opal.Cli.Witness;

/// <summary>Finds blocks with their witnesses behind paths: <c>N.json[.gz]</c> with <c>N.preimages.bin[.gz]</c> beside it, in folders and archives too.</summary>
public static class WitnessFiles
{
    private static readonly string[] DescriptionEndings = [".json.gz", ".json"];
    private static readonly string[] PreimageEndings = [".preimages.bin.gz", ".preimages.bin"];

    /// <summary>The blocks, each once, read as the caller goes on. What cannot be read is an entry that says why; the rest follows.</summary>
    public static IEnumerable<WitnessFile> Read(IEnumerable<string> paths)
    {
        var halves = new Dictionary<string, InputFile>(StringComparer.Ordinal);
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (InputFile file in InputFiles.Read(WithPartners(paths), name => StemOf(name) is not null))
        {
            string? stem = StemOf(file.Name);
            if (file.Problem is not null || stem is null)
            {
                if (stem is null || done.Add(stem)) yield return Fault(file.Name, file.Problem ?? "neither N.json[.gz] nor N.preimages.bin[.gz]");
                continue;
            }

            if (done.Contains(stem)) continue;
            if (!halves.Remove(stem, out InputFile other))
            {
                halves.Add(stem, file);
                continue;
            }

            if (IsDescription(other.Name) == IsDescription(file.Name))
            {
                halves.Add(stem, file);
                continue;
            }

            done.Add(stem);
            yield return IsDescription(file.Name) ? Join(stem, file, other) : Join(stem, other, file);
        }

        foreach ((string stem, InputFile half) in halves.OrderBy(h => h.Key, StringComparer.Ordinal))
        {
            if (!done.Contains(stem)) yield return Fault(half.Name, IsDescription(half.Name) ? "its pre-images (N.preimages.bin.gz) are missing" : "its description (N.json.gz) is missing");
        }
    }

    /// <summary>The paths, and after a file that is named itself the one that belongs to it.</summary>
    private static IEnumerable<string> WithPartners(IEnumerable<string> paths)
    {
        foreach (string path in paths)
        {
            yield return path;
            if (Directory.Exists(path) || StemOf(path) is not { } stem) continue;
            string[] endings = IsDescription(path) ? PreimageEndings : DescriptionEndings;
            if (endings.Select(ending => stem + ending).FirstOrDefault(File.Exists) is { } partner) yield return partner;
        }
    }

    private static bool IsDescription(string name) => DescriptionEndings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal));

    private static string? StemOf(string name)
    {
        string? ending = DescriptionEndings.Concat(PreimageEndings).FirstOrDefault(e => name.EndsWith(e, StringComparison.Ordinal));
        return ending is null ? null : name[..^ending.Length];
    }

    private static WitnessFile Fault(string path, string problem) => new(NameOf(StemOf(path) ?? path), path, [], [], problem);

    private static WitnessFile Join(string stem, InputFile description, InputFile preimages)
    {
        InputFile at = description;
        try
        {
            byte[] json = Unpack(description);
            at = preimages;
            return new WitnessFile(NameOf(stem), description.Name, json, Unpack(preimages));
        }
        catch (InvalidDataException e)
        {
            return Fault(at.Name, "not gzip, or damaged: " + e.Message);
        }
    }

    private static byte[] Unpack(InputFile file)
    {
        if (!file.Name.EndsWith(".gz", StringComparison.Ordinal)) return file.Content;
        using var gzip = new GZipStream(new MemoryStream(file.Content), CompressionMode.Decompress);
        using var whole = new MemoryStream();
        gzip.CopyTo(whole);
        return whole.ToArray();
    }

    /// <summary>The last folder and the name.</summary>
    private static string NameOf(string stem)
    {
        string[] parts = stem.Split('/', '\\', ':');
        return string.Join('/', parts.Where(p => p.Length > 0).TakeLast(2));
    }
}
