using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol.Tests.Mixes;

/// <summary>Random transactions, most of them valid, the rest wrong in one of the ways there are.</summary>
internal sealed class MixTransactions(Random random, Rules rules, UInt256 baseFee, Func<Address, ulong> nonceOf)
{
    private static readonly string[] InitCodes =
    [
        "", "00", "fe", "60006000f3", "600160005360016000f3", "60ff60005360ff60005260ef60005360016000f3", "600560015560006000f3", "60016000556000600055600a6000f3",
        "33ff", "30ff", "6000600060006000600073000000000000000000000000000000000000ee055af100", "6160016000f3", "5b600056",
    ];

    public Transaction Signed()
    {
        Address sender = random.Next(40) == 0 ? MixContracts.At(random.Next(MixContracts.Count)) : MixChain.Eoa(random.Next(MixChain.EoaCount));
        TransactionType type = Type();
        (Address? to, byte[] data) = Target(allowsCreation: type is not (TransactionType.Blob or TransactionType.SetCode));
        (UInt256 maxFee, UInt256 tip) = Fees(type);
        var transaction = new Transaction
        {
            Type = type,
            ChainId = type == TransactionType.Legacy && random.Next(4) == 0 ? null : random.Next(60) == 0 ? 1 : MixChain.ChainId,
            Nonce = Nonce(sender),
            MaxFeePerGas = maxFee,
            MaxPriorityFeePerGas = tip,
            GasLimit = 0,
            To = to,
            Value = Value(),
            Data = data,
            AccessList = type >= TransactionType.AccessList && random.Next(3) == 0 ? AccessList() : [],
            MaxFeePerBlobGas = type == TransactionType.Blob ? (ulong)random.Next(60) * 10 : UInt256.Zero,
            BlobVersionedHashes = type == TransactionType.Blob ? Blobs() : [],
            AuthorizationList = type == TransactionType.SetCode ? Authorizations(sender) : [],
        };
        return SignerInSignature.Sign(WithGas(transaction, GasLimit(transaction)), sender, random.Next(50) != 0);
    }

    private static Transaction WithGas(Transaction t, ulong gasLimit) => new()
    {
        Type = t.Type, ChainId = t.ChainId, Nonce = t.Nonce, MaxFeePerGas = t.MaxFeePerGas, MaxPriorityFeePerGas = t.MaxPriorityFeePerGas, GasLimit = gasLimit,
        To = t.To, Value = t.Value, Data = t.Data, AccessList = t.AccessList, MaxFeePerBlobGas = t.MaxFeePerBlobGas,
        BlobVersionedHashes = t.BlobVersionedHashes, AuthorizationList = t.AuthorizationList,
    };

    /// <summary>A deposit: one that does, fails, reverts, mints, creates, or before Regolith is a system transaction.</summary>
    public Transaction Deposit()
    {
        (Address? to, byte[] data) = Target(allowsCreation: true);
        return new Transaction
        {
            Type = TransactionType.Deposit,
            SourceHash = Hash256.FromUInt256((ulong)random.Next()),
            From = random.Next(10) == 0 ? MixContracts.At(random.Next(MixContracts.Count)) : MixChain.Eoa(random.Next(MixChain.EoaCount)),
            To = to,
            Mint = random.Next(3) switch { 0 => null, 1 => (ulong)random.Next(1_000_000), _ => TestChain.Ether },
            Value = random.Next(4) == 0 ? TestChain.Ether * (ulong)random.Next(200) : (ulong)random.Next(1000),
            GasLimit = random.Next(5) switch { 0 => 20_999, 1 => 21_000, 2 => 60_000, _ => 250_000 },
            IsSystemTransaction = random.Next(8) == 0,
            Data = data,
        };
    }

    private TransactionType Type()
    {
        int pick = random.Next(20);
        if (pick < 4) return TransactionType.Legacy;
        if (pick < 7) return TransactionType.AccessList;
        if (pick < 9) return rules.Allows(TransactionType.Blob) || pick == 8 && random.Next(3) == 0 ? TransactionType.Blob : TransactionType.DynamicFee;
        if (pick < 13) return rules.Allows(TransactionType.SetCode) || random.Next(12) == 0 ? TransactionType.SetCode : TransactionType.DynamicFee;
        return TransactionType.DynamicFee;
    }

    private ulong Nonce(in Address sender)
    {
        ulong right = nonceOf(sender);
        return random.Next(14) switch { 0 => unchecked(right + 1), 1 => unchecked(right - 1), 2 when random.Next(6) == 0 => ulong.MaxValue, _ => right };
    }

    private (UInt256 MaxFee, UInt256 Tip) Fees(TransactionType type)
    {
        UInt256 tip = (ulong)random.Next(3) * 1_000_000;
        UInt256 maxFee = random.Next(30) switch
        {
            0 => baseFee - (baseFee.IsZero ? 0ul : 1),
            1 => UInt256.MaxValue >> random.Next(230),
            2 => baseFee,
            _ => (baseFee * 2) + tip,
        };
        if (type is TransactionType.Legacy or TransactionType.AccessList) return (maxFee, maxFee);
        return (maxFee, random.Next(40) == 0 ? maxFee + 1 : UInt256.Min(tip, maxFee));
    }

