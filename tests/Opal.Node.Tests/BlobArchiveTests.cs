using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Node.Tests;

/// <summary>The archive's files, with the real arithmetic.</summary>
public sealed class BlobArchiveTests : IDisposable
{
    private static readonly BeaconClock Clock = new(1000, 12);
    private static readonly NativeKzg Kzg = new();

    private readonly string _folder = Directory.CreateTempSubdirectory("opal-blobs").FullName;
    private readonly LogLines _log = new();
    private readonly TestBlob _a = new(1, Kzg), _b = new(2, Kzg);
    private BlobArchive _archive;

    public BlobArchiveTests() => _archive = BlobArchive.Open(_folder, 900, Kzg, _log);

    public void Dispose()
    {
        _archive.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Reopen()
    {
        _archive.Dispose();
        _archive = BlobArchive.Open(_folder, 900, Kzg, _log);
    }

    private void Keep(ulong slot, params (int Index, TestBlob Blob)[] blobs) => _archive.Keep(
        Clock, slot, [.. blobs.Select(blob => new ArchivedBlob(blob.Index, blob.Blob.Hash, blob.Blob.Verified with { Proof = null }))], blobs.Select(blob => blob.Blob.Hash).ToHashSet());

    private string FileOf(TestBlob blob) => Assert.Single(Directory.GetFiles(_folder, $"{blob.Hash.ToString()[2..]}.blob", SearchOption.AllDirectories));

    private string SlotFile => Assert.Single(Directory.GetFiles(_folder, "*.slot", SearchOption.AllDirectories));

    private (int Index, Hash256 Hash)[] Listed(ulong slot) => [.. _archive.OfSlot(slot, static (_, _) => true).Select(blob => (blob.Index, blob.VersionedHash))];

    private static void Flip(string path, int at)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[at] ^= 4;
        File.WriteAllBytes(path, bytes);
    }

