using System.Runtime.InteropServices;
using Opal.Primitives;

namespace Opal.Crypto.Native;

/// <summary>The points of the KZG ceremony, loaded into c-kzg once per process.</summary>
/// <remarks>File: 4096, 65, then 4096 G1 points in Lagrange form, 65 G2 points and 4096 G1 points in monomial form, compressed, in hex, one a line.</remarks>
internal static unsafe class TrustedSetup
{
    private const int G1Count = 4096, G2Count = 65, G1Size = 48, G2Size = 96;
    private const string FileName = "trusted_setup.txt";

    private static readonly Lazy<nint> Loaded = new(Load);

    /// <summary>A pointer to c-kzg's KZGSettings, never freed. Read-only afterwards, so any number of threads may use it.</summary>
    public static byte* Settings => (byte*)Loaded.Value;

    private static nint Load()
    {
        string path = Path.Combine(AppContext.BaseDirectory, FileName);
        if (!File.Exists(path)) throw new FileNotFoundException($"{FileName} is not beside the program in {AppContext.BaseDirectory}: run ./opal once, which puts it in place, and build again", path);
        string[] lines = File.ReadAllLines(path);
        if (lines.Length < 2 + (2 * G1Count) + G2Count || lines[0] != "4096" || lines[1] != "65") throw Damaged(path);
        byte[] g1Lagrange = Points(lines.AsSpan(2, G1Count), G1Size, path);
        byte[] g2Monomial = Points(lines.AsSpan(2 + G1Count, G2Count), G2Size, path);
        byte[] g1Monomial = Points(lines.AsSpan(2 + G1Count + G2Count, G1Count), G1Size, path);
        var settings = (byte*)NativeMemory.AllocZeroed(LibCkzg.SettingsSize);
        fixed (byte* lagrange = g1Lagrange, g2 = g2Monomial, monomial = g1Monomial)
        {
            int status = LibCkzg.LoadTrustedSetup(settings, monomial, (ulong)g1Monomial.Length, lagrange, (ulong)g1Lagrange.Length, g2, (ulong)g2Monomial.Length, 0);
            if (status != LibCkzg.Ok) throw Damaged(path);
        }

        return (nint)settings;
    }

    private static byte[] Points(ReadOnlySpan<string> lines, int size, string path)
    {
        var bytes = new byte[lines.Length * size];
        for (int i = 0; i < lines.Length; i++)
        {
            if (!Hex.TryDecode(lines[i], bytes.AsSpan(i * size, size))) throw Damaged(path);
        }

        return bytes;
    }

    private static InvalidDataException Damaged(string path) =>
        new($"{path} is not the KZG trusted setup: delete the folder .opal and run ./opal again");
}
