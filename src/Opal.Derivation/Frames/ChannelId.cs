using System.Buffers.Binary;
using Opal.Primitives;

namespace Opal.Derivation;

/// <summary>The 16 bytes that name a channel; chosen by the batcher, without meaning.</summary>
public readonly struct ChannelId : IEquatable<ChannelId>
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 16;

    private readonly ulong _high, _low;

    /// <summary>Takes 16 bytes.</summary>
    public ChannelId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException("a channel id has 16 bytes", nameof(bytes));
        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
    }

    /// <summary>Writes the 16 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
    }

    /// <inheritdoc/>
    public bool Equals(ChannelId other) => _high == other._high && _low == other._low;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ChannelId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)((_high ^ (_low * 0x9E3779B97F4A7C15)) >> 32));

    /// <summary>0x and 32 digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Hex.Encode(bytes);
    }

    public static bool operator ==(ChannelId a, ChannelId b) => a.Equals(b);
    public static bool operator !=(ChannelId a, ChannelId b) => !a.Equals(b);
}
