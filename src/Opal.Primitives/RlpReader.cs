namespace Opal.Primitives;

/// <summary>What is wrong with an RLP item.</summary>
public enum RlpError : byte
{
    None,
    /// <summary>The input ends inside an item.</summary>
    Truncated,
    /// <summary>A length is not in its shortest form, or a single byte below 0x80 is wrapped.</summary>
    NotCanonical,
    /// <summary>A string stands where a list was expected.</summary>
    ExpectedList,
    /// <summary>A list stands where a string was expected.</summary>
    ExpectedString,
    /// <summary>A number has leading zeros.</summary>
    LeadingZero,
    /// <summary>A value is longer, or shorter, than its type.</summary>
    WrongSize,
    /// <summary>Bytes remain where the structure ends.</summary>
    TrailingBytes,
}

/// <summary>Reads items of one RLP list, or of a plain sequence, from front to back. Only canonical encodings are accepted.</summary>
/// <remarks>
/// Every <c>TryRead…</c> returns false on a fault and leaves the reader failed: <see cref="Error"/> says why, and every later
/// read fails too, so that a decoder may read all fields and look once. Spec: the Yellow Paper, appendix B.
/// </remarks>
public ref struct RlpReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Reads the items that stand one after another in <paramref name="items"/>.</summary>
    public RlpReader(ReadOnlySpan<byte> items)
    {
        _rest = items;
        Error = RlpError.None;
    }

    /// <summary>The first fault met.</summary>
    public RlpError Error { get; private set; }

    /// <summary>Whether all items were read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>The bytes not yet read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Whether the next item is a list; false at the end.</summary>
    public readonly bool NextIsList => !_rest.IsEmpty && _rest[0] >= 0xc0;

    /// <summary>Opens an encoding that must be one list and nothing else.</summary>
    public static bool TryOpenList(ReadOnlySpan<byte> encoding, out RlpReader items)
    {
        var outer = new RlpReader(encoding);
        if (!outer.TryReadList(out items)) return false;
        if (outer.AtEnd) return true;
        items.Error = RlpError.TrailingBytes;
        return false;
    }

    private bool Fail(RlpError error)
    {
        if (Error == RlpError.None) Error = error;
        _rest = default;
        return false;
    }

    /// <summary>Takes the next item apart.</summary>
    private bool TryReadItem(out bool isList, out ReadOnlySpan<byte> payload, out int encodedLength)
    {
        isList = false;
        payload = default;
        encodedLength = 0;
        if (Error != RlpError.None) return false;
        if (_rest.IsEmpty) return Fail(RlpError.Truncated);
        byte first = _rest[0];
        int headerLength = 1;
        ulong length;
        if (first < 0x80)
        {
            headerLength = 0;
            length = 1;
        }
        else
        {
            isList = first >= 0xc0;
            int code = first - (isList ? 0xc0 : 0x80);
            if (code <= 55)
            {
                length = (ulong)code;
                if (code == 1 && !isList && _rest.Length > 1 && _rest[1] < 0x80) return Fail(RlpError.NotCanonical);
            }
            else
            {
                int sizeBytes = code - 55;
                headerLength = 1 + sizeBytes;
                if (_rest.Length < headerLength) return Fail(RlpError.Truncated);
                if (_rest[1] == 0) return Fail(RlpError.NotCanonical);
                length = 0;
                for (int i = 0; i < sizeBytes; i++) length = (length << 8) | _rest[1 + i];
                if (length <= 55) return Fail(RlpError.NotCanonical);
            }
        }

        if (length > (ulong)(_rest.Length - headerLength)) return Fail(RlpError.Truncated);
        payload = _rest.Slice(headerLength, (int)length);
        encodedLength = headerLength + (int)length;
        return true;
    }

    /// <summary>Reads a string of any length.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> bytes)
    {
        if (!TryReadItem(out bool isList, out bytes, out int length)) return false;
        if (isList) return Fail(RlpError.ExpectedString);
        _rest = _rest[length..];
        return true;
    }

    /// <summary>Reads a list and gives a reader of its items.</summary>
    public bool TryReadList(out RlpReader items)
    {
        if (!TryReadItem(out bool isList, out ReadOnlySpan<byte> payload, out int length))
        {
            items = new RlpReader(default) { Error = Error };
            return false;
        }

        if (!isList)
        {
            items = new RlpReader(default) { Error = RlpError.ExpectedList };
            return Fail(RlpError.ExpectedList);
        }

        _rest = _rest[length..];
        items = new RlpReader(payload);
        return true;
    }

    /// <summary>Reads the next item, string or list, as its whole encoding.</summary>
    public bool TryReadRaw(out ReadOnlySpan<byte> encoding)
    {
        encoding = default;
        if (!TryReadItem(out _, out _, out int length)) return false;
        encoding = _rest[..length];
        _rest = _rest[length..];
        return true;
    }

    /// <summary>Reads a string of exactly <paramref name="size"/> bytes.</summary>
    public bool TryReadFixed(int size, out ReadOnlySpan<byte> bytes)
    {
        if (!TryReadBytes(out bytes)) return false;
        return bytes.Length == size || Fail(RlpError.WrongSize);
    }

    /// <summary>Reads a number below 2^64.</summary>
    public bool TryReadUInt64(out ulong value)
    {
        value = 0;
        if (!TryReadBytes(out ReadOnlySpan<byte> bytes)) return false;
        if (bytes.Length > 8) return Fail(RlpError.WrongSize);
        if (bytes.Length > 0 && bytes[0] == 0) return Fail(RlpError.LeadingZero);
        foreach (byte b in bytes) value = (value << 8) | b;
        return true;
    }

    /// <summary>Reads a number below 2^256.</summary>
    public bool TryReadUInt256(out UInt256 value)
    {
        value = default;
        if (!TryReadBytes(out ReadOnlySpan<byte> bytes)) return false;
        if (bytes.Length > 32) return Fail(RlpError.WrongSize);
        if (bytes.Length > 0 && bytes[0] == 0) return Fail(RlpError.LeadingZero);
        value = UInt256.FromBigEndian(bytes);
        return true;
    }

    /// <summary>Reads a boolean: the empty string or 0x01.</summary>
    public bool TryReadBool(out bool value)
    {
        value = false;
        if (!TryReadUInt64(out ulong number)) return false;
        value = number == 1;
        return number <= 1 || Fail(RlpError.WrongSize);
    }

    /// <summary>Reads 32 bytes.</summary>
    public bool TryReadHash(out Hash256 hash)
    {
        hash = default;
        if (!TryReadFixed(Hash256.Size, out ReadOnlySpan<byte> bytes)) return false;
        hash = new Hash256(bytes);
        return true;
    }

    /// <summary>Reads 20 bytes.</summary>
    public bool TryReadAddress(out Address address)
    {
        address = default;
        if (!TryReadFixed(Address.Size, out ReadOnlySpan<byte> bytes)) return false;
        address = new Address(bytes);
        return true;
    }

    /// <summary>Reads 20 bytes, or the empty string as no address (contract creation).</summary>
    public bool TryReadOptionalAddress(out Address? address)
    {
        address = null;
        if (!TryReadBytes(out ReadOnlySpan<byte> bytes)) return false;
        if (bytes.IsEmpty) return true;
        if (bytes.Length != Address.Size) return Fail(RlpError.WrongSize);
        address = new Address(bytes);
        return true;
    }

    /// <summary>Checks that nothing is left and nothing failed.</summary>
    public bool TryEnd() => Error == RlpError.None && (AtEnd || Fail(RlpError.TrailingBytes));
}