    private UInt256 Value() => random.Next(16) switch { < 6 => UInt256.Zero, 6 => UInt256.MaxValue >> random.Next(200), 7 => TestChain.Ether * 60, _ => (ulong)random.Next(100_000) };

    private ulong GasLimit(Transaction transaction)
    {
        ulong intrinsic = Math.Max(IntrinsicGas.Of(transaction, rules, out ulong floor), floor);
        return random.Next(40) switch
        {
            0 => intrinsic - 1,
            1 => ulong.MaxValue >> random.Next(40),
            2 => (1 << 24) + 1,
            < 12 => intrinsic,
            < 20 => intrinsic + (ulong)random.Next(5000),
            _ => intrinsic + (ulong)random.Next(200_000),
        };
    }

    private (Address? To, byte[] Data) Target(bool allowsCreation)
    {
        int pick = random.Next(20);
        if (allowsCreation && pick < 2) return (null, InitCode());
        return pick switch
        {
            < 5 => (MixChain.Eoa(random.Next(MixChain.EoaCount)), Words(random.Next(2))),
            5 => (Address.FromNumber(0xfe5_0000 + (ulong)random.Next(100)), []),
            6 => (Address.FromNumber((ulong)random.Next(1, 0x13)), random.Next(2) == 0 ? [] : Words(6)),
            7 => (random.Next(2) == 0 ? Predeploys.SequencerFeeVault : Predeploys.BaseFeeVault, []),
            8 => (MixContracts.At(5 + random.Next(2)), InitCode()),
            9 or 10 => (MixContracts.At(7 + random.Next(2)), [.. AddressWord(), .. random.Next(2) == 0 ? Words(2) : AddressWord(), .. Words(1)]),
            11 => (MixContracts.Destroyer, AddressWord()),
            _ => (MixContracts.At(random.Next(MixContracts.Count)), Words(2)),
        };
    }

    private static readonly byte[][] DecodedInitCodes = InitCodes.Select(code => Hex.Decode(code)).ToArray();

    private byte[] InitCode() => DecodedInitCodes[random.Next(DecodedInitCodes.Length)];

    private byte[] Words(int count)
    {
        var data = new byte[32 * count];
        for (int i = 0; i < count; i++) data[(32 * i) + 31] = (byte)random.Next(6);
        if (count > 0 && random.Next(12) == 0) random.NextBytes(data);
        return data;
    }

    private byte[] AddressWord()
    {
        Address address = random.Next(6) switch
        {
            0 => MixChain.Eoa(random.Next(MixChain.EoaCount)),
            1 => Address.FromNumber((ulong)random.Next(1, 0x13)),
            2 => Address.FromNumber(0xdead_0000 + (ulong)random.Next(10)),
            _ => MixContracts.At(random.Next(MixContracts.Count)),
        };
        return address.ToUInt256().ToBigEndianArray();
    }

    private AccessListItem[] AccessList()
    {
        var list = new AccessListItem[random.Next(4)];
        for (int i = 0; i < list.Length; i++)
        {
            Hash256[] keys = Enumerable.Range(0, random.Next(3)).Select(_ => Hash256.FromUInt256((ulong)random.Next(6))).ToArray();
            list[i] = new AccessListItem(random.Next(3) == 0 ? MixChain.Eoa(random.Next(MixChain.EoaCount)) : MixContracts.At(random.Next(MixContracts.Count)), keys);
        }

        return list;
    }

    private Hash256[] Blobs()
    {
        var hashes = new Hash256[random.Next(10) == 0 ? random.Next(12) : random.Next(1, 4)];
        for (int i = 0; i < hashes.Length; i++) hashes[i] = Hash256.FromUInt256(new UInt256((ulong)i, 0, 0, random.Next(40) == 0 ? 2UL << 56 : 1UL << 56));
        return hashes;
    }

    private Authorization[] Authorizations(Address sender)
    {
        var list = new Authorization[random.Next(12) == 0 ? 0 : random.Next(1, 4)];
        for (int i = 0; i < list.Length; i++)
        {
            Address authority = random.Next(8) == 0 ? sender : random.Next(10) == 0 ? MixContracts.At(random.Next(MixContracts.Count)) : MixChain.Eoa(random.Next(MixChain.EoaCount));
            ulong nonce = nonceOf(authority) + (authority == sender ? 1ul : 0) + (random.Next(6) == 0 ? 1ul : 0);
            Address code = random.Next(5) switch { 0 => Address.Zero, 1 => Address.FromNumber(1), 2 => MixChain.Eoa(4), _ => MixContracts.At(random.Next(MixContracts.Count)) };
            UInt256 chainId = random.Next(6) switch { 0 => 0ul, 1 => 77ul, _ => MixChain.ChainId };
            list[i] = new Authorization(chainId, code, nonce, (byte)(random.Next(20) == 0 ? 2 : 0), authority.ToUInt256(), random.Next(10) == 0 ? 2ul : 1);
        }

        return list;
    }
}
