using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Reliability.Tests;

/// <summary>The rollup that is run here: a hundred funded accounts and a contract that writes and clears slots.</summary>
internal static class CrashRollup
{
    public const ulong ChainId = 42069;
    public const ulong GasLimit = 30_000_000;
    public const ulong GenesisTime = 1_700_000_000;
    private const OptimismFork Fork = OptimismFork.Jovian;

    /// <summary>Stores what the second word of its input says at the slot of the first: push slot and value, SSTORE.</summary>
    private static readonly byte[] Store = [0x60, 0x20, 0x35, 0x60, 0x00, 0x35, 0x55, 0x00];

    public static readonly Address Contract = Address.FromNumber(0xc0de);

    public static OptimismForkTimes Forks { get; } = OptimismForkTimes.AllActiveAtGenesis(Fork);

    public static byte[][] Keys { get; } = Enumerable.Range(0, 100).Select(i => Keccak256.Hash(BitConverter.GetBytes(i)).ToArray()).ToArray();

    public static Address[] Accounts { get; } = Keys.Select(key => Secp256k1.PrivateKeyToAddress(key)).ToArray();

    public static void SaveGenesis(string path)
    {
        ChainSpec spec = ChainSpec.ForOptimism(ChainId, Forks, OptimismFeeMarket.Standard);
        var genesis = new Genesis
        {
            Timestamp = GenesisTime,
            GasLimit = GasLimit,
            Coinbase = Predeploys.SequencerFeeVault,
            ExtraData = new Eip1559ExtraData(250, 6, 0).Encode(),
            Accounts =
            [
                .. Accounts.Select(a => new GenesisAccount(a, new UInt256(1_000_000_000_000_000_000) * 1_000_000UL, 0, [], [])),
                new GenesisAccount(Contract, UInt256.Zero, 1, Store, []),
                new GenesisAccount(Predeploys.L2ToL1MessagePasser, UInt256.Zero, 1, [0], [(UInt256.One, UInt256.One)]),
                new GenesisAccount(Predeploys.L1Block, UInt256.Zero, 1, [0], [(new UInt256(1), new UInt256(1_000_000_000)), (new UInt256(7), UInt256.One)]),
            ],
        };
        GenesisFile.Save(path, new ChainGenesis(genesis, spec));
    }

    /// <summary>The attributes of the block after a parent.</summary>
    public static PayloadAttributes AttributesOn(ulong parentNumber, ulong parentTime, int salt) => new()
    {
        Timestamp = parentTime + 2,
        PrevRandao = Hash256.FromUInt256(new UInt256((ulong)salt + 1)),
        SuggestedFeeRecipient = Predeploys.SequencerFeeVault,
        Withdrawals = [],
        ParentBeaconBlockRoot = Hash256.Zero,
        Transactions = [new L1BlockInfo { Format = L1BlockInfoFormat.Ecotone, Number = 1, SequenceNumber = parentNumber, BlobBaseFee = UInt256.One }.ToDepositTransaction(isRegolith: true).Encoded],
        GasLimit = GasLimit,
        Eip1559Params = new byte[8],
        MinBaseFee = 0,
    };

    /// <summary>A transfer to an account that may be new, or a slot written or cleared.</summary>
    public static Transaction Spend(int account, ulong nonce, Random random)
    {
        bool store = random.Next(2) == 0;
        byte[] data = [];
        if (store)
        {
            data = new byte[64];
            random.NextBytes(data.AsSpan(30, 2));
            if (random.Next(3) > 0) random.NextBytes(data.AsSpan(40));
        }

        var transaction = new Transaction
        {
            Type = TransactionType.DynamicFee,
            ChainId = ChainId,
            Nonce = nonce,
            MaxFeePerGas = new UInt256(100_000_000_000),
            MaxPriorityFeePerGas = new UInt256(1_000_000_000),
            GasLimit = store ? 60_000UL : 21_000UL,
            To = store ? Contract : Address.FromNumber(0x10000UL + (ulong)random.Next(100_000)),
            Value = store ? UInt256.Zero : UInt256.One,
            Data = data,
        };
        EcdsaSignature signature = Secp256k1.Sign(transaction.SigningHash(), Keys[account]);
        return transaction.WithSignature(signature.YParity, signature.R, signature.S);
    }
}
