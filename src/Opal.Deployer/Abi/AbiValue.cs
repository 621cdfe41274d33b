using System.Text;
using Opal.Primitives;

namespace Opal.Deployer.Abi;

/// <summary>
/// A value to encode or a decoded one: a word, a byte string, or a list (array or tuple). What a word means is the
/// <see cref="AbiType"/>'s business; C# values convert implicitly.
/// </summary>
public sealed class AbiValue
{
    private readonly UInt256 _word;
    private readonly byte[]? _bytes;
    private readonly AbiValue[]? _items;

    private AbiValue(in UInt256 word) => _word = word;

    private AbiValue(byte[] bytes) => _bytes = bytes;

    private AbiValue(AbiValue[] items) => _items = items;

    /// <summary>Whether this is a word: number, address, bool, bytesN.</summary>
    public bool IsWord => _bytes is null && _items is null;

    /// <summary>Whether this is a byte string: bytes, string.</summary>
    public bool IsBytes => _bytes is not null;

    /// <summary>Whether this is an array or a tuple.</summary>
    public bool IsList => _items is not null;

    /// <summary>An array, or a tuple's fields.</summary>
    public static AbiValue List(params AbiValue[] items) => new(items);

    /// <summary>The word as a number.</summary>
    public UInt256 AsUInt256() => IsWord ? _word : throw new InvalidOperationException("not a word");

    /// <summary>The word as a number below 2^64.</summary>
    /// <exception cref="InvalidOperationException">It is larger.</exception>
    public ulong AsUInt64() => AsUInt256() is { IsUInt64: true } word ? (ulong)word : throw new InvalidOperationException("not a 64-bit number");

    /// <summary>The word's low 160 bits.</summary>
    public Address AsAddress() => Address.FromUInt256(AsUInt256());

    /// <summary>Whether the word is other than zero.</summary>
    public bool AsBool() => !AsUInt256().IsZero;

    /// <summary>The word's 32 bytes.</summary>
    public Hash256 AsHash() => Hash256.FromUInt256(AsUInt256());

    /// <summary>The byte string.</summary>
    public byte[] AsBytes() => _bytes ?? throw new InvalidOperationException("not a byte string");

    /// <summary>The byte string as UTF-8 text.</summary>
    public string AsString() => Encoding.UTF8.GetString(AsBytes());

    /// <summary>The items of an array, the fields of a tuple.</summary>
    public IReadOnlyList<AbiValue> Items => _items ?? throw new InvalidOperationException("not a list");

    public static implicit operator AbiValue(UInt256 value) => new(value);
    public static implicit operator AbiValue(ulong value) => new(new UInt256(value));
    public static implicit operator AbiValue(uint value) => new(new UInt256(value));
    public static implicit operator AbiValue(bool value) => new(value ? UInt256.One : UInt256.Zero);
    public static implicit operator AbiValue(Address value) => new(value.ToUInt256());
    public static implicit operator AbiValue(Hash256 value) => new(value.ToUInt256());
    public static implicit operator AbiValue(byte[] value) => new(value);
    public static implicit operator AbiValue(string value) => new(Encoding.UTF8.GetBytes(value));
}
