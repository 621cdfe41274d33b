using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>The addresses and accounts of a case. They are made from seed and index, so no two cases of a block share any but the precompiles and the fee recipient.</summary>
internal sealed class CaseWorld
{
    private readonly Dictionary<Address, GenesisAccount> _accounts = [];
    private readonly byte[] _space;

    public CaseWorld(FuzzFork fork, ulong seed, ulong index)
    {
        Fork = fork;
        Random = new FuzzRandom(seed, index);
        _space = Random.Bytes(16);
        _space[0] |= 0x80; // never a precompile or predeploy
        SenderKey = NewKey();
        Sender = Secp256k1.PrivateKeyToAddress(SenderKey);
        Contracts = [Numbered(1), Numbered(2), Numbered(3), Numbered(4)];
        Account = Numbered(0x20);
        Nobody = Numbered(0x30);
        Put(new GenesisAccount(Sender, new UInt256(0, 1000), 0, [], []));
        Put(new GenesisAccount(Account, 5, 0, [], []));
    }

    public FuzzFork Fork { get; }

    public FuzzRandom Random { get; }

    public byte[] SenderKey { get; }

    public Address Sender { get; }

    /// <summary>Where the contracts are; a case uses the first few.</summary>
    public Address[] Contracts { get; }

    /// <summary>An account with a balance and no code.</summary>
    public Address Account { get; }

    /// <summary>An address that the state does not have.</summary>
    public Address Nobody { get; }

    /// <summary>Accounts that sign authorizations; filled by the generator of EIP-7702 cases.</summary>
    public List<Address> Authorities { get; } = [];

    /// <summary>An address of this case's own.</summary>
    public Address Numbered(byte number)
    {
        var bytes = new byte[20];
        _space.CopyTo(bytes, 0);
        bytes[19] = number;
        return new Address(bytes);
    }

    /// <summary>A private key of this case's own.</summary>
    public byte[] NewKey()
    {
        byte[] key = Random.Bytes(32);
        key[0] &= 0x7f; // below the group order
        key[31] |= 1;
        return key;
    }

    /// <summary>Puts an account into the state, or replaces it.</summary>
    public void Put(GenesisAccount account) => _accounts[account.Address] = account;

    /// <summary>Puts a contract with some balance and storage into the state.</summary>
    public void PutContract(in Address address, byte[] code)
    {
        var storage = new List<(UInt256, UInt256)>();
        for (ulong slot = 0; slot < 4; slot++)
        {
            if (Random.Chance(40)) storage.Add((slot, Random.Chance(60) ? UInt256.One : Word.Any(Random)));
        }

        storage.RemoveAll(s => s.Item2.IsZero);
        Put(new GenesisAccount(address, Random.Pick<ulong>(0, 1, 10, 1_000_000), Random.Chance(97) ? 1UL : Random.Pick(2UL, 127UL, ulong.MaxValue, ulong.MaxValue - 1), code, storage));
    }

    /// <summary>An address that something interesting may be at.</summary>
    public Address AnyAddress() => Random.Next(100) switch
    {
        < 50 => Random.Pick<Address>(Contracts),
        < 72 => AnyPrecompile(),
        < 78 => Account,
        < 82 => Nobody,
        < 85 => Sender,
        < 87 => DevChain.Coinbase,
        < 92 when Authorities.Count > 0 => Authorities[Random.Next(Authorities.Count)],
        < 94 => ContractAddress.OfCreate(Contracts[0], 1),
        < 95 => ContractAddress.OfCreate(Sender, 0),
        < 96 => Address.Zero,
        < 97 => SystemContracts.BlockHashes,
        _ => Numbered((byte)Random.Next(256)),
    };

    /// <summary>A precompile's address, or one just beside.</summary>
    public Address AnyPrecompile() => Address.FromNumber(Random.Chance(6) ? Random.Pick(0x12UL, 0xffUL, 0x101UL) : Random.Chance(8) ? 0x100UL : (ulong)Random.Between(1, 0x11));

    /// <summary>The fees of a transaction, sound ones: base fee covered.</summary>
    public (UInt256 MaxFee, UInt256 Priority) Fees()
    {
        UInt256 priority = Random.Pick<ulong>(0, 1, 3, 1_000_000_000);
        return (new UInt256(2_000_000_000) + priority, priority);
    }

    /// <summary>A gas limit that lets most cases run to their end.</summary>
    public ulong GasLimit() => Random.Next(20) switch
    {
        0 => (ulong)Random.Between(53_000, 100_000),
        1 => (ulong)Random.Between(400_000, 1_500_000),
        2 when Random.Chance(6) => 16_000_000,
        _ => (ulong)Random.Between(100_000, 400_000),
    };

    /// <summary>An unsigned call of a contract, or a creation, of a random type.</summary>
    public Transaction NewTransaction(Address? to, byte[] data, ulong? gasLimit = null)
    {
        (UInt256 maxFee, UInt256 priority) = Fees();
        TransactionType type = Random.Pick(TransactionType.Legacy, TransactionType.AccessList, TransactionType.DynamicFee, TransactionType.DynamicFee);
        return new Transaction
        {
            Type = type,
            ChainId = FuzzProgram.ChainId,
            MaxFeePerGas = maxFee,
            MaxPriorityFeePerGas = type == TransactionType.DynamicFee ? priority : maxFee,
            GasLimit = gasLimit ?? GasLimit(),
            To = to,
            Value = Random.Chance(80) ? UInt256.Zero : Random.Pick<ulong>(1, 2, 1000),
            Data = data,
            AccessList = type == TransactionType.Legacy || Random.Chance(50) ? [] : AccessList(),
        };
    }

    /// <summary>A short access list, with repetitions at times.</summary>
    public AccessListItem[] AccessList()
    {
        var items = new AccessListItem[Random.Next(4)];
        for (int i = 0; i < items.Length; i++)
        {
            var keys = new Hash256[Random.Next(4)];
            for (int j = 0; j < keys.Length; j++) keys[j] = Hash256.FromUInt256(Word.Slot(Random));
            items[i] = new AccessListItem(AnyAddress(), keys);
        }

        return items;
    }

    /// <summary>The finished case.</summary>
    public FuzzProgram Finish(string name, Transaction unsigned) => new(name, [.. _accounts.Values], SenderKey, FuzzProgram.Sign(unsigned, SenderKey));
}
