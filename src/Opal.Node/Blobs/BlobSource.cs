using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Node;

/// <summary>Blobs from the node's own archive first, then from Beacon nodes; what these give goes into the archive before derivation sees it.</summary>
/// <param name="nodes">The Beacon nodes; null when there are none (l1.beacon.ignore): what the archive lacks is an error then that names the option.</param>
/// <param name="archive">The archive; null when there is none (blob-archive).</param>
/// <param name="logger">Told when the archive cannot be written.</param>
public sealed class BlobSource(BeaconNodes? nodes, BlobArchive? archive, ILogger logger) : IBlobSource
{
    /// <inheritdoc/>
    public Task<L1Blobs?> BlobsAsync(NeedBlobs need, CancellationToken cancellation) =>
        Task.Run(() => GetAsync(need, cancellation), cancellation); // reading and checking files is not for the driver's loop

    private async Task<L1Blobs?> GetAsync(NeedBlobs need, CancellationToken cancellation)
    {
        var found = new Dictionary<Hash256, VerifiedBlob>();
        var missing = new HashSet<Hash256>();
        foreach (Hash256 hash in need.VersionedHashes)
        {
            if (archive?.Find(hash) is { } kept) found[hash] = kept;
            else missing.Add(hash);
        }

        if (missing.Count > 0)
        {
            if (nodes is null)
            {
                throw new SourceException(archive is null
                    ? $"L1 block {need.Block.Number} carries batcher data in blobs, but no beacon API is configured (l1.beacon)"
                    : $"L1 block {need.Block.Number} carries batcher data in blobs of which the blob archive lacks {missing.Count}, and no beacon API is configured (l1.beacon)");
            }

            BeaconClock clock = archive?.Clock ?? await nodes.ClockAsync(cancellation);
            if (!clock.TrySlotAt(need.Block.Timestamp, out ulong slot))
                throw new SourceException($"beacon API: the time {need.Block.Timestamp} of L1 block {need.Block.Number} is before the beacon chain's genesis at {clock.GenesisTime}: is it the Beacon API of this L1?");
            if (await nodes.FetchAsync(slot, need, missing, cancellation) is not { } fetched) return null;
            foreach ((Hash256 hash, VerifiedBlob blob) in fetched) found[hash] = blob;
            Keep(clock, slot, need, found, missing);
        }
        else if (archive?.Clock is { } clock && clock.TrySlotAt(need.Block.Timestamp, out ulong slot))
        {
            Keep(clock, slot, need, found, missing); // the same blobs may have come in another slot before
        }

        return new L1Blobs(need.Block.Hash, [.. need.VersionedHashes.Select(hash => (ReadOnlyMemory<byte>)found[hash].Blob)]);
    }

    private void Keep(BeaconClock clock, ulong slot, NeedBlobs need, Dictionary<Hash256, VerifiedBlob> found, IReadOnlySet<Hash256> fetched)
    {
        if (archive is null) return;
        try
        {
            archive.Keep(clock, slot, [.. need.VersionedHashes.Select((hash, i) => new ArchivedBlob(need.Indices[i], hash, found[hash]))], fetched);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // the chain goes on without: what is missing can be filled by deriving again while a Beacon node has it
            logger.LogError("The blobs of L1 block {Number} (slot {Slot}) could not be kept in the blob archive: {Reason}", need.Block.Number, slot, error.Message);
        }
    }
}
