using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The 2048-bit filter of the addresses and topics of a receipt's or a block's logs (Yellow Paper, 4.3.1).</summary>
public sealed partial class Bloom : IEquatable<Bloom>
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 256;

    private readonly byte[] _bits;

    private Bloom(byte[] bits) => _bits = bits;

    /// <summary>A filter of nothing.</summary>
    public static Bloom Empty { get; } = new(new byte[Size]);

    /// <summary>The 256 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bits;

    /// <summary>Takes a copy of 256 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 256 bytes long (a bug in the caller).</exception>
    public static Bloom FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException("a bloom filter has 256 bytes", nameof(bytes));
        return new Bloom(bytes.ToArray());
    }

    /// <summary>Whether an address may be among the logs; false is certain.</summary>
    public bool MayContain(in Address address)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        address.CopyTo(bytes);
        return Test(bytes);
    }

    /// <summary>Whether a topic may be among the logs; false is certain.</summary>
    public bool MayContain(in Hash256 topic)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        topic.CopyTo(bytes);
        return Test(bytes);
    }

    /// <summary>Three bits a value: the low 11 bits of the first three 16-bit words of its hash, counted from the filter's end.</summary>
    private static int BitOf(ReadOnlySpan<byte> hash, int index) => ((hash[2 * index] << 8) | hash[(2 * index) + 1]) & 2047;

    private static void Set(byte[] bits, ReadOnlySpan<byte> value)
    {
        Span<byte> hash = stackalloc byte[32];
        Keccak256.Hash(value, hash);
        for (int i = 0; i < 3; i++)
        {
            int bit = BitOf(hash, i);
            bits[Size - 1 - (bit >> 3)] |= (byte)(1 << (bit & 7));
        }
    }

    private bool Test(ReadOnlySpan<byte> value)
    {
        Span<byte> hash = stackalloc byte[32];
        Keccak256.Hash(value, hash);
        for (int i = 0; i < 3; i++)
        {
            int bit = BitOf(hash, i);
            if ((_bits[Size - 1 - (bit >> 3)] & (1 << (bit & 7))) == 0) return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Bloom? other) => other is not null && _bits.AsSpan().SequenceEqual(other._bits);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Bloom);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        uint hash = 2166136261;
        foreach (byte b in _bits) hash = unchecked((hash ^ b) * 16777619);
        return unchecked((int)hash);
    }
}
