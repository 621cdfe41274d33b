using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>One entry of a set-code transaction's authorization list (EIP-7702).</summary>
/// <remarks>Wire: rlp([chain_id, address, nonce, y_parity, r, s]). Whether it is valid is decided when it is processed; an invalid one is skipped.</remarks>
public sealed class Authorization(UInt256 chainId, Address address, ulong nonce, byte yParity, UInt256 r, UInt256 s)
{
    /// <summary>The chain it holds for; zero means every chain.</summary>
    public UInt256 ChainId { get; } = chainId;

    /// <summary>The account whose code is delegated to; zero clears the delegation.</summary>
    public Address Address { get; } = address;

    /// <summary>The nonce that the authority must have.</summary>
    public ulong Nonce { get; } = nonce;

    /// <summary>The signature's y parity; more than 1 is decodable and invalid.</summary>
    public byte YParity { get; } = yParity;

    /// <summary>The signature's r.</summary>
    public UInt256 R { get; } = r;

    /// <summary>The signature's s.</summary>
    public UInt256 S { get; } = s;

    private Recovered? _authority;

    private sealed class Recovered(bool valid, Address address)
    {
        internal readonly bool Valid = valid;
        internal readonly Address Address = address;
    }

    /// <summary>What the authority signs: keccak256(0x05 ++ rlp([chain_id, address, nonce])).</summary>
    public Hash256 SigningHash()
    {
        var writer = new RlpWriter(64);
        int list = writer.BeginList();
        writer.WriteUInt256(ChainId);
        writer.WriteAddress(Address);
        writer.WriteUInt64(Nonce);
        writer.EndList(list);
        Span<byte> message = stackalloc byte[writer.Length + 1];
        message[0] = 0x05;
        writer.Written.CopyTo(message[1..]);
        return Keccak256.Hash(message);
    }

    /// <summary>The account that signed. False: the signature is no valid one (high s included). Recovered once.</summary>
    public bool TryGetAuthority(ICrypto crypto, out Address authority)
    {
        Recovered? known = _authority;
        if (known is null)
        {
            Address signer = default;
            bool valid = SignatureRules.IsInRange(R, S, YParity) && crypto.TryRecoverAddress(SigningHash(), R, S, YParity, out signer);
            _authority = known = new Recovered(valid, signer);
        }

        authority = known.Address;
        return known.Valid;
    }
}
