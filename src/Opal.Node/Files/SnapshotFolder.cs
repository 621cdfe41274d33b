using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Node;

/// <summary>Derivation snapshots as files, one an L1 block. A file that is damaged, or of another rollup configuration, is left out and removed.</summary>
/// <remarks>A file: SHA-256 of what follows, SHA-256 of the rollup configuration, the snapshot.</remarks>
public sealed class SnapshotFolder
{
    private const string Ending = ".snapshot";
    private const int MaxFiles = 72;
    private const long MaxBytes = 64 << 20;
    private const long LargestSnapshot = 32 << 20;

    private readonly string _folder;
    private readonly RollupConfig _rollup;
    private readonly byte[] _configuration;

    /// <summary>A folder, made when there is none.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public SnapshotFolder(string folder, RollupConfig rollup)
    {
        _folder = Path.GetFullPath(folder);
        _rollup = rollup;
        _configuration = HashOf(rollup);
        Directory.CreateDirectory(_folder);
    }

    /// <summary>Reads all that is usable, oldest first.</summary>
    public List<DerivationSnapshot> Read()
    {
        var snapshots = new List<DerivationSnapshot>();
        foreach (string path in Files())
        {
            if (TryRead(path, out DerivationSnapshot? snapshot)) snapshots.Add(snapshot!);
            else File.Delete(path);
        }

        return snapshots;
    }

    /// <summary>Writes a snapshot, durably, and removes those of its L1 height and later ones, and the oldest beyond the limits.</summary>
    /// <returns>False: it is too large to be kept.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public bool Write(DerivationSnapshot snapshot)
    {
        byte[] encoded = snapshot.Encode();
        if (encoded.Length > LargestSnapshot) return false;
        byte[] content = [.. new byte[32], .. _configuration, .. encoded];
        SHA256.HashData(content.AsSpan(32), content);
        foreach (string path in Files())
        {
            if (NumberOf(path) > snapshot.Origin.Number) File.Delete(path);
        }

        DurableFile.Write(Path.Combine(_folder, snapshot.Origin.Number.ToString("D20", CultureInfo.InvariantCulture) + Ending), content);
        List<string> files = Files();
        long bytes = 0;
        for (int i = files.Count - 1; i >= 0; i--)
        {
            bytes += new FileInfo(files[i]).Length;
            if (files.Count - i > MaxFiles || (bytes > MaxBytes && i < files.Count - 1)) File.Delete(files[i]);
        }

        return true;
    }

    private List<string> Files() => [.. Directory.EnumerateFiles(_folder, "*" + Ending).Order(StringComparer.Ordinal)];

    private static ulong NumberOf(string path) => ulong.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : 0;

    private bool TryRead(string path, out DerivationSnapshot? snapshot)
    {
        snapshot = null;
        byte[] content = File.ReadAllBytes(path);
        if (content.Length < 64 || !SHA256.HashData(content.AsSpan(32)).AsSpan().SequenceEqual(content.AsSpan(0, 32))) return false;
        return content.AsSpan(32, 32).SequenceEqual(_configuration) && DerivationSnapshot.TryDecode(content.AsSpan(64), _rollup, out snapshot);
    }

    private static byte[] HashOf(RollupConfig rollup)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text)) RollupConfigFile.Write(writer, rollup);
        return SHA256.HashData(text.ToArray());
    }
}
