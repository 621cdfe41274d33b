namespace Opal.Storage;

/// <summary>A Bloom filter in lines of 64 bytes: 8 bits an entry, 5 of them set, all in one line.</summary>
internal static class Bloom
{
    public const int LineSize = 64;

    private const int Bits = 5;

    public static long SizeFor(long entries) => Math.Max((entries + LineSize - 1) / LineSize, 1) * LineSize;

    /// <summary>Where the line of a fingerprint begins in a filter of so many bytes.</summary>
    public static long LineOf(ulong fingerprint, long size) => (long)((ulong)(uint)fingerprint * (ulong)(size / LineSize) >> 32) * LineSize;

    public static void Add(Span<byte> line, ulong fingerprint)
    {
        ulong bits = fingerprint * 0x9E3779B97F4A7C15;
        for (int i = 0; i < Bits; i++, bits <<= 9) line[(int)(bits >> 58)] |= (byte)(1 << (int)((bits >> 55) & 7));
    }

    public static bool Has(ReadOnlySpan<byte> line, ulong fingerprint)
    {
        ulong bits = fingerprint * 0x9E3779B97F4A7C15;
        for (int i = 0; i < Bits; i++, bits <<= 9)
        {
            if ((line[(int)(bits >> 58)] & (1 << (int)((bits >> 55) & 7))) == 0) return false;
        }

        return true;
    }
}
