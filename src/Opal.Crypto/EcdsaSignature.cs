using Opal.Primitives;

namespace Opal.Crypto;

/// <summary>A secp256k1 signature from which the signer can be recovered.</summary>
/// <param name="R">x of the nonce point, modulo the group order.</param>
/// <param name="S">In the lower half of the group order when made here.</param>
/// <param name="YParity">0 or 1: which of the two points of that x.</param>
public readonly record struct EcdsaSignature(UInt256 R, UInt256 S, byte YParity)
{
    /// <summary>r ++ s ++ v, 65 bytes, with v = parity + <paramref name="vOffset"/> (27 for personal messages, 0 for gossip).</summary>
    public byte[] ToArray(byte vOffset = 0)
    {
        var bytes = new byte[65];
        R.WriteBigEndian(bytes);
        S.WriteBigEndian(bytes.AsSpan(32));
        bytes[64] = (byte)(YParity + vOffset);
        return bytes;
    }
}
