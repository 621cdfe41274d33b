using Opal.Crypto;
using Opal.Deployer.Abi;
using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Deployer.Keys;
using Opal.Deployer.L2;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Testing;
using Opal.Trie;

namespace Opal.Conformance.Tests.GenesisTests;

/// <summary>
/// A chain that begins before Ecotone on our genesis and goes through every network upgrade on our executor: the upgrade
/// transactions are the published ones, and what they leave must be what the specifications say.
/// </summary>
public class UpgradePathTests
{
    private const ulong Start = 1_700_000_000;

    /// <summary>Gas used by the deployments of each fork, in order, as measured on these contracts with another EVM.</summary>
    private static readonly Dictionary<OptimismFork, ulong[]> DeploymentGas = new()
    {
        [OptimismFork.Ecotone] = [341_868, 915_184],
        [OptimismFork.Fjord] = [1_369_245],
        [OptimismFork.Isthmus] = [420_650, 1_603_316, 486_228, 71_100],
        [OptimismFork.Jovian] = [442_635, 1_735_771],
    };

    /// <summary>The created contracts and the first bytes of their code hashes (ecotone|fjord|isthmus|jovian/derivation.md).</summary>
    private static readonly (string Address, string CodeHash)[] Created =
    [
        ("0x07dbe8500fc591d1852B76feE44d5a05e13097Ff", "0xc88a313a"), ("0xb528D11cC114E026F138fE568744c6D45ce6Da7A", "0x8b71360e"),
        ("0xa919894851548179A0750865e7974DA599C0Fac7", "0xa88fa50a"), ("0xFf256497D61dcd71a9e9Ff43967C13fdE1F72D12", "0x8e3fe7a4"),
        ("0x93e57A196454CB919193fa9946f14943cf733845", "0x4d195a9d"), ("0x4fa2Be8cd41504037F1838BcE3bCC93bC68Ff537", "0x57dc55c9"),
        ("0x3Ba4007f5C922FBb33C454B41ea7a1f11E83df2C", "0x5f885ca8"), ("0x4f1db3c6AbD250ba86E0928471A8F7DB3AFd88F1", "0xe9fc7c96"),
        ("0x0000F90827F1C53a10cb7A02335B175320002935", "0x6e49e667"),
    ];

    [VectorFact]
    public void Every_upgrade_succeeds_on_this_genesis_and_leaves_the_published_contracts()
    {
        ForkSchedule forks = ForkSchedule.AtGenesisThrough("Delta") with { Ecotone = 2, Fjord = 4, Granite = 6, Holocene = 8, Isthmus = 10, Jovian = 12, Karst = 16 };
        using var chain = new TestChain(forks);
        for (OptimismFork fork = OptimismFork.Ecotone; fork <= OptimismFork.Jovian; fork++)
        {
            Receipt[] receipts = chain.Next(out OptimismFork newest);
            Assert.Equal(fork, newest);
            Assert.All(receipts, receipt => Assert.True(receipt.Succeeded));
            if (!DeploymentGas.TryGetValue(fork, out ulong[]? gas)) continue;
            ulong[] used = [.. receipts.Where(receipt => receipt.ContractAddress is not null && receipt.GasUsed != 0).Select(receipt => receipt.GasUsed)];
            Assert.Equal(gas, fork == OptimismFork.Ecotone ? used[..2] : used);
        }

        foreach ((string address, string codeHash) in Created)
        {
            Assert.True(chain.State.TryGetAccount(Address.Parse(address), out Account account), address);
            Assert.StartsWith(codeHash, account.CodeHash.ToString(), StringComparison.Ordinal);
        }

        chain.State.GetStorage(L2Contracts.GasPriceOracle, UInt256.Zero, out UInt256 flags);
        Assert.Equal(new UInt256(0x01010101), flags);
        Assert.Equal("1.7.0", chain.Version(L2Contracts.L1Block));
        Assert.Equal("1.6.0", chain.Version(L2Contracts.GasPriceOracle));
        Assert.Equal("1.0.0", chain.Version(L2Contracts.OperatorFeeVault));

        // a block in Jovian's own L1 attributes format, then Karst, which replaces every predeploy
        Assert.All(chain.Next(out _), receipt => Assert.True(receipt.Succeeded));
        Receipt[] karst = chain.Next(out OptimismFork last);
        Assert.Equal(OptimismFork.Karst, last);
        Assert.All(karst, receipt => Assert.True(receipt.Succeeded));
        Assert.True(karst.Length > 30);
        Assert.All(chain.Next(out _), receipt => Assert.True(receipt.Succeeded));
    }

    private sealed class TestChain : IDisposable
    {
        private readonly MemoryStateStore _store = new();
        private readonly NetworkUpgrades _upgrades;
        private readonly RollupConfig _rollup;
        private readonly BlockExecutor _executor;
        private readonly List<BlockHeader> _headers = [];
        private readonly SystemConfig _systemConfig = new()
        {
            BatcherAddress = Address.FromNumber(0xba7c), Scalar = new EcotoneScalar(1368, 810949).Encode(), GasLimit = 60_000_000,
        };

