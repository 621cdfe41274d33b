using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Node;

/// <summary>
/// Every blob that the node has read, in a folder: a file a blob by versioned hash, a file a slot that lists its blobs, and the beacon chain's clock. Each file is
/// written whole or not at all: the clock, then blobs, then the slot that names them. A damaged file counts as absent. One process at a time; any number of threads.
/// </summary>
/// <remarks><c>archive.json</c>, <c>blobs/AB/HASH.blob</c> (AB: the hash's second byte), <c>slots/GROUP/SLOT.slot</c> (8,192 slots a group).</remarks>
public sealed class BlobArchive : IDisposable
{
    private const int SlotsPerGroupBits = 13;

    private readonly string _folder;
    private readonly ulong _l1ChainId;
    private readonly IBlobCommitments _kzg;
    private readonly ILogger _logger;
    private readonly FileStream _exclusive;
    private readonly Lock _writer = new();
    private readonly Meter _meter;
    private long _count;

    private BlobArchive(string folder, ulong l1ChainId, IBlobCommitments kzg, ILogger logger, FileStream exclusive)
    {
        (_folder, _l1ChainId, _kzg, _logger, _exclusive) = (folder, l1ChainId, kzg, logger, exclusive);
        _meter = new Meter(new MeterOptions("Opal.Node.BlobArchive") { Tags = [new KeyValuePair<string, object?>("l1.chain.id", l1ChainId)] });
        _meter.CreateObservableGauge("opal.node.blob_archive.blobs", () => Count, "{blob}", "Blobs kept in the archive");
        _meter.CreateObservableGauge("opal.node.blob_archive.bytes", () => Bytes, "By", "Bytes of their files");
    }

    /// <summary>The beacon chain's clock; null before the first blob was kept.</summary>
    public BeaconClock? Clock { get; private set; }

    /// <summary>The L1 chain whose blobs these are.</summary>
    public ulong L1ChainId => _l1ChainId;

    /// <summary>Blobs kept; damaged ones among them.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Bytes of the blobs' files.</summary>
    public long Bytes => Count * BlobFile.Size;

