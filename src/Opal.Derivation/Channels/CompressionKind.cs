namespace Opal.Derivation;

/// <summary>How a channel is compressed, as its first byte says (derivation.md#channel-format; fjord/derivation.md#brotli-channel-compression).</summary>
public enum CompressionKind : byte
{
    /// <summary>The first byte names none.</summary>
    None,
    /// <summary>A zlib stream.</summary>
    Zlib,
    /// <summary>A version byte of 1 and a Brotli stream.</summary>
    Brotli,
}
