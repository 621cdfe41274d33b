using System.Buffers;
using System.Text;

namespace Opal.JsonRpc;

/// <summary>What the bytes of a connection begin with.</summary>
internal enum DirectVerdict : byte
{
    /// <summary>A plain request, whole with its body.</summary>
    Whole,
    /// <summary>What may become a plain request when more arrives.</summary>
    Partial,
    /// <summary>Anything else: good or bad, the full HTTP server judges it.</summary>
    Other,
}

/// <summary>Recognises the one request that nearly all callers send: a POST to the served path with JSON of a known length, and nothing that asks for more than an answer.</summary>
/// <remarks>It never refuses. What it does not know for certain is <see cref="DirectVerdict.Other"/>, so that the rules of HTTP are kept in one place, the server that has them all.</remarks>
internal readonly ref struct DirectHead
{
    /// <summary>A longer head is not plain.</summary>
    public const int MaxHead = 8 * 1024;

    private const int MaxLengthDigits = 8;

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    private DirectHead(int bodyStart, int bodyLength, ReadOnlySpan<byte> host)
    {
        BodyStart = bodyStart;
        BodyLength = bodyLength;
        Host = host;
    }

    /// <summary>Where the body begins.</summary>
    public int BodyStart { get; }

    /// <summary>The body's length in bytes.</summary>
    public int BodyLength { get; }

    /// <summary>The Host header.</summary>
    public ReadOnlySpan<byte> Host { get; }

    /// <summary>Reads a head.</summary>
    /// <param name="bytes">All that has arrived.</param>
    /// <param name="requestLine">The one request line that is plain, with its line end.</param>
    /// <param name="maxBody">The longest plain body, in bytes.</param>
    /// <param name="head">The head, when it is whole; the body may not be.</param>
    public static DirectVerdict Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> requestLine, int maxBody, out DirectHead head)
    {
        head = default;
        if (!bytes.StartsWith(requestLine)) return requestLine.StartsWith(bytes) ? DirectVerdict.Partial : DirectVerdict.Other;
        ReadOnlySpan<byte> host = default;
        int length = -1, at = requestLine.Length;
        bool isJson = false;
        while (true)
        {
            ReadOnlySpan<byte> rest = bytes[at..];
            int end = rest.IndexOf((byte)'\n');
            if (end < 0) return bytes.Length <= MaxHead ? DirectVerdict.Partial : DirectVerdict.Other;
            if (end == 0 || rest[end - 1] != '\r') return DirectVerdict.Other;
            at += end + 1;
            if (at > MaxHead) return DirectVerdict.Other;
            if (end == 1) break;
            ReadOnlySpan<byte> line = rest[..(end - 1)];
            int colon = line.IndexOf((byte)':');
            if (colon <= 0) return DirectVerdict.Other;
            ReadOnlySpan<byte> name = line[..colon], value = line[(colon + 1)..].Trim((byte)' ');
            if (name.ContainsAnyExcept(NameBytes) || value.ContainsAnyExceptInRange((byte)' ', (byte)'~')) return DirectVerdict.Other;
            if (Is(name, "content-length"u8))
            {
                if (length >= 0 || !TryReadLength(value, out length) || length > maxBody) return DirectVerdict.Other;
            }
            else if (Is(name, "content-type"u8))
            {
                if (isJson || !IsJson(value)) return DirectVerdict.Other;
                isJson = true;
            }
            else if (Is(name, "host"u8))
            {
                if (!host.IsEmpty || value.IsEmpty) return DirectVerdict.Other;
                host = value;
            }
            else if (Is(name, "connection"u8))
            {
                if (!Is(value, "keep-alive"u8)) return DirectVerdict.Other;
            }
            else if (Is(name, "origin"u8) || Is(name, "expect"u8) || Is(name, "upgrade"u8) || Is(name, "transfer-encoding"u8))
            {
                return DirectVerdict.Other;
            }
        }

        if (length < 0 || !isJson || host.IsEmpty) return DirectVerdict.Other;
        head = new DirectHead(at, length, host);
        return bytes.Length - at >= length ? DirectVerdict.Whole : DirectVerdict.Partial;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lowerCase) => text.Length == lowerCase.Length && Ascii.EqualsIgnoreCase(text, lowerCase);

    private static bool IsJson(ReadOnlySpan<byte> type)
    {
        ReadOnlySpan<byte> json = "application/json"u8;
        return type.Length >= json.Length && Is(type[..json.Length], json) && (type.Length == json.Length || type[json.Length] == ';');
    }

    private static bool TryReadLength(ReadOnlySpan<byte> value, out int length)
    {
        length = 0;
        if (value.Length is 0 or > MaxLengthDigits) return false;
        foreach (byte digit in value)
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            length = (length * 10) + (digit - '0');
        }

        return true;
    }
}
