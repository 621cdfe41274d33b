using Opal.Deployer.Abi;
using Opal.Deployer.Contracts;
using Opal.Primitives;

namespace Opal.Deployer.L2;

/// <summary>Permit2 keeps the chain id and its EIP-712 domain separator as immutables; the preinstall is a template for them.</summary>
internal static class Permit2
{
    private const int ChainIdOffset = 6945;
    private const int DomainSeparatorOffset = 6983;

    public static ReadOnlyMemory<byte> Code(Preinstall template, ulong chainId)
    {
        Hash256 typeHash = Keccak256.Hash("EIP712Domain(string name,uint256 chainId,address verifyingContract)"u8);
        byte[] domain = AbiCodec.Encode("(bytes32,bytes32,uint256,address)", typeHash, Keccak256.Hash("Permit2"u8), new UInt256(chainId), template.Address);
        byte[] code = template.Code.ToArray();
        if (code.Length < DomainSeparatorOffset + 32) throw new DeployerException("the template of Permit2 is not the one this deployer knows");
        new UInt256(chainId).WriteBigEndian(code.AsSpan(ChainIdOffset, 32));
        Keccak256.Hash(domain).CopyTo(code.AsSpan(DomainSeparatorOffset, 32));
        return code;
    }
}
