using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>keccak256 of one input after another, and of many independent ones.</summary>
internal static class KeccakPrimitives
{
    private const int ManyCount = 4096;
    private const int BranchNodeSize = 532;
    private const int CheckedRounds = 1_000;

    /// <summary>Input sizes with the digest after a thousand chained rounds, as another implementation (noble-hashes) computes it.</summary>
    private static readonly (string Name, int Size, string Digest)[] Sizes =
    [
        ("keccak_32", 32, "0x009471bda2bb9a203bbab9ec3a4411f4659449d37de7d06cb3b1b5c6640ca72b"),
        ("keccak_64", 64, "0x786ea84a0f6b703001a4075125fe3c22c56bf31883695f0a107741d869344e70"),
        ("keccak_136", 136, "0x00b83a58b56cd8725fbfd3a95bde9b66025898c55b9061b2a4a136f469cf8bdb"),
        ("keccak_532", 532, "0x8d318128f2e5bbf191a3582d61b8449d4c819172b6dd8293274be4b8b4f40de8"),
        ("keccak_1024", 1024, "0xe52989638af160a3f206b1ba134a78b0568b4af82ac0c23ba8cdc59f34b6c37c"),
        ("keccak_64k", 65_536, "0xfa6b578f1106ebea27f05543b1da59b1826b195b2559b901f4fe00306698c54b"),
    ];

    public static IEnumerable<Primitive> All()
    {
        foreach ((string name, int size, string digest) in Sizes) yield return Chained(name, size, digest);
        yield return Many();
    }

    private static Primitive Chained(string name, int size, string expected) => new(name, "keccak", () =>
    {
        string found = Chain(size, CheckedRounds).ToString();
        int rounds = Math.Max(1, 400_000 / size);
        return new PreparedPrimitive
        {
            Run = () => Chain(size, rounds),
            Amount = rounds,
            Unit = "hashes",
            Bytes = (double)rounds * size,
            Permutations = (double)rounds * Keccak256.BlockCount(size),
            Output = found,
            Problem = found == expected ? null : $"the digest after {CheckedRounds} rounds is {found}, expected {expected}",
        };
    });

    /// <summary>Hashes a buffer of sevens again and again; each time its first byte is XORed with the first of the last digest.</summary>
    /// <returns>The last digest.</returns>
    internal static Hash256 Chain(int size, int rounds)
    {
        var input = new byte[size];
        Array.Fill(input, (byte)7);
        Span<byte> digest = stackalloc byte[Hash256.Size];
        for (int i = 0; i < rounds; i++)
        {
            Keccak256.Hash(input, digest);
            input[0] ^= digest[0];
        }

        return new Hash256(digest);
    }

    private static Primitive Many() => new("keccak_many", "keccak", () =>
    {
        var inputs = new byte[ManyCount * BranchNodeSize];
        for (int i = 0; i < inputs.Length; i++) inputs[i] = (byte)((i * 31) + (i >> 9));
        var digests = new byte[ManyCount * Hash256.Size];
        HashMany(inputs, digests);
        string? problem = null;
        for (int i = 0; i < ManyCount; i++)
        {
            Hash256 one = Keccak256.Hash(inputs.AsSpan(i * BranchNodeSize, BranchNodeSize));
            if (new Hash256(digests.AsSpan(i * Hash256.Size, Hash256.Size)) != one) problem = $"input {i} has another digest than alone";
        }

        return new PreparedPrimitive
        {
            Run = () => HashMany(inputs, digests),
            Amount = ManyCount,
            Unit = "hashes",
            Bytes = inputs.Length,
            Permutations = ManyCount * (double)Keccak256.BlockCount(BranchNodeSize),
            Output = Keccak256.Hash(digests).ToString(),
            Problem = problem,
        };
    });

    /// <summary>All inputs, four at a time.</summary>
    private static void HashMany(byte[] inputs, byte[] digests)
    {
        for (int i = 0; i < ManyCount; i += 4)
        {
            Keccak256.HashFour(At(i), At(i + 1), At(i + 2), At(i + 3), digests.AsSpan(i * Hash256.Size, 4 * Hash256.Size));
        }

        ReadOnlySpan<byte> At(int i) => inputs.AsSpan(i * BranchNodeSize, BranchNodeSize);
    }
}
