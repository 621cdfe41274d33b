using System.Buffers.Binary;
using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>Names a block being built (Engine API): 8 bytes.</summary>
public readonly record struct PayloadId(ulong Value)
{
    /// <summary>Takes 8 bytes.</summary>
    public static PayloadId FromBytes(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes));

    /// <summary>0x and 16 digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Value);
        return Hex.Encode(bytes);
    }

    /// <summary>Reads 8 bytes of data.</summary>
    public static PayloadId Read(JsonValue value) => FromBytes(value.AsData(8));
}
