using System.Security.Cryptography;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Blobs over the Beacon API. Each blob's commitment is computed here, so that a lying node cannot pass off other data.</summary>
public sealed class BeaconBlobSource(BeaconClient beacon, IBlobCommitments commitments) : IBlobSource
{
    /// <inheritdoc/>
    public async Task<L1Blobs?> BlobsAsync(L1BlockRef block, IReadOnlyList<Hash256> versionedHashes, CancellationToken cancellation)
    {
        IReadOnlyList<BeaconBlob> found;
        try
        {
            found = await beacon.GetBlobsAsync(block.Timestamp, versionedHashes, cancellation);
        }
        catch (RpcTransportException error) when (!error.IsTransient)
        {
            // the nodes answered, and do not have them
            return null;
        }
        catch (RpcTransportException error)
        {
            throw new SourceException($"beacon API: {error.Message}", error);
        }

        var byHash = new Dictionary<Hash256, byte[]>();
        foreach (BeaconBlob blob in found)
        {
            if (TryVersionedHash(blob.Blob, out Hash256 hash)) byHash[hash] = blob.Blob;
        }

        var ordered = new ReadOnlyMemory<byte>[versionedHashes.Count];
        for (int i = 0; i < ordered.Length; i++)
        {
            if (!byHash.TryGetValue(versionedHashes[i], out byte[]? blob))
                throw new SourceException($"beacon API: none of the {found.Count} blobs given for L1 block {block.Number} has the versioned hash {versionedHashes[i]}");
            ordered[i] = blob;
        }

        return new L1Blobs(block.Hash, ordered);
    }

    /// <summary>0x01 ++ sha256(commitment)[1..] (EIP-4844).</summary>
    private bool TryVersionedHash(byte[] blob, out Hash256 hash)
    {
        Span<byte> commitment = stackalloc byte[48];
        Span<byte> digest = stackalloc byte[32];
        hash = default;
        if (!commitments.TryCommit(blob, commitment)) return false;
        SHA256.HashData(commitment, digest);
        digest[0] = 1;
        hash = new Hash256(digest);
        return true;
    }
}

/// <summary>A node without a Beacon API (l1.beacon.ignore): any blob asked for is an error that names the option.</summary>
public sealed class NoBlobSource : IBlobSource
{
    /// <inheritdoc/>
    public Task<L1Blobs?> BlobsAsync(L1BlockRef block, IReadOnlyList<Hash256> versionedHashes, CancellationToken cancellation) =>
        Task.FromException<L1Blobs?>(new SourceException($"L1 block {block.Number} carries batcher data in blobs, but no beacon API is configured (l1.beacon)"));
}