    [Fact]
    public void What_is_kept_is_found_by_hash_and_by_slot_after_a_restart_with_commitment_and_proof()
    {
        Assert.Null(_archive.Clock);
        Keep(7, (3, _b), (1, _a));
        Reopen();
        Assert.Equal((2L, Clock), (_archive.Count, _archive.Clock));
        Assert.Equal(2L * new FileInfo(FileOf(_a)).Length, _archive.Bytes);
        VerifiedBlob found = _archive.Find(_a.Hash)!;
        Assert.Equal([_a.Bytes, _a.Commitment, _a.Proof], new[] { found.Blob, found.Commitment, found.Proof! });
        Assert.Equal([(1, _a.Hash), (3, _b.Hash)], Listed(7));
        Assert.Equal([3], _archive.OfSlot(7, (index, _) => index == 3).Select(blob => blob.Index));
        Assert.False(_archive.HasSlot(8));
        Assert.Null(_archive.Find(Ids.Hash(1, 1)));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void A_blob_is_kept_once_however_often_it_comes_and_belongs_to_every_slot_it_came_in()
    {
        Keep(7, (0, _a));
        DateTime written = File.GetLastWriteTimeUtc(SlotFile);
        Keep(7, (0, _a));
        Assert.Equal(written, File.GetLastWriteTimeUtc(SlotFile));
        Keep(100_000, (2, _a));
        Assert.Equal(1, _archive.Count);
        FileOf(_a);
        Assert.Equal([(2, _a.Hash)], Listed(100_000));

        // L1 was reorganised: another block in the same slot
        Keep(7, (0, _b));
        Assert.Equal([(0, _b.Hash)], Listed(7));
        Assert.NotNull(_archive.Find(_a.Hash));
    }

    [Theory]
    [InlineData(2)] // magic
    [InlineData(20)] // commitment
    [InlineData(70)] // proof
    [InlineData(5_000)] // blob
    [InlineData(-1)] // checksum
    public void A_flipped_bit_makes_the_blob_absent_names_the_file_and_is_mended_by_the_next_that_comes(int at)
    {
        Keep(7, (0, _a), (1, _b));
        string path = FileOf(_a);
        Flip(path, at < 0 ? (int)new FileInfo(path).Length + at : at);
        Reopen();
        Assert.Null(_archive.Find(_a.Hash));
        Assert.Contains(path, Assert.Single(_log.Lines));
        Assert.Equal([(1, _b.Hash)], Listed(7));
        Keep(7, (0, _a));
        Assert.Equal([(0, _a.Hash), (1, _b.Hash)], Listed(7));
        Assert.Equal(2, _archive.Count);
    }

    [Fact]
    public void A_file_in_the_place_of_another_is_no_answer_though_its_checksum_is_right()
    {
        Keep(7, (0, _a), (1, _b));
        File.Copy(FileOf(_b), FileOf(_a), overwrite: true);
        Assert.Null(_archive.Find(_a.Hash));
        byte[] forged = BlobFile.Encode(new VerifiedBlob(_b.Bytes, _a.Commitment, null), _a.Proof);
        File.WriteAllBytes(FileOf(_a), forged);
        Assert.Null(_archive.Find(_a.Hash));
        Assert.All(_log.Lines, line => Assert.Contains("another versioned hash", line));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(70_000)]
    public void A_kill_while_writing_leaves_the_archive_as_it_was(int bytesWritten)
    {
        Keep(7, (0, _a));
        // what is on the disk when the process is killed while _b is written: the temporary file, with a part of it
        string name = _b.Hash.ToString()[2..], path = Path.Combine(_folder, "blobs", name[2..4], name + ".blob.tmp");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, BlobFile.Encode(_b.Verified, _b.Proof)[..bytesWritten]);
        string slot = SlotFile + ".tmp";
        File.WriteAllBytes(slot, File.ReadAllBytes(SlotFile)[..Math.Min(bytesWritten, 20)]);
        Reopen();
        Assert.Equal(1, _archive.Count);
        Assert.Null(_archive.Find(_b.Hash));
        Assert.Equal([(0, _a.Hash)], Listed(7));
        Assert.False(File.Exists(path) || File.Exists(slot));
        Keep(7, (1, _b));
        Assert.Equal([(0, _a.Hash), (1, _b.Hash)], Listed(7));
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(90_000)]
    public void A_file_that_was_cut_is_absent(int length)
    {
        Keep(7, (0, _a));
        using (FileStream file = File.OpenWrite(FileOf(_a))) file.SetLength(length);
        Assert.Null(_archive.Find(_a.Hash));
        Assert.Contains("bytes instead of", Assert.Single(_log.Lines));
    }

    [Fact]
    public void A_damaged_list_of_a_slot_is_empty_until_its_blobs_are_read_again()
    {
        Keep(7, (0, _a), (1, _b));
        Flip(SlotFile, 13);
        Assert.False(_archive.HasSlot(7));
        Assert.Contains(SlotFile, Assert.Single(_log.Lines));
        _archive.Keep(Clock, 7, [new ArchivedBlob(0, _a.Hash, _a.Verified)], new HashSet<Hash256>());
        Assert.Equal([(0, _a.Hash)], Listed(7));
    }

    [Fact]
    public void One_process_at_a_time_and_one_L1_chain_for_good()
    {
        Assert.Contains("another process", Assert.Throws<IOException>(() => BlobArchive.Open(_folder, 900, Kzg, _log)).Message);
        Keep(7, (0, _a));
        _archive.Dispose();
        Assert.Contains("of L1 chain 900", Assert.Throws<StoreCorruptException>(() => BlobArchive.Open(_folder, 901, Kzg, _log)).Message);
        string clock = Path.Combine(_folder, "archive.json");
        File.WriteAllText(clock, "{");
        Assert.Contains("archive.json", Assert.Throws<StoreCorruptException>(() => BlobArchive.Open(_folder, 900, Kzg, _log)).Message);
        File.Delete(clock);
        _archive = BlobArchive.Open(_folder, 900, Kzg, _log);
        Assert.Null(_archive.Clock);
        Keep(8, (0, _a));
        Assert.Equal(Clock, _archive.Clock);
    }

