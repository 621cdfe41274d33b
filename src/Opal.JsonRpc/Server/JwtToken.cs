using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Opal.JsonRpc;

/// <summary>The Engine API's bearer tokens: JWT, HS256 with a shared 32-byte secret, fresh by their <c>iat</c> claim.</summary>
public static class JwtToken
{
    /// <summary>How far <c>iat</c> may be from the clock.</summary>
    public static TimeSpan MaxSkew { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Makes a token issued at <paramref name="now"/>.</summary>
    public static string Create(ReadOnlySpan<byte> secret, DateTimeOffset now)
    {
        string head = Base64Url.EncodeToString("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"u8);
        string body = Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"{{\"iat\":{now.ToUnixTimeSeconds()}}}"));
        string signed = $"{head}.{body}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Checks a token.</summary>
    /// <param name="token">The token, without <c>Bearer</c>.</param>
    /// <param name="secret">The shared secret.</param>
    /// <param name="now">The time to compare <c>iat</c> with.</param>
    /// <param name="problem">Why it was refused.</param>
    public static bool TryVerify(string token, ReadOnlySpan<byte> secret, DateTimeOffset now, out string problem)
    {
        int lastDot = token.LastIndexOf('.'), firstDot = token.IndexOf('.', StringComparison.Ordinal);
        problem = "malformed token";
        if (firstDot <= 0 || lastDot == firstDot || token.Length > 8192) return false;
        if (!TryDecode(token.AsSpan(0, firstDot), out byte[] head)
            || !TryDecode(token.AsSpan(firstDot + 1, lastDot - firstDot - 1), out byte[] body)
            || !TryDecode(token.AsSpan(lastDot + 1), out byte[] signature)) return false;
        if (!TryReadObject(head, out JsonDocument? header)) return false;
        using (header)
        {
            if (!header!.RootElement.TryGetProperty("alg", out JsonElement algorithm) || algorithm.ValueKind != JsonValueKind.String || !algorithm.ValueEquals("HS256"))
            {
                problem = "the token's algorithm must be HS256";
                return false;
            }
        }

        Span<byte> expected = stackalloc byte[32];
        HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(token[..lastDot]), expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, signature))
        {
            problem = "the token's signature does not match the secret";
            return false;
        }

        if (!TryReadObject(body, out JsonDocument? claims)) return false;
        using (claims)
        {
            if (!claims!.RootElement.TryGetProperty("iat", out JsonElement issued) || issued.ValueKind != JsonValueKind.Number || !issued.TryGetDouble(out double seconds))
            {
                problem = "the token has no iat claim";
                return false;
            }

            if (Math.Abs(now.ToUnixTimeMilliseconds() / 1000.0 - seconds) > MaxSkew.TotalSeconds + 1)
            {
                problem = "stale token: its iat claim must be within 60 seconds of this machine's clock";
                return false;
            }
        }

        problem = "";
        return true;
    }

    private static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (!Base64Url.IsValid(text)) return false;
        bytes = Base64Url.DecodeFromChars(text);
        return true;
    }

    private static bool TryReadObject(byte[] utf8, out JsonDocument? document)
    {
        var reader = new Utf8JsonReader(utf8);
        try
        {
            if (!JsonDocument.TryParseValue(ref reader, out document)) return false;
        }
        catch (JsonException)
        {
            document = null;
            return false;
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object) return true;
        document.Dispose();
        document = null;
        return false;
    }
}
