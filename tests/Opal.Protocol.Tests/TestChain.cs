using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol.Tests;

/// <summary>A small L2 chain: funded accounts, and the L1Block predeploy's storage set by hand (without code, so that attributes deposits change nothing).</summary>
internal sealed class TestChain : IDisposable
{
    public const ulong ChainId = 901;
    public static readonly byte[] AliceKey = Key(1);
    public static readonly Address Alice = Secp256k1.PrivateKeyToAddress(AliceKey);
    public static readonly Address Bob = Address.Parse("0x00000000000000000000000000000000000b0b00");
    public static readonly UInt256 Ether = new(1_000_000_000_000_000_000);

    public TestChain(OptimismFork fork, OptimismForkTimes? forks = null, params GenesisAccount[] extra)
    {
        Spec = ChainSpec.ForOptimism(ChainId, forks ?? OptimismForkTimes.AllActiveAtGenesis(fork), OptimismFeeMarket.Standard);
        Executor = new BlockExecutor(NativeCrypto.Instance, Spec);
        var genesis = new Genesis
        {
            Accounts = [new(Alice, Ether * 100, 0, [], []), new(Predeploys.L1Block, UInt256.Zero, 1, [], L1BlockStorage), .. extra],
            Timestamp = 1000,
            GasLimit = 30_000_000,
            ExtraData = fork >= OptimismFork.Jovian ? new Eip1559ExtraData(250, 6, 0).Encode() : fork >= OptimismFork.Holocene ? new Eip1559ExtraData(250, 6, null).Encode() : [],
        };
        Chain = new MemoryChain(genesis, genesis.MakeHeader(Spec));
    }

    public ChainSpec Spec { get; }

    public BlockExecutor Executor { get; }

    public MemoryChain Chain { get; }

    /// <summary>L1 base fee 10 gwei, blob base fee 3, scalars 1368 and 810949, operator fee 2000 and 7, footprint scalar 400; before Ecotone overhead 188, scalar 684000.</summary>
    private static (UInt256, UInt256)[] L1BlockStorage =>
    [
        (1, 10_000_000_000),
        (3, new UInt256(0, (1368UL << 32) | 810_949)),
        (5, 188),
        (6, 684_000),
        (7, 3),
        (8, new UInt256(7, (400UL << 32) | 2000)),
    ];

    private static byte[] Key(byte last)
    {
        var key = new byte[32];
        key[31] = last;
        return key;
    }

    public static Transaction Sign(Transaction unsigned, byte[]? key = null)
    {
        EcdsaSignature signature = Secp256k1.Sign(unsigned.SigningHash(), key ?? AliceKey);
        return unsigned.WithSignature(signature.YParity, signature.R, signature.S);
    }

    public static Transaction Transfer(ulong nonce, ulong gas = 21_000, byte[]? data = null) => Sign(new Transaction
    {
        Type = TransactionType.DynamicFee,
        ChainId = ChainId,
        Nonce = nonce,
        MaxFeePerGas = 5_000_000_000,
        MaxPriorityFeePerGas = 1_000_000,
        GasLimit = gas,
        To = Bob,
        Value = 12345,
        Data = data ?? [],
    });

    public static Transaction Attributes(Rules rules) => new()
    {
        Type = TransactionType.Deposit,
        SourceHash = SourceHash.OfL1Info(Hash256.EmptyCode, 0),
        From = Predeploys.Depositor,
        To = Predeploys.L1Block,
        GasLimit = rules.MetersDeposits ? L1BlockInfo.RegolithGasLimit : L1BlockInfo.BedrockGasLimit,
        IsSystemTransaction = !rules.MetersDeposits,
        Data = new byte[] { 1, 2, 3, 4 },
    };

    public PayloadAttributes PayloadFor(params Transaction[] forced)
    {
        Rules rules = Spec.At(Chain.Head.Number + 1, Chain.Head.Timestamp + 2);
        return new PayloadAttributes
        {
            Timestamp = Chain.Head.Timestamp + 2,
            SuggestedFeeRecipient = Predeploys.SequencerFeeVault,
            Withdrawals = rules.Withdrawals == WithdrawalsRule.None ? null : [],
            ParentBeaconBlockRoot = rules.HasBeaconRoot ? Hash256.Zero : null,
            GasLimit = 30_000_000,
            Eip1559Params = rules.ExtraData >= ExtraDataRule.Holocene ? new byte[8] : null,
            MinBaseFee = rules.ExtraData == ExtraDataRule.Jovian ? 0 : null,
            Transactions = [Attributes(rules).Encoded, .. forced.Select(t => t.Encoded)],
        };
    }

    public BlockBuilder Begin(PayloadAttributes? payload = null, BuildOptions? options = null)
    {
        ExecutionResult begun = Executor.TryBegin(
            Chain.Head, payload ?? PayloadFor(), Chain.StateOf(Chain.Head), options ?? BuildOptions.Default, out BlockBuilder? builder);
        Assert.True(begun.IsValid, begun.Describe());
        return builder!;
    }

    public BuiltBlock Seal(BlockBuilder builder)
    {
        Assert.Equal(BlockError.None, builder.Seal(out BuiltBlock? built));
        ExecutionResult imported = Chain.Import(Executor, built!.Block);
        Assert.True(imported.IsValid, imported.Describe());
        Assert.True(Block.TryDecode(built.Block.Encode(), out Block? decoded));
        Assert.Equal(built.Block.Hash, decoded!.Hash);
        return built;
    }

    public UInt256 BalanceOf(in Address address) => Chain.StateOf(Chain.Head).TryGetAccount(address, out Account account) ? account.Balance : UInt256.Zero;

    public ulong NonceOf(in Address address) => Chain.StateOf(Chain.Head).TryGetAccount(address, out Account account) ? account.Nonce : 0;

    /// <summary>All the ether there is, as far as these tests can move it.</summary>
    public UInt256 Supply()
    {
        UInt256 sum = UInt256.Zero;
        foreach (Address address in new[]
        {
            Alice, Bob, Predeploys.SequencerFeeVault, Predeploys.BaseFeeVault, Predeploys.L1FeeVault, Predeploys.OperatorFeeVault, Predeploys.Depositor,
        })
        {
            sum += BalanceOf(address);
        }

        return sum;
    }

    public void Dispose() => Executor.Dispose();
}
