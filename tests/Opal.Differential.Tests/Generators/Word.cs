using Opal.Primitives;

namespace Opal.Differential.Tests;

/// <summary>Pools of interesting numbers.</summary>
internal static class Word
{
    private static readonly UInt256[] Edges = MakeEdges();

    private static UInt256[] MakeEdges()
    {
        var edges = new List<UInt256>();
        foreach (ulong small in new ulong[] { 0, 1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 257, 1023, 1024, 1025, 24_576, 49_152, 65_535, 65_536 }) edges.Add(small);
        foreach (int bits in new[] { 31, 32, 63, 64, 127, 128, 160, 191, 192, 255 })
        {
            UInt256 power = PowerOfTwo(bits);
            edges.Add(power);
            edges.Add(power - UInt256.One);
            edges.Add(power + UInt256.One);
            edges.Add(UInt256.Zero - power);
        }

        edges.Add(UInt256.MaxValue);
        edges.Add(UInt256.MaxValue - UInt256.One);
        return [.. edges];
    }

    private static UInt256 PowerOfTwo(int bits)
    {
        var bytes = new byte[32];
        bytes[31 - (bits / 8)] = (byte)(1 << (bits % 8));
        return UInt256.FromBigEndian(bytes);
    }

    /// <summary>A value for arithmetic.</summary>
    public static UInt256 Any(FuzzRandom random) => random.Next(6) switch
    {
        0 => random.Next(8) is var small ? new UInt256((ulong)small) : default,
        1 or 2 => random.Pick<UInt256>(Edges),
        3 => UInt256.FromBigEndian(random.Bytes(random.Between(1, 32))),
        4 => UInt256.FromBigEndian(random.Bytes(8)),
        _ => Sparse(random),
    };

    /// <summary>A number of few runs of ones and zeros.</summary>
    private static UInt256 Sparse(FuzzRandom random)
    {
        var bytes = new byte[32];
        for (int runs = random.Between(1, 3); runs > 0; runs--)
        {
            int from = random.Next(32), to = random.Between(from, 31);
            bytes.AsSpan(from, to - from + 1).Fill(random.Pick<byte>(0x00, 0xff, 0x80, 0x01, 0x7f));
        }

        return UInt256.FromBigEndian(bytes);
    }

    /// <summary>An offset into memory, code or data: near most of the time, absurd rarely.</summary>
    public static UInt256 Offset(FuzzRandom random) => random.Next(100) switch
    {
        < 70 => random.Pick<ulong>(0, 0, 0, 1, 31, 32, 33, 63, 64, 95, 96, 97, 127, 128, 160, 192, 256),
        < 96 => (ulong)random.Next(600),
        < 98 => (ulong)random.Next(20_000),
        _ => random.Pick<UInt256>(1UL << 31, 1UL << 32, (1UL << 32) - 1, (1UL << 32) - 32, ulong.MaxValue, ulong.MaxValue - 31, new UInt256(0, 1), UInt256.MaxValue, UInt256.MaxValue - new UInt256(31)),
    };

    /// <summary>A length of memory, code or data.</summary>
    public static UInt256 Size(FuzzRandom random) => random.Next(100) switch
    {
        < 20 => UInt256.Zero,
        < 75 => random.Pick<ulong>(1, 2, 31, 32, 33, 63, 64, 65, 96, 128),
        < 97 => (ulong)random.Next(700),
        < 99 => (ulong)random.Next(30_000),
        _ => random.Pick<UInt256>(1UL << 32, ulong.MaxValue, new UInt256(0, 1), UInt256.MaxValue),
    };

    /// <summary>A storage slot: few, so that they meet.</summary>
    public static UInt256 Slot(FuzzRandom random) => random.Chance(92) ? (ulong)random.Next(4) : random.Pick<UInt256>(Edges);
}
