using System.Runtime.InteropServices;

namespace Opal.Crypto.Native;

/// <summary>The functions used of c-kzg-4844 (eip4844.h, eip7594.h, setup.h). Each returns 0 for success, 1 for bad arguments.</summary>
internal static unsafe partial class LibCkzg
{
    public const int Ok = 0;
    public const int BadArguments = 1;

    /// <summary>Room for the C structure KZGSettings (10 words today).</summary>
    public const int SettingsSize = 256;

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "load_trusted_setup")]
    public static partial int LoadTrustedSetup(byte* settings, byte* g1Monomial, ulong g1MonomialSize, byte* g1Lagrange, ulong g1LagrangeSize, byte* g2Monomial, ulong g2MonomialSize, ulong precompute);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blob_to_kzg_commitment")]
    public static partial int BlobToCommitment(byte* commitment, byte* blob, byte* settings);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "compute_kzg_proof")]
    public static partial int ComputeProof(byte* proof, byte* y, byte* blob, byte* z, byte* settings);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "compute_blob_kzg_proof")]
    public static partial int ComputeBlobProof(byte* proof, byte* blob, byte* commitment, byte* settings);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "verify_kzg_proof")]
    public static partial int VerifyProof(byte* ok, byte* commitment, byte* z, byte* y, byte* proof, byte* settings);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "verify_blob_kzg_proof")]
    public static partial int VerifyBlobProof(byte* ok, byte* blob, byte* commitment, byte* proof, byte* settings);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "verify_blob_kzg_proof_batch")]
    public static partial int VerifyBlobProofBatch(byte* ok, byte* blobs, byte* commitments, byte* proofs, ulong count, byte* settings);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "compute_cells_and_kzg_proofs")]
    public static partial int ComputeCellsAndProofs(byte* cells, byte* proofs, byte* blob, byte* settings);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "recover_cells_and_kzg_proofs")]
    public static partial int RecoverCellsAndProofs(byte* recoveredCells, byte* recoveredProofs, ulong* indices, byte* cells, ulong count, byte* settings);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "verify_cell_kzg_proof_batch")]
    public static partial int VerifyCellProofBatch(byte* ok, byte* commitments, ulong* indices, byte* cells, byte* proofs, ulong count, byte* settings);
}
