using System.Buffers.Binary;
using Opal.Primitives;

namespace Opal.Deployer.Abi;

/// <summary>Encoding and decoding by the contract ABI: heads of 32-byte words, then the tails of what is dynamic.</summary>
public static class AbiCodec
{
    /// <summary>More items or bytes than this in one value is refused on decoding, before memory is taken for it.</summary>
    private const int MaxLength = 1 << 24;

    /// <summary>Encodes a sequence of values, as the arguments of a call or of a constructor.</summary>
    /// <exception cref="ArgumentException">A value is not of its type (a bug in the caller).</exception>
    public static byte[] Encode(IReadOnlyList<AbiType> types, IReadOnlyList<AbiValue> values)
    {
        var output = new List<byte>(64 + (32 * types.Count));
        EncodeSequence(types.Count, i => types[i], values, output);
        return [.. output];
    }

    /// <summary>Encodes values of the types in a list such as <c>(address,uint256)</c>.</summary>
    public static byte[] Encode(string types, params AbiValue[] values) => Encode(AbiType.Parse(types).Components, values);

    /// <summary>Decodes a sequence of values; false when the bytes are not an encoding of these types. Trailing bytes are allowed.</summary>
    public static bool TryDecode(IReadOnlyList<AbiType> types, ReadOnlySpan<byte> data, out AbiValue[] values)
    {
        values = new AbiValue[types.Count];
        int head = 0;
        for (int i = 0; i < types.Count; i++)
        {
            if (!TryDecodeIn(types[i], data, head, out AbiValue? value)) return false;
            values[i] = value!;
            head += types[i].HeadSize;
        }

        return true;
    }

    private static void EncodeSequence(int count, Func<int, AbiType> typeAt, IReadOnlyList<AbiValue> values, List<byte> output)
    {
        if (values.Count != count) throw new ArgumentException($"{count} values are wanted, {values.Count} given", nameof(values));
        int begin = output.Count, head = 0;
        for (int i = 0; i < count; i++) head += typeAt(i).HeadSize;

        // the tails come after all heads; a dynamic value's head is the offset of its tail
        var tail = new List<byte>();
        for (int i = 0; i < count; i++)
        {
            if (typeAt(i).IsDynamic)
            {
                AppendWord(output, new UInt256((ulong)(head + tail.Count)));
                EncodeValue(typeAt(i), values[i], tail);
            }
            else
            {
                EncodeValue(typeAt(i), values[i], output);
            }
        }

        if (output.Count - begin != head) throw new InvalidOperationException("the head has another size than its types say");
        output.AddRange(tail);
    }

    private static void EncodeValue(AbiType type, AbiValue value, List<byte> output)
    {
        switch (type.Kind)
        {
            case AbiKind.Array:
                AppendWord(output, new UInt256((ulong)value.Items.Count));
                EncodeSequence(value.Items.Count, _ => type.Element!, value.Items, output);
                break;
            case AbiKind.FixedArray:
                EncodeSequence(type.Size, _ => type.Element!, value.Items, output);
                break;
            case AbiKind.Tuple:
                EncodeSequence(type.Components.Count, i => type.Components[i], value.Items, output);
                break;
            case AbiKind.Bytes or AbiKind.String:
                byte[] bytes = value.AsBytes();
                AppendWord(output, new UInt256((ulong)bytes.Length));
                output.AddRange(bytes);
                output.AddRange(new byte[Padding(bytes.Length)]);
                break;
            default:
                UInt256 word = value.AsUInt256();
                if (!Fits(type, word)) throw new ArgumentException($"{word.ToQuantity()} is no {type}");
                AppendWord(output, word);
                break;
        }
    }

    private static bool Fits(AbiType type, in UInt256 word) => type.Kind switch
    {
        AbiKind.Uint => word.BitLength <= type.Size,
        AbiKind.Int => (word.IsNegative ? ~word : word).BitLength < type.Size,
        AbiKind.Address => word.BitLength <= 160,
        AbiKind.Bool => word.BitLength <= 1,
        AbiKind.FixedBytes => type.Size == 32 || (word << (8 * type.Size)).IsZero,
        _ => false,
    };

    private static void AppendWord(List<byte> output, in UInt256 word) => output.AddRange(word.ToBigEndianArray());

    private static int Padding(int length) => (32 - (length % 32)) % 32;

    /// <param name="frame">The bytes that offsets count from.</param>
    private static bool TryDecodeIn(AbiType type, ReadOnlySpan<byte> frame, int head, out AbiValue? value)
    {
        value = null;
        if (!type.IsDynamic) return head + type.HeadSize <= frame.Length && TryDecodeStatic(type, frame.Slice(head, type.HeadSize), out value);
        return TryReadLength(frame, head, out int offset) && offset <= frame.Length && TryDecodeTail(type, frame[offset..], out value);
    }

    private static bool TryDecodeStatic(AbiType type, ReadOnlySpan<byte> data, out AbiValue? value)
    {
        value = null;
        switch (type.Kind)
        {
            case AbiKind.FixedArray:
                if (!TryDecode(Repeat(type.Element!, type.Size), data, out AbiValue[] items)) return false;
                value = AbiValue.List(items);
                return true;
            case AbiKind.Tuple:
                if (!TryDecode(type.Components, data, out AbiValue[] fields)) return false;
                value = AbiValue.List(fields);
                return true;
            default:
                UInt256 word = UInt256.FromBigEndian(data);
                value = word;
                return Fits(type, word);
        }
    }

    private static bool TryDecodeTail(AbiType type, ReadOnlySpan<byte> tail, out AbiValue? value)
    {
        value = null;
        int length;
        switch (type.Kind)
        {
            case AbiKind.Bytes or AbiKind.String:
                if (!TryReadLength(tail, 0, out length) || length > tail.Length - 32) return false;
                value = tail.Slice(32, length).ToArray();
                return true;
            case AbiKind.Array:
                if (!TryReadLength(tail, 0, out length) || (long)length * type.Element!.HeadSize > tail.Length - 32) return false;
                if (!TryDecode(Repeat(type.Element, length), tail[32..], out AbiValue[] items)) return false;
                value = AbiValue.List(items);
                return true;
            case AbiKind.FixedArray:
                if (!TryDecode(Repeat(type.Element!, type.Size), tail, out AbiValue[] fixedItems)) return false;
                value = AbiValue.List(fixedItems);
                return true;
            default:
                if (!TryDecode(type.Components, tail, out AbiValue[] fields)) return false;
                value = AbiValue.List(fields);
                return true;
        }
    }

    private static AbiType[] Repeat(AbiType type, int count)
    {
        var types = new AbiType[count];
        Array.Fill(types, type);
        return types;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> data, int at, out int length)
    {
        length = 0;
        if (data.Length < at + 32) return false;
        ReadOnlySpan<byte> word = data.Slice(at, 32);
        if (word[..28].ContainsAnyExcept((byte)0)) return false;
        uint value = BinaryPrimitives.ReadUInt32BigEndian(word[28..]);
        length = (int)Math.Min(value, int.MaxValue);
        return value <= MaxLength;
    }
}
