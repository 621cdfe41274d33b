using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The rules that a secp256k1 signature obeys before a key is recovered from it.</summary>
public static class SignatureRules
{
    /// <summary>The order of the group.</summary>
    public static UInt256 Order => new(0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe, 0xffffffffffffffff);

    /// <summary>Half the order, rounded down: the largest s allowed since EIP-2.</summary>
    public static UInt256 HalfOrder => new(0xdfe92f46681b20a0, 0x5d576e7357a4501d, 0xffffffffffffffff, 0x7fffffffffffffff);

    /// <summary>0 &lt; r &lt; n, 0 &lt; s &lt;= n/2, y parity 0 or 1.</summary>
    public static bool IsInRange(in UInt256 r, in UInt256 s, byte yParity) =>
        yParity <= 1 && !r.IsZero && !s.IsZero && r < Order && s <= HalfOrder;
}
