using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Opal.Primitives;

/// <summary>Keccak-256 as Ethereum uses it: rate 136, padding byte 0x01.</summary>
public static partial class Keccak256
{
    /// <summary>The number of input bytes a permutation absorbs.</summary>
    public const int Rate = 136;

    /// <summary>The digest of <paramref name="input"/>.</summary>
    public static Hash256 Hash(ReadOnlySpan<byte> input)
    {
        Span<byte> digest = stackalloc byte[32];
        Hash(input, digest);
        return new Hash256(digest);
    }

    /// <summary>Writes the digest of <paramref name="input"/> to the first 32 bytes of <paramref name="digest"/>, which may overlap the input.</summary>
    [SkipLocalsInit]
    public static void Hash(ReadOnlySpan<byte> input, Span<byte> digest)
    {
        Span<ulong> state = stackalloc ulong[25];
        state.Clear();
        while (input.Length >= Rate)
        {
            Absorb(state, input);
            Permute(state);
            input = input[Rate..];
        }

        AbsorbLast(state, input);
        Permute(state);
        for (int i = 0; i < 4; i++) BinaryPrimitives.WriteUInt64LittleEndian(digest[(i * 8)..], state[i]);
    }

    /// <summary>Hashes whole blocks that hold their padding already.</summary>
    [SkipLocalsInit]
    internal static void HashPadded(ReadOnlySpan<byte> blocks, Span<byte> digest)
    {
        Span<ulong> state = stackalloc ulong[25];
        state.Clear();
        for (; blocks.Length >= Rate; blocks = blocks[Rate..])
        {
            Absorb(state, blocks);
            Permute(state);
        }

        for (int i = 0; i < 4; i++) BinaryPrimitives.WriteUInt64LittleEndian(digest[(i * 8)..], state[i]);
    }

    /// <summary>Absorbs what is left of the message, less than a block, and the padding.</summary>
    private static void AbsorbLast(Span<ulong> state, ReadOnlySpan<byte> rest)
    {
        unchecked
        {
            int words = rest.Length >> 3;
            for (int i = 0; i < words; i++) state[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(rest.Slice(i * 8, 8));
            rest = rest[(words * 8)..];
            ulong last = 1UL << (8 * rest.Length);
            for (int i = 0; i < rest.Length; i++) last |= (ulong)rest[i] << (8 * i);
            state[words] ^= last;
            state[(Rate / 8) - 1] ^= 1UL << 63;
        }
    }

    private static void Absorb(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        unchecked
        {
            block = block[..Rate];
            for (int i = 0; i < Rate / 8; i++) state[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(block.Slice(i * 8, 8));
        }
    }
}
