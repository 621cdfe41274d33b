using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>Cases of EIP-7702: authorizations that hold and that do not, chains and loops of delegation, delegation to precompiles, clearing.</summary>
internal static class DelegationCases
{
    public static FuzzProgram Make(CaseWorld world, string name)
    {
        FuzzRandom random = world.Random;
        var keys = new byte[random.Between(1, 3)][];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = world.NewKey();
            world.Authorities.Add(Secp256k1.PrivateKeyToAddress(keys[i]));
        }

        StructuredCases.Fill(world, random.Between(1, 3));
        var nonces = new ulong[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            // Always in the state: anvil's database takes every address it has read for an account that exists, and gives the refund for
            // authorities that the state does not have, against EIP-7702 ("if authority exists in the trie"). The official tests cover those.
            nonces[i] = random.Pick(0UL, 0UL, 1UL, 7UL, ulong.MaxValue - 1, ulong.MaxValue);
            byte[] code = random.Next(4) switch
            {
                0 => Delegation.Create(Target(world)),
                1 when random.Chance(30) => [0x60, 0x01, 0x5f, 0x55], // a contract: no authority
                _ => [],
            };
            world.Put(new GenesisAccount(world.Authorities[i], random.Pick<ulong>(0, 1, 1000) + (nonces[i] == 0 ? 1UL : 0), nonces[i], code, random.Chance(30) ? [(0, 5)] : []));
        }

        var list = new List<Authorization>();
        for (int left = random.Between(1, 4); left > 0; left--)
        {
            bool bySender = random.Chance(15);
            int at = random.Next(keys.Length);
            ulong right = bySender ? 1 : nonces[at];
            ulong nonce = random.Chance(80) ? right : random.Pick(0UL, right + 1 == 0 ? 0 : right + 1, ulong.MaxValue);
            list.Add(Make(world, bySender ? world.SenderKey : keys[at], nonce));
            if (!bySender && nonce == right && random.Chance(70)) nonces[at]++; // what the next one by the same key has to state; wraps harmlessly
        }

        (UInt256 maxFee, UInt256 priority) = world.Fees();
        Address to = random.Next(5) switch
        {
            0 => world.Sender,
            1 => world.AnyAddress(),
            2 => world.Contracts[0],
            _ => world.Authorities[random.Next(world.Authorities.Count)],
        };
        return world.Finish(name, new Transaction
        {
            Type = TransactionType.SetCode,
            ChainId = FuzzProgram.ChainId,
            MaxFeePerGas = maxFee,
            MaxPriorityFeePerGas = priority,
            GasLimit = world.GasLimit() + 120_000,
            To = to,
            Value = random.Chance(70) ? UInt256.Zero : UInt256.One,
            Data = random.Bytes(random.Next(70)),
            AccessList = random.Chance(60) ? [] : world.AccessList(),
            AuthorizationList = [.. list],
        });
    }

    private static Address Target(CaseWorld world) => world.Random.Next(10) switch
    {
        0 => Address.Zero,
        1 => world.AnyPrecompile(),
        2 => world.Authorities[world.Random.Next(world.Authorities.Count)],
        3 => world.Nobody,
        4 => world.Sender,
        _ => world.Contracts[world.Random.Next(3)],
    };

    private static Authorization Make(CaseWorld world, byte[] key, ulong nonce)
    {
        FuzzRandom random = world.Random;
        UInt256 chainId = random.Next(12) switch
        {
            0 => UInt256.One,
            1 => UInt256.MaxValue,
            < 5 => UInt256.Zero,
            _ => FuzzProgram.ChainId,
        };
        Address target = Target(world);
        EcdsaSignature signature = Secp256k1.Sign(new Authorization(chainId, target, nonce, 0, UInt256.Zero, UInt256.Zero).SigningHash(), key);
        int flaw = random.Next(25);
        if (flaw == 1) // another signer, who has to be in the state too
        {
            var other = new Authorization(chainId, target, nonce, (byte)(1 - signature.YParity), signature.R, signature.S);
            if (other.TryGetAuthority(NativeCrypto.Instance, out Address signer)) world.Put(new GenesisAccount(signer, 1, nonce, [], []));
            return other;
        }

        return flaw switch
        {
            0 => new Authorization(chainId, target, nonce, (byte)(1 - signature.YParity), signature.R, SignatureRules.Order - signature.S), // high s
            2 => new Authorization(chainId, target, nonce, random.Pick<byte>(2, 27, 255), signature.R, signature.S),
            3 => new Authorization(chainId, target, nonce, signature.YParity, random.Pick(UInt256.Zero, SignatureRules.Order, UInt256.MaxValue), signature.S),
            4 => new Authorization(chainId, target, nonce, signature.YParity, signature.R, UInt256.Zero),
            _ => new Authorization(chainId, target, nonce, signature.YParity, signature.R, signature.S),
        };
    }
}
