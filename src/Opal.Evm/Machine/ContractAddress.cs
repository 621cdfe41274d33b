using Opal.Primitives;

namespace Opal.Evm;

/// <summary>The addresses of new contracts.</summary>
public static class ContractAddress
{
    /// <summary>CREATE: the last 20 bytes of keccak256(rlp([creator, nonce])).</summary>
    public static Address OfCreate(in Address creator, ulong nonce)
    {
        Span<byte> rlp = stackalloc byte[31];
        rlp[1] = 0x80 + Address.Size;
        creator.CopyTo(rlp[2..]);
        int length = 22;
        if (nonce == 0)
        {
            rlp[length++] = 0x80;
        }
        else if (nonce < 0x80)
        {
            rlp[length++] = (byte)nonce;
        }
        else
        {
            int size = new UInt256(nonce).WriteMinimalBigEndian(rlp[(length + 1)..]);
            rlp[length] = (byte)(0x80 + size);
            length += 1 + size;
        }

        rlp[0] = (byte)(0xc0 + length - 1);
        return LastBytes(rlp[..length]);
    }

    /// <summary>CREATE2 (EIP-1014): the last 20 bytes of keccak256(0xff ++ creator ++ salt ++ keccak256(init code)).</summary>
    public static Address OfCreate2(in Address creator, in UInt256 salt, ReadOnlySpan<byte> initCode)
    {
        Span<byte> preimage = stackalloc byte[85];
        preimage[0] = 0xff;
        creator.CopyTo(preimage[1..]);
        salt.WriteBigEndian(preimage[21..]);
        Keccak256.Hash(initCode, preimage[53..]);
        return LastBytes(preimage);
    }

    private static Address LastBytes(ReadOnlySpan<byte> preimage)
    {
        Span<byte> digest = stackalloc byte[32];
        Keccak256.Hash(preimage, digest);
        return new Address(digest[12..]);
    }
}
