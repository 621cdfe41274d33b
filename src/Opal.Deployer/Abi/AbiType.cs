using System.Globalization;

namespace Opal.Deployer.Abi;

/// <summary>The shapes of the contract ABI.</summary>
public enum AbiKind : byte
{
    /// <summary>uint8 to uint256 (enums and contract-defined value types included).</summary>
    Uint,
    /// <summary>int8 to int256, two's complement in the whole word.</summary>
    Int,
    /// <summary>address.</summary>
    Address,
    /// <summary>bool.</summary>
    Bool,
    /// <summary>bytes1 to bytes32, left-aligned in the word.</summary>
    FixedBytes,
    /// <summary>bytes.</summary>
    Bytes,
    /// <summary>string, UTF-8.</summary>
    String,
    /// <summary>T[].</summary>
    Array,
    /// <summary>T[n].</summary>
    FixedArray,
    /// <summary>(T1,T2,…).</summary>
    Tuple,
}

/// <summary>A type of the Solidity contract ABI, version 2 (no fixed-point numbers and no function pointers: nothing here uses them).</summary>
public sealed class AbiType
{
    private const int MaxDepth = 16;

    private readonly string _canonical;

    private AbiType(AbiKind kind, int size, AbiType? element, IReadOnlyList<AbiType> components, string canonical)
    {
        Kind = kind;
        Size = size;
        Element = element;
        Components = components;
        _canonical = canonical;
        IsDynamic = kind switch
        {
            AbiKind.Bytes or AbiKind.String or AbiKind.Array => true,
            AbiKind.FixedArray => element!.IsDynamic,
            AbiKind.Tuple => components.Any(component => component.IsDynamic),
            _ => false,
        };
        HeadSize = IsDynamic ? 32 : kind switch
        {
            AbiKind.FixedArray => checked(size * element!.HeadSize),
            AbiKind.Tuple => components.Sum(component => component.HeadSize),
            _ => 32,
        };
    }

    /// <summary>The shape.</summary>
    public AbiKind Kind { get; }

    /// <summary>Bits of an integer, bytes of a fixed-size byte string, length of a fixed-size array; else 0.</summary>
    public int Size { get; }

    /// <summary>The type of an array's items.</summary>
    public AbiType? Element { get; }

    /// <summary>The types of a tuple's fields.</summary>
    public IReadOnlyList<AbiType> Components { get; }

    /// <summary>Whether the encoding's length depends on the value, so that the head holds an offset.</summary>
    public bool IsDynamic { get; }

    /// <summary>Bytes that the type takes in the head of the sequence it stands in.</summary>
    public int HeadSize { get; }

    /// <summary>A tuple of these types, as the arguments of a function are.</summary>
    public static AbiType TupleOf(IReadOnlyList<AbiType> components) =>
        new(AbiKind.Tuple, 0, null, components, $"({string.Join(',', components.Select(component => component.ToString()))})");

    /// <summary>Parses a type as it stands in a signature: <c>uint256</c>, <c>(address,bytes32[])[2]</c>.</summary>
    public static bool TryParse(string text, out AbiType? type)
    {
        int position = 0;
        type = Parse(text, ref position, 0);
        if (type is not null && position == text.Length) return true;
        type = null;
        return false;
    }

    /// <summary>Parses a type written in the program.</summary>
    /// <exception cref="FormatException">No such type.</exception>
    public static AbiType Parse(string text) => TryParse(text, out AbiType? type) ? type! : throw new FormatException($"'{text}' is no ABI type");

    /// <summary>The canonical name, as signatures are hashed with.</summary>
    public override string ToString() => _canonical;

    private static AbiType? Parse(string text, ref int position, int depth)
    {
        if (depth > MaxDepth) return null;
        AbiType? type = position < text.Length && text[position] == '(' ? ParseTuple(text, ref position, depth) : ParseWord(text, ref position);
        while (type is not null && position < text.Length && text[position] == '[')
        {
            int close = text.IndexOf(']', position);
            if (close < 0) return null;
            ReadOnlySpan<char> length = text.AsSpan(position + 1, close - position - 1);
            position = close + 1;
            if (length.IsEmpty)
            {
                type = new AbiType(AbiKind.Array, 0, type, [], $"{type}[]");
            }
            else if (int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is > 0 and <= 1 << 16)
            {
                type = new AbiType(AbiKind.FixedArray, n, type, [], $"{type}[{n}]");
            }
            else
            {
                return null;
            }
        }

        return type;
    }

    private static AbiType? ParseTuple(string text, ref int position, int depth)
    {
        var components = new List<AbiType>();
        position++;
        while (position < text.Length && text[position] != ')')
        {
            if (components.Count > 0)
            {
                if (text[position] != ',') return null;
                position++;
            }

            if (Parse(text, ref position, depth + 1) is not { } component) return null;
            components.Add(component);
        }

        if (position >= text.Length) return null;
        position++;
        return TupleOf(components);
    }

    private static AbiType? ParseWord(string text, ref int position)
    {
        int begin = position;
        while (position < text.Length && char.IsAsciiLetterOrDigit(text[position])) position++;
        string word = text[begin..position];
        return word switch
        {
            "address" => Simple(AbiKind.Address, 0, word),
            "bool" => Simple(AbiKind.Bool, 0, word),
            "bytes" => Simple(AbiKind.Bytes, 0, word),
            "string" => Simple(AbiKind.String, 0, word),
            "uint" => Simple(AbiKind.Uint, 256, "uint256"),
            "int" => Simple(AbiKind.Int, 256, "int256"),
            _ when word.StartsWith("uint", StringComparison.Ordinal) => Sized(AbiKind.Uint, word, 4, 256, 8),
            _ when word.StartsWith("int", StringComparison.Ordinal) => Sized(AbiKind.Int, word, 3, 256, 8),
            _ when word.StartsWith("bytes", StringComparison.Ordinal) => Sized(AbiKind.FixedBytes, word, 5, 32, 1),
            _ => null,
        };
    }

    private static AbiType Simple(AbiKind kind, int size, string canonical) => new(kind, size, null, [], canonical);

    private static AbiType? Sized(AbiKind kind, string word, int prefix, int limit, int step) =>
        int.TryParse(word.AsSpan(prefix), NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0 && size <= limit && size % step == 0
            ? Simple(kind, size, word)
            : null;
}
