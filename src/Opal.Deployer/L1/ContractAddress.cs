using Opal.Primitives;

namespace Opal.Deployer.L1;

/// <summary>Where a contract will live, known before it is created.</summary>
public static class ContractAddress
{
    /// <summary>CREATE: keccak256(rlp([creator, nonce])), last 20 bytes.</summary>
    public static Address Create(in Address creator, ulong nonce)
    {
        var rlp = new RlpWriter();
        int list = rlp.BeginList();
        rlp.WriteAddress(creator);
        rlp.WriteUInt64(nonce);
        rlp.EndList(list);
        return Address.FromUInt256(Keccak256.Hash(rlp.Written).ToUInt256());
    }

    /// <summary>CREATE2 (EIP-1014): keccak256(0xff ++ creator ++ salt ++ keccak256(initCode)), last 20 bytes.</summary>
    public static Address Create2(in Address creator, in Hash256 salt, ReadOnlySpan<byte> initCode)
    {
        Span<byte> input = stackalloc byte[85];
        input[0] = 0xff;
        creator.CopyTo(input[1..]);
        salt.CopyTo(input[21..]);
        Keccak256.Hash(initCode).CopyTo(input[53..]);
        return Address.FromUInt256(Keccak256.Hash(input).ToUInt256());
    }
}
