using System.Buffers.Binary;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>A version of the OP Stack protocol.</summary>
/// <remarks>Wire: version type (1 B, 0) ++ 7 reserved ++ build (8 B) ++ major, minor, patch, pre-release (4 B each, big-endian). Spec: superchain-upgrades.md#protocol-version-format.</remarks>
/// <param name="Build">Names a fork of the code; versions of different builds do not compare.</param>
/// <param name="Major">Raised by changes that stop a node.</param>
/// <param name="Minor">Raised by changes that a node should follow soon.</param>
/// <param name="Patch">Raised by anything else.</param>
/// <param name="PreRelease">0 for a release; anything else comes before the release.</param>
public readonly record struct ProtocolVersion(ulong Build, uint Major, uint Minor, uint Patch, uint PreRelease)
{
    /// <summary>The version this client implements; major 9 is Jovian's, and Karst keeps the format.</summary>
    public static ProtocolVersion Supported { get; } = new(0, 9, 0, 0, 0);

    /// <summary>Reads the wire form; false for a version type that is not known.</summary>
    public static bool TryRead(in Hash256 wire, out ProtocolVersion version)
    {
        ReadOnlySpan<byte> bytes = wire.ToArray();
        version = new ProtocolVersion(
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[28..]));
        return bytes[0] == 0;
    }

    /// <summary>The wire form.</summary>
    public Hash256 Encode()
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Build);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[16..], Major);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[20..], Minor);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[24..], Patch);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[28..], PreRelease);
        return new Hash256(bytes);
    }

    /// <summary>How far this version is behind another: the highest part that is lower, None when it is not behind, or the builds differ.</summary>
    public HaltLevel LagBehind(ProtocolVersion other)
    {
        if (Build != other.Build) return HaltLevel.None;
        if (Major != other.Major) return Major < other.Major ? HaltLevel.Major : HaltLevel.None;
        if (Minor != other.Minor) return Minor < other.Minor ? HaltLevel.Minor : HaltLevel.None;
        return Patch < other.Patch ? HaltLevel.Patch : HaltLevel.None;
    }

    /// <summary><c>v9.0.0</c>, with what else there is.</summary>
    public override string ToString() =>
        $"v{Major}.{Minor}.{Patch}{(PreRelease == 0 ? "" : $"-{PreRelease}")}{(Build == 0 ? "" : $"+0x{Build:x16}")}";
}