    [Fact]
    public async Task The_source_keeps_what_a_node_gives_and_reads_it_without_one()
    {
        await using FakeBeacon beacon = await FakeBeacon.StartAsync();
        beacon.Serve(5, _b, _a);
        var need = new NeedBlobs(new L1BlockRef(Ids.Hash(1, 5), 5, default, 1063), [_a.Hash, _b.Hash, _a.Hash], [4, 6, 9]);
        byte[][] expected = [_a.Bytes, _b.Bytes, _a.Bytes];
        using (var nodes = new BeaconNodes([beacon.Client()], Kzg, 900, TimeProvider.System, NullLogger.Instance))
        {
            var source = new BlobSource(nodes, _archive, _log);
            Assert.Equal(expected, (await source.BlobsAsync(need, default))!.Blobs.Select(blob => blob.ToArray()));
            int asked = beacon.Asked.Count;
            Assert.Equal(expected, (await source.BlobsAsync(need, default))!.Blobs.Select(blob => blob.ToArray()));
            Assert.Equal(asked, beacon.Asked.Count); // the archive is the first place

            Flip(FileOf(_a), 5_000);
            await source.BlobsAsync(need, default);
            Assert.Equal(asked + 1, beacon.Asked.Count);
            Assert.DoesNotContain(_b.Hash.ToString(), beacon.Asked[^1]);
        }

        Reopen();
        Assert.Equal([(4, _a.Hash), (6, _b.Hash), (9, _a.Hash)], Listed(5));
        var alone = new BlobSource(null, _archive, _log);
        Assert.Equal(expected, (await alone.BlobsAsync(need, default))!.Blobs.Select(blob => blob.ToArray()));

        // a kill between the blobs and the list of their slot
        File.Delete(SlotFile);
        await alone.BlobsAsync(need, default);
        Assert.Equal([4, 6, 9], Listed(5).Select(blob => blob.Index));

        // the same blobs in a later slot, as after a reorganisation
        await alone.BlobsAsync(need with { Block = need.Block with { Timestamp = 1072 } }, default);
        Assert.Equal(3, Listed(6).Length);
        NeedBlobs more = need with { VersionedHashes = [_a.Hash, Ids.Hash(1, 1)], Indices = [0, 1] };
        Assert.Contains("the blob archive lacks 1", (await Assert.ThrowsAsync<SourceException>(() => alone.BlobsAsync(more, default))).Message);
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_is_reported_and_derivation_goes_on()
    {
        await using FakeBeacon beacon = await FakeBeacon.StartAsync();
        beacon.Serve(5, _a);
        Directory.Delete(Path.Combine(_folder, "blobs"), recursive: true);
        File.WriteAllText(Path.Combine(_folder, "blobs"), "in the way");
        using var nodes = new BeaconNodes([beacon.Client()], Kzg, 900, TimeProvider.System, NullLogger.Instance);
        var need = new NeedBlobs(new L1BlockRef(Ids.Hash(1, 5), 5, default, 1063), [_a.Hash], [0]);
        Assert.Single((await new BlobSource(nodes, _archive, _log).BlobsAsync(need, default))!.Blobs);
        Assert.Contains("blobs of L1 block 5 (slot 5) could not be kept", _log.Lines[^1]);
    }

    [Fact]
    public void Blobs_and_bytes_are_measured()
    {
        var measured = new Dictionary<string, long>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, self) => { if (instrument.Meter.Name == "Opal.Node.BlobArchive" && instrument.Meter.Tags!.Any(tag => Equals(tag.Value, 4711UL))) self.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured[instrument.Name] = value);
        string folder = Path.Combine(_folder, "measured");
        using (BlobArchive archive = BlobArchive.Open(folder, 4711, Kzg, _log))
        {
            archive.Keep(Clock, 1, [new ArchivedBlob(0, _a.Hash, _a.Verified)], new HashSet<Hash256> { _a.Hash });
            listener.Start();
            listener.RecordObservableInstruments();
        }

        Assert.Equal((1L, 131_180L), (measured["opal.node.blob_archive.blobs"], measured["opal.node.blob_archive.bytes"]));
    }
}
