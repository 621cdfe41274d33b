using Opal.Primitives;

namespace Opal.Deployer.L1;

/// <summary>The contract at one and the same address on every chain that creates what it is sent by CREATE2.</summary>
/// <remarks>Call: salt (32 bytes) ++ init code; the new contract's address depends on these two alone.</remarks>
public static class DeterministicDeployer
{
    /// <summary>Where it lives.</summary>
    public static readonly Address Address = Address.Parse("0x4e59b44847b379578588920cA78FbF26c0B4956C");

    /// <summary>The account that nobody has the key of; its only transaction creates the contract.</summary>
    public static readonly Address Signer = Address.Parse("0x3fab184622dc19b6109349b94811493bf2a45362");

    /// <summary>What that transaction costs, wei: 100,000 gas at 100 gwei.</summary>
    public static readonly UInt256 Cost = 10_000_000_000_000_000UL;

    /// <summary>The creation's gas price, wei; a base fee above it keeps the transaction out.</summary>
    public static readonly UInt256 GasPrice = 100_000_000_000UL;

    /// <summary>The contract's code.</summary>
    public static ReadOnlyMemory<byte> Code { get; } =
        Hex.Decode("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3");

    /// <summary>Creates the contract; signed once and for all, without a chain id.</summary>
    public static ReadOnlyMemory<byte> CreationTransaction { get; } = BuildCreation();

    private static byte[] BuildCreation()
    {
        byte[] two = new byte[32];
        Array.Fill(two, (byte)0x22);
        var rlp = new RlpWriter();
        int list = rlp.BeginList();
        rlp.WriteUInt64(0); // nonce
        rlp.WriteUInt256(GasPrice);
        rlp.WriteUInt64(100_000);
        rlp.WriteBytes([]); // creation
        rlp.WriteUInt64(0); // value
        rlp.WriteBytes([.. Hex.Decode("0x604580600e600039806000f350fe"), .. Code.Span]);
        rlp.WriteUInt64(27);
        rlp.WriteBytes(two);
        rlp.WriteBytes(two);
        rlp.EndList(list);
        return rlp.Written.ToArray();
    }
}
