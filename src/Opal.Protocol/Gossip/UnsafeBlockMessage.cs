using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>An unsafe block with its sequencer's signature, as one node passes it to another.</summary>
/// <param name="Version">1 to 4, see <see cref="PayloadSsz.VersionAt"/>.</param>
/// <param name="Signature">65 bytes: r ++ s ++ y parity.</param>
/// <param name="ParentBeaconBlockRoot">From version 3 on, else null.</param>
/// <param name="Payload">The payload in SSZ.</param>
/// <remarks>Spec: protocol/rollup-node-p2p.md#block-encoding and #block-signatures. The message is uncompressed here; gossip compresses it by Snappy.</remarks>
public sealed record UnsafeBlockMessage(int Version, ReadOnlyMemory<byte> Signature, Hash256? ParentBeaconBlockRoot, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The size of a signature.</summary>
    public const int SignatureSize = 65;

    /// <summary>The largest message: the specification's limit on gossip, 10 MiB.</summary>
    public const int MaxSize = 10 * 1024 * 1024;

    /// <summary>What the sequencer signs: keccak256(32 zero bytes ++ chain id ++ keccak256(beacon root, from version 3 on, ++ payload)).</summary>
    /// <param name="chainId">The L2 chain.</param>
    public Hash256 Digest(ulong chainId)
    {
        byte[] signed = new byte[(ParentBeaconBlockRoot is null ? 0 : 32) + Payload.Length];
        ParentBeaconBlockRoot?.ToArray().CopyTo(signed, 0);
        Payload.Span.CopyTo(signed.AsSpan(signed.Length - Payload.Length));
        Span<byte> message = stackalloc byte[96];
        message.Clear();
        new UInt256(chainId).ToBigEndianArray().CopyTo(message[32..]);
        Keccak256.Hash(signed).ToArray().CopyTo(message[64..]);
        return Keccak256.Hash(message);
    }

    /// <summary>Signature ++ beacon root (from version 3 on) ++ payload.</summary>
    public byte[] Encode() => [.. Signature.Span, .. ParentBeaconBlockRoot?.ToArray() ?? [], .. Payload.Span];

    /// <summary>Takes a message apart. Nothing of it is checked but its length.</summary>
    public static bool TryDecode(int version, ReadOnlyMemory<byte> encoded, out UnsafeBlockMessage? message)
    {
        int head = SignatureSize + (version >= 3 ? 32 : 0);
        message = null;
        if (version is < 1 or > 4 || encoded.Length <= head || encoded.Length > MaxSize) return false;
        Hash256? root = version >= 3 ? new Hash256(encoded.Span[SignatureSize..head]) : null;
        message = new UnsafeBlockMessage(version, encoded[..SignatureSize], root, encoded[head..]);
        return true;
    }

    /// <summary>Who signed it; false when the signature is none. s may be in either half, as the message is not malleable by it: it is told apart by its block.</summary>
    public bool TryRecoverSigner(ulong chainId, ICrypto crypto, out Address signer)
    {
        ReadOnlySpan<byte> signature = Signature.Span;
        signer = default;
        return signature[64] <= 1
            && crypto.TryRecoverAddress(Digest(chainId), UInt256.FromBigEndian(signature[..32]), UInt256.FromBigEndian(signature[32..64]), signature[64], out signer);
    }
}
