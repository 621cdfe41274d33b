using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

/// <summary>A rollup's execution client in memory, driven through the Engine API as a rollup node would.</summary>
internal sealed class TestRollup : IAsyncDisposable
{
    public const ulong ChainId = 42069;
    public const ulong GasLimit = 30_000_000;
    public const ulong GenesisTime = 1_700_000_000;
    public static readonly UInt256 Ether = new(1_000_000_000_000_000_000);

    private readonly OptimismFork _fork;

    public TestRollup(OptimismFork fork, Func<ExecutionClientOptions, ExecutionClientOptions>? configure = null, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        _fork = fork;
        ChainSpec spec = ChainSpec.ForOptimism(ChainId, OptimismForkTimes.AllActiveAtGenesis(fork), OptimismFeeMarket.Standard);
        Genesis genesis = GenesisFor(fork);
        var options = new ExecutionClientOptions { Spec = spec, GenesisHeader = genesis.MakeHeader(spec), GenesisAlloc = genesis.ToDiff() };
        options = configure?.Invoke(options) ?? options;

        // both kinds of block store run under the same tests: every second fork's is a journal, unless a test asks for something of its own
        if ((int)fork % 2 == 0 && options is { OpenStorage: null, Storage: null, KeptStates: 8192, Chain: { KeptBlocks: 0, KeptTransactions: 0 } })
        {
            options = options with { OpenStorage = new TestDisk().Open };
        }

        Client = new ExecutionClient(options, NativeCrypto.Instance, null, time ?? TimeProvider.System, loggers ?? NullLoggerFactory.Instance);
    }

    public ExecutionClient Client { get; }

    public ExecutedBlock Head => Client.Chain.Head;

    public static OptimismForkTimes Forks(OptimismFork fork) => OptimismForkTimes.AllActiveAtGenesis(fork);

    private static Genesis GenesisFor(OptimismFork fork) => new()
    {
        Timestamp = GenesisTime,
        GasLimit = GasLimit,
        Coinbase = Predeploys.SequencerFeeVault,
        ExtraData = fork < OptimismFork.Holocene ? [] : new Eip1559ExtraData(250, 6, fork >= OptimismFork.Jovian ? 0 : null).Encode(),
        Accounts =
        [
            new GenesisAccount(TestAccount.Alice.Address, Ether * 100UL, 0, [], []),
            new GenesisAccount(TestAccount.Bob.Address, Ether * 100UL, 0, [], []),
            new GenesisAccount(TestCode.Store, UInt256.Zero, 1, TestCode.StoreCode, []),
            new GenesisAccount(TestCode.Load, UInt256.Zero, 1, TestCode.LoadCode, [(UInt256.Zero, new UInt256(7))]),
            new GenesisAccount(TestCode.Revert, UInt256.Zero, 1, TestCode.RevertCode, []),
            new GenesisAccount(TestCode.Ask, UInt256.Zero, 1, TestCode.AskCode, []),
            new GenesisAccount(TestCode.Number, UInt256.Zero, 1, TestCode.NumberCode, []),
            new GenesisAccount(Predeploys.L2ToL1MessagePasser, UInt256.Zero, 1, [0], [(UInt256.One, UInt256.One)]),

            // L1 base fee 1 gwei, blob base fee 1, base fee scalar 1e6 (slot 3 at offset 12), operator fee scalar 0 and constant 1000
            new GenesisAccount(Predeploys.L1Block, UInt256.Zero, 1, [0],
            [
                (new UInt256(1), new UInt256(1_000_000_000)),
                (new UInt256(3), new UInt256(0, 1_000_000UL << 32, 0, 0)),
                (new UInt256(7), UInt256.One),
                (new UInt256(8), new UInt256(1000, 1UL << 32, 0, 0)),
            ]),
        ],
    };

