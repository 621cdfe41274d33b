using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Takes from a Beacon node's answer what is proven to be wanted, so that a lying node cannot pass off other data.</summary>
/// <remarks>With a commitment and a proof the check costs a few milliseconds for all blobs together; a blob alone has its commitment computed, ten times as dear.</remarks>
internal sealed class BlobVerifier(IBlobCommitments kzg)
{
    /// <summary>Moves what an answer proves from the hashes that are missing to those found.</summary>
    /// <returns>What is wrong with the answer, in a few words; null when nothing is. Blobs of other transactions are not wrong where the node was not asked to pick.</returns>
    public string? Take(BeaconBlobs answer, HashSet<Hash256> missing, Dictionary<Hash256, VerifiedBlob> found)
    {
        TakeProven(answer, missing, found);
        if (missing.Count == 0) return null;

        // the others by their commitments, but for sidecars of other transactions, or taken
        BeaconBlob[] candidates = [.. answer.Blobs.Where(blob => blob.Commitment is not { } stated || missing.Contains(VerifiedBlob.VersionedHash(stated)))];
        byte[]?[] commitments = new byte[]?[candidates.Length];
        Parallel.For(0, candidates.Length, KzgThreads.Options, i =>
        {
            byte[] commitment = new byte[BlobSidecar.CommitmentSize];
            if (kzg.TryCommit(candidates[i].Blob, commitment)) commitments[i] = commitment;
        });
        string? fault = null;
        int strangers = 0;
        for (int i = 0; i < candidates.Length; i++)
        {
            if (commitments[i] is not { } commitment)
            {
                fault ??= "gave something that is no blob";
                continue;
            }

            Hash256 hash = VerifiedBlob.VersionedHash(commitment);
            if (missing.Remove(hash)) found[hash] = new VerifiedBlob(candidates[i].Blob, commitment, null);
            else if (candidates[i].Commitment is { } stated && !found.ContainsKey(VerifiedBlob.VersionedHash(stated))) fault ??= $"gave a blob that does not match its commitment, for {VerifiedBlob.VersionedHash(stated)}";
            else strangers++;
        }

        return fault ?? (missing.Count > 0 && strangers > 0 && answer.Picked ? $"gave {strangers} blobs whose commitments give other hashes than asked for" : null);
    }

    /// <summary>All sidecars at once. Where one of them fails, or its proof is a stub, each is looked at by itself afterwards.</summary>
    private void TakeProven(BeaconBlobs answer, HashSet<Hash256> missing, Dictionary<Hash256, VerifiedBlob> found)
    {
        var proven = new Dictionary<Hash256, BeaconBlob>();
        foreach (BeaconBlob blob in answer.Blobs)
        {
            if (blob is { Commitment: { } stated, Proof: not null } && VerifiedBlob.VersionedHash(stated) is var hash && missing.Contains(hash)) proven[hash] = blob;
        }

        if (proven.Count == 0) return;
        if (!kzg.Verify([.. proven.Values.Select(static blob => blob.Blob)], [.. proven.Values.Select(static blob => blob.Commitment!)], [.. proven.Values.Select(static blob => blob.Proof!)])) return;
        foreach ((Hash256 hash, BeaconBlob blob) in proven)
        {
            missing.Remove(hash);
            found[hash] = new VerifiedBlob(blob.Blob, blob.Commitment!, blob.Proof);
        }
    }
}
