using System.Runtime.InteropServices;

namespace Opal.Crypto.Native;

/// <summary>A base field element in blst's own (Montgomery) form.</summary>
[StructLayout(LayoutKind.Sequential, Size = 48)]
internal struct BlstFp;

/// <summary>c0 + c1·u.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BlstFp2
{
    public BlstFp C0, C1;
}

/// <summary>An element of the pairing's target field.</summary>
[StructLayout(LayoutKind.Sequential, Size = 576)]
internal struct BlstFp12;

/// <summary>A G1 point in affine coordinates; infinity is all zero.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BlstP1Affine
{
    public BlstFp X, Y;
}

/// <summary>A G1 point in Jacobian coordinates.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BlstP1
{
    public BlstFp X, Y, Z;
}

/// <summary>A G2 point in affine coordinates; infinity is all zero.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BlstP2Affine
{
    public BlstFp2 X, Y;
}

/// <summary>A G2 point in Jacobian coordinates.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BlstP2
{
    public BlstFp2 X, Y, Z;
}

/// <summary>The functions used of blst (blst.h). A C bool is one byte.</summary>
internal static unsafe partial class LibBlst
{
    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_fp_from_bendian")]
    public static partial void FpFromBigEndian(BlstFp* result, byte* bytes48);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_bendian_from_fp")]
    public static partial void FpToBigEndian(byte* bytes48, BlstFp* a);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p1_affine_on_curve")]
    public static partial byte P1OnCurve(BlstP1Affine* p);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p1_affine_in_g1")]
    public static partial byte P1InGroup(BlstP1Affine* p);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p1_from_affine")]
    public static partial void P1FromAffine(BlstP1* result, BlstP1Affine* p);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p1_to_affine")]
    public static partial void P1ToAffine(BlstP1Affine* result, BlstP1* p);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p1_add_or_double_affine")]
    public static partial void P1AddAffine(BlstP1* result, BlstP1* a, BlstP1Affine* b);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p1_mult")]
    public static partial void P1Multiply(BlstP1* result, BlstP1* p, byte* scalar, nuint bits);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p1s_mult_pippenger_scratch_sizeof")]
    public static partial nuint P1MsmScratchSize(nuint points);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p1s_mult_pippenger")]
    public static partial void P1Msm(BlstP1* result, BlstP1Affine** points, nuint count, byte** scalars, nuint bits, void* scratch);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p2_affine_on_curve")]
    public static partial byte P2OnCurve(BlstP2Affine* p);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p2_affine_in_g2")]
    public static partial byte P2InGroup(BlstP2Affine* p);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p2_from_affine")]
    public static partial void P2FromAffine(BlstP2* result, BlstP2Affine* p);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p2_to_affine")]
    public static partial void P2ToAffine(BlstP2Affine* result, BlstP2* p);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p2_add_or_double_affine")]
    public static partial void P2AddAffine(BlstP2* result, BlstP2* a, BlstP2Affine* b);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p2_mult")]
    public static partial void P2Multiply(BlstP2* result, BlstP2* p, byte* scalar, nuint bits);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p2s_mult_pippenger_scratch_sizeof")]
    public static partial nuint P2MsmScratchSize(nuint points);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_p2s_mult_pippenger")]
    public static partial void P2Msm(BlstP2* result, BlstP2Affine** points, nuint count, byte** scalars, nuint bits, void* scratch);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_map_to_g1")]
    public static partial void MapToG1(BlstP1* result, BlstFp* u, BlstFp* v);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_map_to_g2")]
    public static partial void MapToG2(BlstP2* result, BlstFp2* u, BlstFp2* v);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_miller_loop_n")]
    public static partial void MillerLoop(BlstFp12* result, BlstP2Affine** qs, BlstP1Affine** ps, nuint count);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_final_exp")]
    public static partial void FinalExponentiation(BlstFp12* result, BlstFp12* f);

    [LibraryImport(NativeLibraries.Kzg, EntryPoint = "blst_fp12_is_one")]
    public static partial byte Fp12IsOne(BlstFp12* a);
}
