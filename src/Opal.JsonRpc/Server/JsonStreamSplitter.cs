namespace Opal.JsonRpc;

/// <summary>Finds where one JSON object or array ends and the next begins in a stream of them. It looks at brackets and strings alone; whether a value is well-formed is the parser's business.</summary>
internal struct JsonStreamSplitter
{
    private int _depth;
    private bool _inString;
    private bool _escaped;

    /// <summary>What <see cref="Scan"/> met.</summary>
    public enum Outcome : byte
    {
        /// <summary>All bytes belong to a value that goes on, or to none.</summary>
        More,
        /// <summary>A value ends at the last byte used.</summary>
        Complete,
        /// <summary>What begins there is neither object nor array.</summary>
        Malformed,
    }

    /// <summary>Whether a value has begun.</summary>
    public readonly bool IsInside => _depth > 0;

    /// <summary>Goes through bytes up to the end of the value.</summary>
    /// <param name="bytes">What came next; nothing of it is seen again that was used.</param>
    /// <param name="skipped">How many bytes before the value are white space.</param>
    /// <param name="used">How many bytes were gone through, the skipped ones included.</param>
    public Outcome Scan(ReadOnlySpan<byte> bytes, out int skipped, out int used)
    {
        skipped = 0;
        used = 0;
        if (_depth == 0)
        {
            while (skipped < bytes.Length && bytes[skipped] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') skipped++;
            used = skipped;
            if (used == bytes.Length) return Outcome.More;
            if (bytes[used] is not ((byte)'{' or (byte)'[')) return Outcome.Malformed;
        }

        while (used < bytes.Length)
        {
            byte b = bytes[used++];
            if (_inString)
            {
                if (_escaped) _escaped = false;
                else if (b == (byte)'\\') _escaped = true;
                else if (b == (byte)'"') _inString = false;
                continue;
            }

            switch (b)
            {
                case (byte)'"':
                    _inString = true;
                    break;
                case (byte)'{' or (byte)'[':
                    _depth++;
                    break;
                case (byte)'}' or (byte)']' when --_depth == 0:
                    return Outcome.Complete;
            }
        }

        return Outcome.More;
    }
}