    /// <summary>Opens an archive, or makes one. Its files are counted, not read.</summary>
    /// <param name="folder">Made when there is none.</param>
    /// <param name="l1ChainId">The L1 chain.</param>
    /// <param name="kzg">Checks what is read.</param>
    /// <param name="logger">Told of damaged files.</param>
    /// <exception cref="IOException">The folder cannot be used, or another process uses it.</exception>
    /// <exception cref="StoreCorruptException">The archive is of another L1 chain, or <c>archive.json</c> is damaged.</exception>
    public static BlobArchive Open(string folder, ulong l1ChainId, IBlobCommitments kzg, ILogger logger)
    {
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        var archive = new BlobArchive(folder, l1ChainId, kzg, logger, Lock(folder));
        try
        {
            archive.ReadClock();
            archive.CountFiles();
            return archive;
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <summary>Finds a blob by versioned hash. Null: there is none, or its file is damaged, which the log tells with the file's name.</summary>
    public VerifiedBlob? Find(in Hash256 hash)
    {
        string path = PathOf(hash);
        if (ReadFile(path) is not { } file) return null;
        VerifiedBlob? blob = BlobFile.Decode(file, out string? fault);
        if (blob is not null && (VerifiedBlob.VersionedHash(blob.Commitment) != hash || !_kzg.Verify([blob.Blob], [blob.Commitment], [blob.Proof!]))) fault = "what is in it has another versioned hash";
        if (fault is null) return blob;
        _logger.LogError("{File} is damaged ({Fault}): the blob counts as absent, and is written again when a Beacon node gives it", path, fault);
        return null;
    }

    /// <summary>The blobs kept of a slot, by index, without those whose file is damaged; empty when there are none.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="pick">Which of them to read.</param>
    public IReadOnlyList<ArchivedBlob> OfSlot(ulong slot, Func<int, Hash256, bool> pick)
    {
        var blobs = new List<ArchivedBlob>();
        foreach ((int index, Hash256 hash) in Listed(slot))
        {
            if (pick(index, hash) && Find(hash) is { } content) blobs.Add(new ArchivedBlob(index, hash, content));
        }

        return blobs;
    }

    /// <summary>Whether blobs of a slot are kept.</summary>
    public bool HasSlot(ulong slot) => Listed(slot).Count > 0;

    /// <summary>Keeps the blobs of a slot. Durable when it returns.</summary>
    /// <param name="clock">The clock that the slot was found by.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="blobs">What the slot is known to have. A blob with the index of an earlier one takes its place: L1 was reorganised.</param>
    /// <param name="fetched">Those that did not come from here, and are to be written.</param>
    /// <exception cref="IOException">It could not be written (a full disk, say); what is there is whole.</exception>
    public void Keep(BeaconClock clock, ulong slot, IReadOnlyList<ArchivedBlob> blobs, IReadOnlySet<Hash256> fetched)
    {
        ArchivedBlob[] toWrite = [.. blobs.Where(blob => fetched.Contains(blob.VersionedHash)).DistinctBy(blob => blob.VersionedHash)];
        byte[][] proofs = new byte[toWrite.Length][];
        Parallel.For(0, toWrite.Length, KzgThreads.Options, i => proofs[i] = ProofOf(toWrite[i]));
        lock (_writer)
        {
            if (Clock is null) WriteClock(clock); // first: whatever else a kill leaves undone is done when derivation asks again
            for (int i = 0; i < toWrite.Length; i++) Write(toWrite[i], proofs[i]);
            SortedDictionary<int, Hash256> listed = Listed(slot);
            if (blobs.Any(blob => !listed.TryGetValue(blob.Index, out Hash256 known) || known != blob.VersionedHash))
            {
                foreach (ArchivedBlob blob in blobs) listed[blob.Index] = blob.VersionedHash;
                string path = PathOf(slot);
                DurableFile.CreateFolder(Path.GetDirectoryName(path)!);
                DurableFile.Write(path, SlotFile.Encode(listed));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _meter.Dispose();
        _exclusive.Dispose();
    }

    private static FileStream Lock(string folder)
    {
        string path = Path.Combine(folder, "LOCK");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new IOException($"the blob archive {folder} is used by another process; give this one a folder of its own (--blob-archive), or read that one's Beacon API", error);
        }
    }

    private byte[]? ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _logger.LogError("{File} cannot be read and counts as absent: {Reason}", path, error.Message);
            return null;
        }
    }

    private byte[] ProofOf(ArchivedBlob blob)
    {
        if (blob.Content.Proof is { } known) return known;
        byte[] proof = new byte[BlobSidecar.CommitmentSize];
        return _kzg.TryProve(blob.Content.Blob, blob.Content.Commitment, proof) ? proof : throw new InvalidOperationException($"the verified blob {blob.VersionedHash} has no proof");
    }

    private void Write(ArchivedBlob blob, byte[] proof)
    {
        string path = PathOf(blob.VersionedHash);
        bool isNew = !File.Exists(path); // else it was damaged, or another fetch was faster
        DurableFile.CreateFolder(Path.GetDirectoryName(path)!);
        DurableFile.Write(path, BlobFile.Encode(blob.Content, proof));
        if (isNew) Interlocked.Increment(ref _count);
    }

    private SortedDictionary<int, Hash256> Listed(ulong slot)
    {
        string path = PathOf(slot);
        if (ReadFile(path) is not { } file) return [];
        if (SlotFile.Decode(file) is { } listed) return listed;
        _logger.LogError("{File} is damaged: its slot counts as empty until its blobs are read again", path);
        return [];
    }

    private string PathOf(in Hash256 hash)
    {
        string name = hash.ToString()[2..];
        return Path.Combine(_folder, "blobs", name[2..4], name + ".blob");
    }

    private string PathOf(ulong slot) =>
        Path.Combine(_folder, "slots", (slot >> SlotsPerGroupBits).ToString("D8", CultureInfo.InvariantCulture), slot.ToString("D12", CultureInfo.InvariantCulture) + ".slot");

    private void CountFiles()
    {
        foreach (string part in (string[])["blobs", "slots"])
        {
            string folder = Path.Combine(_folder, part);
            DurableFile.CreateFolder(folder);
            foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            {
                if (path.EndsWith(".tmp", StringComparison.Ordinal)) File.Delete(path); // a write that a kill cut off
                else if (path.EndsWith(".blob", StringComparison.Ordinal)) _count++;
            }
        }
    }

    private string ClockPath => Path.Combine(_folder, "archive.json");

    private void WriteClock(BeaconClock clock)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("l1_chain_id"u8, _l1ChainId);
            json.WriteNumber("genesis_time"u8, clock.GenesisTime);
            json.WriteNumber("seconds_per_slot"u8, clock.SecondsPerSlot);
            json.WriteEndObject();
        }

        DurableFile.Write(ClockPath, text.ToArray());
        Clock = clock;
    }

    private void ReadClock()
    {
        if (ReadFile(ClockPath) is not { } text) return;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            var json = new JsonValue(document.RootElement, "archive.json");
            ulong chain = json["l1_chain_id"].AsLooseUInt64(), seconds = json["seconds_per_slot"].AsLooseUInt64();
            if (chain != _l1ChainId) throw new StoreCorruptException($"the blob archive {_folder} is of L1 chain {chain}, but the rollup's L1 is chain {_l1ChainId}; give another folder (--blob-archive)");
            if (seconds == 0) throw new StoreCorruptException($"{ClockPath}: a slot of no length; remove the file, and it is written again");
            Clock = new BeaconClock(json["genesis_time"].AsLooseUInt64(), seconds);
        }
        catch (Exception error) when (error is JsonException or JsonFormatException)
        {
            throw new StoreCorruptException($"{ClockPath} is damaged ({error.Message}); remove it, and it is written again");
        }
    }
}
