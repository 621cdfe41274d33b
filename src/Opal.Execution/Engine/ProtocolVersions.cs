using System.Buffers.Binary;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>The OP Stack protocol version this client implements, in the wire form.</summary>
/// <remarks>Version type 0: 1 + 7 reserved + 8 build + 4 major + 4 minor + 4 patch + 4 pre-release bytes, big-endian. Spec: superchain-upgrades.md#protocol-version-format.</remarks>
public static class ProtocolVersions
{
    /// <summary>The version: major 9 is Jovian's; Karst keeps the format.</summary>
    public static Hash256 Supported { get; } = Encode(major: 9, minor: 0, patch: 0);

    private static Hash256 Encode(uint major, uint minor, uint patch)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(bytes[16..], major);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[20..], minor);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[24..], patch);
        return new Hash256(bytes);
    }
}
