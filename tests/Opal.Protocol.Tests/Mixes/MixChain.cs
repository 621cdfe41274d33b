using Opal.Primitives;

namespace Opal.Protocol.Tests.Mixes;

/// <summary>A small random chain of one fork, L1 or L2: accounts rich and poor, contracts of every kind, and payload attributes that take turns at the edges.</summary>
internal sealed class MixChain
{
    public const ulong ChainId = 901;
    public const int EoaCount = 12;

    private readonly Random _random;

    private MixChain(Random random, ChainSpec spec, Genesis genesis)
    {
        _random = random;
        Spec = spec;
        Chain = new MemoryChain(genesis, genesis.MakeHeader(spec));
    }

    public ChainSpec Spec { get; }

    public MemoryChain Chain { get; }

    /// <summary>The number of kinds of chains for <see cref="Make"/>: six of Ethereum, eleven of the OP Stack.</summary>
    public const int KindCount = 17;

    public static Address Eoa(int index) => Address.FromNumber(0xee00_0000 + (ulong)index);

    public static MixChain Make(int kind, Random random)
    {
        bool isOptimism = kind >= 6;
        ChainSpec spec = isOptimism
            ? ChainSpec.ForOptimism(ChainId, OptimismForkTimes.AllActiveAtGenesis((OptimismFork)(kind - 6)), OptimismFeeMarket.Standard)
            : ChainSpec.ForEthereum(ChainId, EthereumForkTimes.AllActiveAtGenesis((EthereumFork)kind), depositContract: MixContracts.BeaconDeposits);
        var accounts = new List<GenesisAccount>(MixContracts.Accounts());
        for (int i = 0; i < EoaCount; i++)
        {
            UInt256 balance = i switch
            {
                0 => UInt256.Zero,
                1 => 21_000_000_000_000,
                2 => UInt256.MaxValue >> 4,
                _ => TestChain.Ether * (ulong)random.Next(1, 100),
            };
            ulong nonce = i == 3 ? ulong.MaxValue - 2 : (ulong)random.Next(3);
            byte[] code = i == 4 ? [0xef, 0x01, 0x00, .. MixContracts.Store.ToArray()] : [];
            accounts.Add(new GenesisAccount(Eoa(i), balance, nonce, code, []));
        }

        if (isOptimism) accounts.Add(new GenesisAccount(Predeploys.L1Block, UInt256.Zero, 1, [], L1BlockStorage(random)));
        else accounts.AddRange(MixContracts.SystemAccounts());
        Rules rules = spec.At(0, 1000);
        var genesis = new Genesis
        {
            Accounts = accounts,
            Timestamp = 1000,
            GasLimit = random.Next(4) == 0 ? 400_000ul : 30_000_000,
            BaseFeePerGas = random.Next(4) == 0 ? 7ul : 1_000_000_000,
            ExtraData = rules.ExtraData switch
            {
                ExtraDataRule.Jovian => new Eip1559ExtraData(250, 6, (ulong)random.Next(2) * 1_000_000).Encode(),
                ExtraDataRule.Holocene => new Eip1559ExtraData(250, 6, null).Encode(),
                _ => [],
            },
            ExcessBlobGas = rules.BlobGas == BlobGasRule.Blobs ? (ulong)random.Next(3) * 10_000_000 : null,
        };
        return new MixChain(random, spec, genesis);
    }

    private static (UInt256, UInt256)[] L1BlockStorage(Random random)
    {
        bool isFree = random.Next(4) == 0;
        ulong footprint = (ulong)random.Next(3) * 1500;
        ulong operatorScalar = (ulong)random.Next(2) * 2000, operatorConstant = (ulong)random.Next(2) * 7_000_000;
        return
        [
            (1, isFree ? 0ul : 10_000_000_000),
            (3, isFree ? UInt256.Zero : new UInt256(0, (1368UL << 32) | 810_949)),
            (5, 188),
            (6, isFree ? 0ul : 684_000),
            (7, isFree ? 0ul : 3),
            (8, new UInt256(operatorConstant, (footprint << 32) | operatorScalar)),
        ];
    }

    public Rules NextRules => Spec.At(Chain.Head.Number + 1, Chain.Head.Timestamp + 2);

    public PayloadAttributes Attributes(IReadOnlyList<byte[]> forced)
    {
        Rules rules = NextRules;
        return new PayloadAttributes
        {
            Timestamp = Chain.Head.Timestamp + 2,
            PrevRandao = Hash256.FromUInt256((ulong)_random.Next()),
            SuggestedFeeRecipient = _random.Next(6) switch { 0 => Eoa(5), 1 => MixContracts.Destroyer, 2 => Address.FromNumber(0xfee), _ => Predeploys.SequencerFeeVault },
            Withdrawals = rules.Withdrawals == WithdrawalsRule.None ? null : rules.Withdrawals == WithdrawalsRule.List ? Withdrawals() : [],
            ParentBeaconBlockRoot = rules.HasBeaconRoot ? Hash256.FromUInt256(Chain.Head.Timestamp) : null,
            GasLimit = rules.IsOptimism ? GasLimit(rules) : null,
            Eip1559Params = rules.ExtraData >= ExtraDataRule.Holocene ? _random.Next(2) == 0 ? new byte[8] : [0, 0, 0, 8, 0, 0, 0, 2] : null,
            MinBaseFee = rules.ExtraData == ExtraDataRule.Jovian ? (ulong)_random.Next(2) * 1_000_000 : null,
            Transactions = forced,
        };
    }

    private ulong GasLimit(Rules rules) => _random.Next(4) switch
    {
        0 => 1_100_000 + (ulong)_random.Next(300_000), // the attributes deposit may ask for 1,000,000
        1 => 2_000_000,
        _ => rules.MetersDeposits ? 30_000_000ul : 3_000_000,
    };

    private Withdrawal[] Withdrawals()
    {
        var withdrawals = new Withdrawal[_random.Next(4)];
        for (int i = 0; i < withdrawals.Length; i++)
        {
            Address to = _random.Next(3) switch { 0 => Eoa(_random.Next(EoaCount)), 1 => MixContracts.At(_random.Next(MixContracts.Count)), _ => Address.FromNumber(0xabc0 + (ulong)i) };
            withdrawals[i] = new Withdrawal((ulong)i, 7, to, (ulong)_random.Next(3) * 1_000_000);
        }

        return withdrawals;
    }

    public BuildOptions Options() => new()
    {
        GasLimitTarget = _random.Next(2) == 0 ? 20_000_000 : null,
        MaxDATransactionSize = _random.Next(6) == 0 ? (ulong)_random.Next(100, 200) : null,
        MaxDABlockSize = _random.Next(6) == 0 ? (ulong)_random.Next(100, 600) : null,
        MaxBlobs = _random.Next(4) == 0 ? (ulong)_random.Next(7) : null,
    };
}
