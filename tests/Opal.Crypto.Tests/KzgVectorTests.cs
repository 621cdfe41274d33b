using System.Text;
using System.Text.Json;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Crypto.Tests;

public class KzgVectorTests
{
    private static readonly Lazy<Dictionary<string, byte[]>> Archive = new(() => Vectors.ReadArchive("crypto/kzg.tar.gz").ToDictionary(f => f.Name.TrimStart('.', '/'), f => f.Data));

    [VectorTheory]
    [InlineData("blob_to_kzg_commitment", 8), InlineData("compute_kzg_proof", 36), InlineData("compute_blob_kzg_proof", 8)]
    [InlineData("verify_kzg_proof", 79), InlineData("verify_blob_kzg_proof", 23), InlineData("verify_blob_kzg_proof_batch", 17)]
    public void Agrees_with_the_official_cases(string function, int expectedCount)
    {
        int count = 0;
        foreach (JsonElement test in JsonDocument.Parse(Archive.Value[function + ".json"]).RootElement.EnumerateArray())
        {
            string? expected = test.GetProperty("output") is { ValueKind: not JsonValueKind.Null } output ? output.GetRawText().Replace(" ", "", StringComparison.Ordinal) : null;
            Assert.True(expected == Run(function, test.GetProperty("input")), test.GetProperty("name").GetString());
            count++;
        }

        Assert.Equal(expectedCount, count);
    }

    /// <summary>The output as JSON text; null for invalid input.</summary>
    private static string? Run(string function, JsonElement input)
    {
        byte[] commitment = new byte[48], proof = new byte[48], y = new byte[32];
        bool ok;
        switch (function)
        {
            case "blob_to_kzg_commitment":
                return Kzg.TryBlobToCommitment(Bytes(input, "blob"), commitment) ? Text(commitment) : null;
            case "compute_kzg_proof":
                return Kzg.TryComputeProof(Bytes(input, "blob"), Bytes(input, "z"), proof, y) ? $"[{Text(proof)},{Text(y)}]" : null;
            case "compute_blob_kzg_proof":
                return Kzg.TryComputeBlobProof(Bytes(input, "blob"), Bytes(input, "commitment"), proof) ? Text(proof) : null;
            case "verify_kzg_proof":
                return Kzg.TryVerifyProof(Bytes(input, "commitment"), Bytes(input, "z"), Bytes(input, "y"), Bytes(input, "proof"), out ok) ? Truth(ok) : null;
            case "verify_blob_kzg_proof":
                return Kzg.TryVerifyBlobProof(Bytes(input, "blob"), Bytes(input, "commitment"), Bytes(input, "proof"), out ok) ? Truth(ok) : null;
            default:
                return Kzg.TryVerifyBlobProofs(List(input, "blobs"), List(input, "commitments"), List(input, "proofs"), out ok) ? Truth(ok) : null;
        }
    }

    private static string Text(byte[] bytes) => $"\"{Hex.Encode(bytes)}\"";

    private static string Truth(bool value) => value ? "true" : "false";

    private static byte[] Bytes(JsonElement input, string name) => Bytes(input.GetProperty(name).GetString()!);

    private static List<byte[]> List(JsonElement input, string name) => input.GetProperty(name).EnumerateArray().Select(e => Bytes(e.GetString()!)).ToList();

    private static byte[] Bytes(string text)
    {
        if (text.StartsWith("blob:", StringComparison.Ordinal))
        {
            string id = text[5..];
            if (Archive.Value.TryGetValue($"blobs/{id}.bin", out byte[]? blob)) return blob;
            text = Encoding.ASCII.GetString(Archive.Value[$"blobs/{id}.txt"]);
        }

        return Hex.TryDecode(text, out byte[] bytes) ? bytes : [];
    }

    [VectorFact]
    public void Sidecars_of_a_real_beacon_block_verify()
    {
        JsonElement[] sidecars = JsonDocument.Parse(Vectors.Read("derivation/beacon-blob-sidecars-goerli-7422094.json.gz")).RootElement.GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(5, sidecars.Length);
        List<byte[]> Column(string name) => sidecars.Select(s => Bytes(s.GetProperty(name).GetString()!)).ToList();
        List<byte[]> blobs = Column("blob"), commitments = Column("kzg_commitment"), proofs = Column("kzg_proof");
        Assert.True(Kzg.VerifyBlobProofs(blobs, commitments, proofs));
        for (int i = 0; i < blobs.Count; i++)
        {
            Assert.True(Kzg.VerifyBlobProof(blobs[i], commitments[i], proofs[i]));
            var commitment = new byte[48];
            Assert.True(Kzg.TryBlobToCommitment(blobs[i], commitment));
            Assert.Equal(commitments[i], commitment);
            Assert.Equal(1, Kzg.VersionedHash(commitment).ToArray()[0]);
        }

        blobs[2][100] ^= 1;
        Assert.False(Kzg.VerifyBlobProofs(blobs, commitments, proofs));
    }

    [Fact]
    public void Cells_extend_the_blob_verify_and_recover()
    {
        var random = new Random(1);
        var blob = new byte[Kzg.BlobSize];
        random.NextBytes(blob);
        for (int i = 0; i < blob.Length; i += 32) blob[i] = 0;
        byte[] cells = new byte[Kzg.CellsPerExtBlob * Kzg.CellSize], proofs = new byte[Kzg.CellsPerExtBlob * 48], commitment = new byte[48];
        Assert.True(Kzg.TryComputeCellsAndProofs(blob, cells, proofs));
        Assert.True(Kzg.TryBlobToCommitment(blob, commitment));
        Assert.Equal(blob, cells[..Kzg.BlobSize]);

        ulong[] all = Enumerable.Range(0, Kzg.CellsPerExtBlob).Select(i => (ulong)i).ToArray();
        byte[] commitments = all.SelectMany(_ => commitment).ToArray();
        Assert.True(Kzg.VerifyCellProofs(commitments, all, cells, proofs));
        cells[5] ^= 1;
        Assert.False(Kzg.VerifyCellProofs(commitments, all, cells, proofs));
        cells[5] ^= 1;

        byte[] half = cells[(64 * Kzg.CellSize)..], againCells = new byte[cells.Length], againProofs = new byte[proofs.Length];
        Assert.True(Kzg.TryRecoverCellsAndProofs(all.AsSpan(64), half, againCells, againProofs));
        Assert.Equal(cells, againCells);
        Assert.Equal(proofs, againProofs);
        Assert.False(Kzg.TryRecoverCellsAndProofs(all.AsSpan(65), half.AsSpan(Kzg.CellSize), againCells, againProofs));
    }
}