    /// <summary>The attributes of the block after <paramref name="parent"/>, which begins with an L1 attributes deposit.</summary>
    public PayloadAttributes Attributes(ExecutedBlock parent, bool noTxPool = false, ulong salt = 0, params Transaction[] forced) => new()
    {
        Timestamp = parent.Header.Timestamp + 2,
        PrevRandao = Hash256.FromUInt256(new UInt256(salt + 1)),
        SuggestedFeeRecipient = Predeploys.SequencerFeeVault,
        Withdrawals = [],
        ParentBeaconBlockRoot = _fork >= OptimismFork.Ecotone ? Hash256.Zero : null,
        Transactions = [Attributes(parent.Number).Encoded, .. forced.Select(t => t.Encoded)],
        NoTxPool = noTxPool,
        GasLimit = GasLimit,
        Eip1559Params = _fork >= OptimismFork.Holocene ? new byte[8] : null,
        MinBaseFee = _fork >= OptimismFork.Jovian ? 0 : null,
    };

    private static Transaction Attributes(ulong sequence) => new L1BlockInfo
    {
        Format = L1BlockInfoFormat.Ecotone,
        Number = 1,
        SequenceNumber = sequence,
        BlobBaseFee = UInt256.One,
    }.ToDepositTransaction(isRegolith: true);

    /// <summary>A user deposit that mints to its sender and sends some on.</summary>
    public static Transaction Deposit(Address from, Address to, in UInt256 mint, ulong value, ulong index = 0) => new()
    {
        Type = TransactionType.Deposit,
        SourceHash = SourceHash.OfUserDeposit(Hash256.FromUInt256(new UInt256(77)), index),
        From = from,
        To = to,
        Mint = mint,
        Value = value,
        GasLimit = 100_000,
    };

    public int NewPayloadVersion => _fork >= OptimismFork.Isthmus ? 4 : _fork >= OptimismFork.Ecotone ? 3 : 2;

    public int GetPayloadVersion => _fork >= OptimismFork.Karst ? 5 : NewPayloadVersion;

    public int ForkchoiceVersion => _fork >= OptimismFork.Ecotone ? 3 : 2;

    public PayloadId Begin(PayloadAttributes attributes, ExecutedBlock? parent = null)
    {
        ForkchoiceResult result = Client.Engine.ForkchoiceUpdated(new ForkchoiceState((parent ?? Head).Hash, default, default), attributes, ForkchoiceVersion);
        Assert.True(result.Status.Verdict == PayloadVerdict.Valid,
            $"a payload on {(parent ?? Head).Number} {(parent ?? Head).Hash} is {result.Status.Verdict}; known {Client.Chain.Find((parent ?? Head).Hash) is not null}, state {Client.Chain.OpenState(parent ?? Head) is not null}, head {Head.Number}");
        return result.PayloadId ?? throw new InvalidOperationException("no payload was begun");
    }

    public BuiltPayload Take(PayloadId id) => Client.Engine.GetPayload(id, GetPayloadVersion);

    public PayloadStatus Import(Block block)
    {
        var payload = ExecutionPayload.FromBlock(block, _fork >= OptimismFork.Isthmus);
        return Client.Engine.NewPayload(
            payload, NewPayloadVersion >= 3 ? [] : null, block.Header.ParentBeaconBlockRoot, NewPayloadVersion >= 4 ? [] : null, NewPayloadVersion);
    }

    public ForkchoiceResult Choose(in Hash256 head, in Hash256 safe = default, in Hash256 finalized = default) =>
        Client.Engine.ForkchoiceUpdated(new ForkchoiceState(head, safe, finalized), null, ForkchoiceVersion);

    /// <summary>One whole round: begin, take, import, make head.</summary>
    public ExecutedBlock Build(bool noTxPool = false, ulong salt = 0, ExecutedBlock? parent = null, params Transaction[] forced)
    {
        parent ??= Head;
        BuiltPayload built = Take(Begin(Attributes(parent, noTxPool, salt, forced), parent));
        Assert.Equal(PayloadVerdict.Valid, Import(built.Block).Verdict);
        Assert.Equal(PayloadVerdict.Valid, Choose(built.Block.Hash).Status.Verdict);
        return Head;
    }

    public UInt256 BalanceOf(Address address)
    {
        Client.Chain.OpenState(Head)!.TryGetAccount(address, out Evm.Account account);
        return account.Balance;
    }

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