        public TestChain(ForkSchedule forks)
        {
            _upgrades = new NetworkUpgrades([.. UpgradeBundleFile.ReadCollection(Vectors.PathOf("opstack/upgrade-transactions.json"))
                .Where(bundle => NetworkUpgrades.HasTransactions(bundle.Fork))]);
            DeployConfig config = DeployConfigTemplate.GettingStarted(Wallets.FromMnemonic(), 900, 901) with { Forks = forks, L2GenesisBlockGasLimit = 60_000_000, Eip1559Elasticity = 6 };
            var bridges = new L1BridgeAddresses(Address.FromNumber(0x1101), Address.FromNumber(0x1102), Address.FromNumber(0x1103));
            L2Genesis genesis = L2Genesis.Build(config, bridges, Start, ContractBundle.Embedded, _upgrades, NativeCrypto.Instance);
            _rollup = new RollupConfig
            {
                GenesisL2 = genesis.Header.Id, GenesisL2Time = Start, GenesisSystemConfig = _systemConfig, BlockTimeSeconds = 2, L2ChainId = config.L2ChainId,
                Forks = forks.ToForkTimes(Start), FeeMarket = new OptimismFeeMarket(6, 50, 250),
            };
            _executor = new BlockExecutor(NativeCrypto.Instance, genesis.Spec);
            _store.Commit(Hash256.EmptyTrie, genesis.Block.ToDiff(), genesis.Header.StateRoot, 0);
            _headers.Add(genesis.Header);
        }

        public void Dispose() => _executor.Dispose();

        public BlockHeader Head => _headers[^1];

        public IExecutionState State => new StateAt(_store.Open(Head.StateRoot)!, _headers);

        public Receipt[] Next(out OptimismFork newest)
        {
            var time = new L2Time(Head.Timestamp + 2);
            newest = _rollup.Forks.Newest(time.Seconds);
            var origin = new BlockHeader { Number = 100, Timestamp = Start, BaseFeePerGas = 7UL, ExcessBlobGas = 0, BlobGasUsed = 0, WithdrawalsRoot = Hash256.EmptyTrie, ParentBeaconBlockRoot = Hash256.Zero };
            Assert.True(L1BlockInfo.TryBuild(_rollup, BlobSchedule.None, _systemConfig, Head.Number, origin, time, out L1BlockInfo? info));
            var transactions = new List<byte[]> { info!.ToDepositTransaction(isRegolith: true).Encoded };
            ulong gasLimit = _systemConfig.GasLimit;
            if (_rollup.IsActivationBlock(newest, time) && _upgrades.Of(newest) is { } bundle)
            {
                Assert.True(NetworkUpgrades.IsPublished(bundle));
                gasLimit += bundle.ExtraGas;
                transactions.AddRange(bundle.Transactions.Select(transaction => transaction.Encoded));
            }

            var attributes = new PayloadAttributes
            {
                Timestamp = time.Seconds,
                SuggestedFeeRecipient = L2Contracts.SequencerFeeVault,
                Withdrawals = [],
                ParentBeaconBlockRoot = newest >= OptimismFork.Ecotone ? Hash256.Zero : null,
                Transactions = transactions,
                NoTxPool = true,
                GasLimit = gasLimit,
                Eip1559Params = newest >= OptimismFork.Holocene ? new byte[8] : null,
                MinBaseFee = newest >= OptimismFork.Jovian ? 0 : null,
            };
            ExecutionResult begun = _executor.TryBegin(Head, attributes, State, BuildOptions.Default, out BlockBuilder? builder);
            Assert.True(begun.IsValid, begun.Describe());
            Assert.Equal(BlockError.None, builder!.Seal(out BuiltBlock? built));

            // what is built must also import
            ExecutionResult imported = _executor.Execute(Head, built!.Block, State);
            Assert.True(imported.IsValid, imported.Describe());
            _store.Commit(Head.StateRoot, built.Diff, built.Block.Header.StateRoot, built.Block.Header.Number);
            _headers.Add(built.Block.Header);
            return built.Receipts;
        }

        public string Version(Address contract)
        {
            var version = new AbiFunction("version()", "(string)");
            var message = new Transaction { Type = TransactionType.DynamicFee, ChainId = _rollup.L2ChainId, To = contract, Data = version.Encode(), GasLimit = 1_000_000 };
            message.SetSender(Address.Zero);
            TransactionOutcome outcome = _executor.Call(Head, message, State);
            Assert.True(version.TryDecodeResult(outcome.Output.Span, out AbiValue[] values));
            return values[0].AsString();
        }
    }

    private sealed class StateAt(IStateView view, IReadOnlyList<BlockHeader> headers) : IExecutionState
    {
        public bool TryGetAccount(in Address address, out Account account) => view.TryGetAccount(address, out account);

        public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => view.GetStorage(address, slot, out value);

        public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => view.GetCode(codeHash);

        public bool HasStorage(in Address address) => view.HasStorage(address);

        public Hash256 GetBlockHash(ulong number) => number < (ulong)headers.Count ? headers[(int)number].Hash : default;

        public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => view.ComputeRoots(diff, storageRootOf);
    }
}
