using System.Buffers.Binary;

namespace Opal.Differential.Tests;

/// <summary>A deterministic source of choices: the same seed and index give the same program on every machine (SplitMix64).</summary>
internal sealed class FuzzRandom(ulong seed, ulong index)
{
    private ulong _state = unchecked((seed * 0x9E3779B97F4A7C15) ^ Mix((index + 1) * 0xD1342543DE82EF95));

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>64 random bits.</summary>
    public ulong Next64() => Mix(_state = unchecked(_state + 0x9E3779B97F4A7C15));

    /// <summary>A number from 0 to <paramref name="bound"/> - 1.</summary>
    public int Next(int bound) => (int)(Next64() % (ulong)bound);

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Between(int low, int high) => low + Next(high - low + 1);

    /// <summary>True in so many of a hundred cases.</summary>
    public bool Chance(int percent) => Next(100) < percent;

    /// <summary>One of some values.</summary>
    public T Pick<T>(params ReadOnlySpan<T> values) => values[Next(values.Length)];

    /// <summary>Random bytes.</summary>
    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        Span<byte> word = stackalloc byte[8];
        for (int at = 0; at < count; at += 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Next64());
            word[..Math.Min(8, count - at)].CopyTo(bytes.AsSpan(at));
        }

        return bytes;
    }
}
