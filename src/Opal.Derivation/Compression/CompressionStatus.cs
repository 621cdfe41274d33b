namespace Opal.Derivation;

/// <summary>How the decompression of a stream ended. Whatever the end, the output up to it counts.</summary>
public enum CompressionStatus : byte
{
    /// <summary>The stream ended as it should; bytes behind it are ignored.</summary>
    Complete,
    /// <summary>The output reached its limit and the stream goes on.</summary>
    LimitReached,
    /// <summary>The input ends inside the stream.</summary>
    Truncated,
    /// <summary>The stream breaks the format's rules.</summary>
    Corrupt,
    /// <summary>The header is wrong: there is no output.</summary>
    BadHeader,
    /// <summary>All output is there, but its checksum is another.</summary>
    BadChecksum,
}
