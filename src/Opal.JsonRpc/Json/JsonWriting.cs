using System.Buffers;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>Writes Ethereum's values: quantities, data, hashes, addresses.</summary>
public static class JsonWriting
{
    /// <summary>A number, 0x and digits without leading zeros.</summary>
    public static void WriteQuantityValue(this Utf8JsonWriter writer, ulong value)
    {
        Span<byte> text = stackalloc byte[18];
        int at = text.Length;
        do
        {
            text[--at] = "0123456789abcdef"u8[(int)(value & 15)];
            value >>= 4;
        }
        while (value != 0);
        text[--at] = (byte)'x';
        text[--at] = (byte)'0';
        writer.WriteStringValue(text[at..]);
    }

    /// <summary>A number, 0x and digits without leading zeros.</summary>
    public static void WriteQuantityValue(this Utf8JsonWriter writer, in UInt256 value)
    {
        if (value.IsUInt64)
        {
            writer.WriteQuantityValue(value.U0);
            return;
        }

        Span<byte> text = stackalloc byte[66];
        int at = text.Length, limb = 0;
        for (; limb < 4 && at > 2; limb++)
        {
            ulong bits = limb switch { 0 => value.U0, 1 => value.U1, 2 => value.U2, _ => value.U3 };
            for (int digit = 0; digit < 16; digit++, bits >>= 4) text[--at] = "0123456789abcdef"u8[(int)(bits & 15)];
        }

        while (text[at] == (byte)'0') at++;
        text[--at] = (byte)'x';
        text[--at] = (byte)'0';
        writer.WriteStringValue(text[at..]);
    }

    /// <summary>Bytes, 0x and two digits each.</summary>
    public static void WriteDataValue(this Utf8JsonWriter writer, ReadOnlySpan<byte> bytes)
    {
        int length = 2 + (2 * bytes.Length);
        byte[]? rented = length <= 1024 ? null : ArrayPool<byte>.Shared.Rent(length);
        Span<byte> text = rented is null ? stackalloc byte[length] : rented.AsSpan(0, length);
        text[0] = (byte)'0';
        text[1] = (byte)'x';
        Convert.TryToHexStringLower(bytes, text[2..], out _);
        writer.WriteStringValue(text);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>32 bytes.</summary>
    public static void WriteHashValue(this Utf8JsonWriter writer, in Hash256 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        hash.CopyTo(bytes);
        writer.WriteDataValue(bytes);
    }

    /// <summary>20 bytes, lower case.</summary>
    public static void WriteAddressValue(this Utf8JsonWriter writer, in Address address)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        address.CopyTo(bytes);
        writer.WriteDataValue(bytes);
    }

    /// <summary>A field with a number.</summary>
    public static void WriteQuantity(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, ulong value)
    {
        writer.WritePropertyName(name);
        writer.WriteQuantityValue(value);
    }

    /// <summary>A field with a number.</summary>
    public static void WriteQuantity(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, in UInt256 value)
    {
        writer.WritePropertyName(name);
        writer.WriteQuantityValue(value);
    }

    /// <summary>A field with bytes.</summary>
    public static void WriteData(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes)
    {
        writer.WritePropertyName(name);
        writer.WriteDataValue(bytes);
    }

    /// <summary>A field with a hash.</summary>
    public static void WriteHash(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, in Hash256 hash)
    {
        writer.WritePropertyName(name);
        writer.WriteHashValue(hash);
    }

    /// <summary>A field with an address.</summary>
    public static void WriteAddress(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, in Address address)
    {
        writer.WritePropertyName(name);
        writer.WriteAddressValue(address);
    }

    /// <summary>A field with an address, or null.</summary>
    public static void WriteAddress(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, Address? address)
    {
        writer.WritePropertyName(name);
        if (address is { } present) writer.WriteAddressValue(present);
        else writer.WriteNullValue();
    }
}
