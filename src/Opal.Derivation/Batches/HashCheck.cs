using System.Buffers.Binary;
using Opal.Primitives;

namespace Opal.Derivation;

/// <summary>The first 20 bytes of a block hash, as span batches carry them.</summary>
public readonly record struct HashCheck
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 20;

    private readonly ulong _a, _b;
    private readonly uint _c;

    /// <summary>Takes 20 bytes.</summary>
    public HashCheck(ReadOnlySpan<byte> bytes)
    {
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>Takes the first 20 bytes of a hash.</summary>
    public static HashCheck Of(in Hash256 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        hash.CopyTo(bytes);
        return new HashCheck(bytes[..Size]);
    }

    /// <summary>Writes the 20 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _c);
    }

    /// <summary>Whether a hash begins with these bytes.</summary>
    public bool Matches(in Hash256 hash) => this == Of(hash);
}
