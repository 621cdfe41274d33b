using System.Text.Json;
using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Protocol.Tests;
using Opal.Testing;

namespace Opal.Conformance.Tests.ProtocolTests;

/// <summary>A chain with the contracts of a public genesis crosses every fork in turn, with the real upgrade transactions, and each block is imported again.</summary>
public class ForkJourneyTests
{
    private const ulong Step = 6; // three blocks a fork

    [VectorTheory]
    [InlineData("sepolia-lisk", OptimismFork.Karst)]
    [InlineData("sepolia-op", OptimismFork.Jovian)] // has none of the preinstalls that Karst's bundle needs
    public void A_chain_crosses_every_fork(string file, OptimismFork last)
    {
        JsonElement json = JsonValues.Load($"configs/genesis/{file}.json.gz");
        ulong start = json.At("timestamp").ULong();
        RollupConfig rollup = RollupOf(start, last);
        ChainSpec spec = ChainSpec.ForRollup(rollup);
        var genesis = new Genesis
        {
            Accounts = json.At("alloc").EnumerateObject().Select(GenesisVectorTests.ReadAccount).ToArray(), Timestamp = start, GasLimit = 30_000_000,
        };
        var chain = new MemoryChain(genesis, genesis.MakeHeader(spec));
        NetworkUpgrades upgrades = LoadUpgrades();
        using var executor = new BlockExecutor(NativeCrypto.Instance, spec);
        ulong nonce = 0;
        for (ulong time = start + 2; time < start + (Step * ((ulong)last + 2)); time += 2)
        {
            Transaction[] users = time == start + 2 || IsActivation(rollup, time) ? [] : [Transfer(rollup, nonce), CallOracle(rollup, nonce + 1)];
            nonce += (ulong)users.Length;
            BuildBlock(rollup, chain, executor, upgrades, time, users);
        }

        IExecutionState state = chain.StateOf(chain.Head);
        foreach ((uint deployer, string codeHash) in Deployments)
        {
            if (last < OptimismFork.Jovian) break;
            Assert.True(state.TryGetAccount(ContractAddress.OfCreate(Deployer(deployer), 0), out Account account), $"deployment {deployer}");
            Assert.StartsWith(codeHash, account.CodeHash.ToString(), StringComparison.Ordinal);
        }

        Assert.True(state.TryGetAccount(SystemContracts.BlockHashes, out Account history));
        Assert.Equal(Hash256.Parse("0x6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d"), history.CodeHash);
        state.GetStorage(SystemContracts.BlockHashes, (chain.Head.Number - 1) % 8191, out UInt256 stored);
        Assert.Equal(chain.Head.ParentHash.ToUInt256(), stored);
        Assert.True(state.TryGetAccount(Predeploys.Create2Deployer, out Account deployed));
        Assert.Equal(Create2Deployer.CodeHash, deployed.CodeHash);
    }

    /// <summary>Code hashes that the specifications state for the contracts made by 0x4210…nn.</summary>
    private static readonly (uint Deployer, string CodeHash)[] Deployments =
    [
        (0, "0xc88a313a"), (1, "0x8b71360e"), (2, "0xa88fa50a"), (3, "0x8e3fe7a4"), (4, "0x4d195a9d"), (5, "0x57dc55c9"), (6, "0x5f885ca8"), (7, "0xe9fc7c96"),
    ];

    private static Address Deployer(uint index) => Address.FromUInt256(new UInt256(index, 0, 0x4210_0000));

    private static bool IsActivation(RollupConfig rollup, ulong time)
    {
        for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++)
        {
            if (rollup.IsActivationBlock(fork, new L2Time(time))) return true;
        }

        return false;
    }

    private static void BuildBlock(RollupConfig rollup, MemoryChain chain, BlockExecutor executor, NetworkUpgrades upgrades, ulong time, Transaction[] users)
    {
        var l2Time = new L2Time(time);
        SystemConfig config = ConfigAt(rollup, l2Time);
        var origin = new BlockHeader { Number = 100 + time, Timestamp = time - 2, BaseFeePerGas = 12_000_000_000, ExcessBlobGas = 30_000_000 };
        var blobs = new BlobSchedule(new BlobSchedule.Entry(0, BlobParameters.Cancun));
        Assert.True(L1BlockInfo.TryBuild(rollup, blobs, config, 0, origin, l2Time, out L1BlockInfo? info));
        var forced = new List<byte[]> { info!.ToDepositTransaction(rollup.IsActive(OptimismFork.Regolith, l2Time)).Encoded };
        if (chain.Head.Number == 0) forced.Add(Funding.Encoded);
        ulong gasLimit = config.GasLimit;
        for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++)
        {
            if (!rollup.IsActivationBlock(fork, l2Time) || upgrades.Of(fork) is not { } bundle) continue;
            forced.AddRange(bundle.Transactions.Select(t => t.Encoded));
            gasLimit += bundle.ExtraGas;
        }

        Rules rules = executor.Spec.At(chain.Head.Number + 1, time);
        var attributes = new PayloadAttributes
        {
            Timestamp = time,
            SuggestedFeeRecipient = Predeploys.SequencerFeeVault,
            Withdrawals = rules.Withdrawals == WithdrawalsRule.None ? null : [],
            ParentBeaconBlockRoot = rules.HasBeaconRoot ? Hash256.EmptyCode : null,
            GasLimit = gasLimit,
            Eip1559Params = rules.ExtraData >= ExtraDataRule.Holocene ? config.Eip1559Params() : null,
            MinBaseFee = rules.ExtraData == ExtraDataRule.Jovian ? config.MinBaseFee : null,
            Transactions = forced,
        };
        ExecutionResult begun = executor.TryBegin(chain.Head, attributes, chain.StateOf(chain.Head), BuildOptions.Default, out BlockBuilder? builder);
        Assert.True(begun.IsValid, $"{rules.Name}: {begun.Describe()} at {begun.InvalidTransaction}");
        foreach (Transaction user in users)
        {
            Assert.True(builder!.TryAdd(user, out TransactionVerdict verdict) == AddResult.Included, $"{rules.Name}: {verdict}");
        }

        Assert.Equal(BlockError.None, builder!.Seal(out BuiltBlock? built));
        for (int i = 0; i < built!.Receipts.Length; i++)
        {
            Assert.True(built.Receipts[i].Succeeded, $"{rules.Name}: transaction {i} of block {built.Block.Number} failed");
        }

        ExecutionResult imported = chain.Import(executor, built.Block);
        Assert.True(imported.IsValid, $"{rules.Name}: {imported.Describe()}");
        Assert.True(SystemConfigReader.TryRead(rollup, upgrades, built.Block.Header, built.Block.Transactions[0], out SystemConfig? read));
        Assert.Equal(config.GasLimit, read!.GasLimit);
        CheckL1Block(rules, info, chain);
        for (int i = 0; i < users.Length; i++)
        {
            // what the receipt says of fees is what the contract's own getters would say
            Receipt receipt = built.Receipts[^(users.Length - i)];
            Assert.Equal(info.BaseFee, receipt.L1Fee!.BaseFee);
            Assert.False(receipt.L1Fee.Fee.IsZero);
        }
    }

    /// <summary>The slots of the real L1Block contract hold what the attributes said.</summary>
    private static void CheckL1Block(Rules rules, L1BlockInfo info, MemoryChain chain)
    {
        L1FeeParameters stored = L1FeeParameters.Read(chain.StateOf(chain.Head));
        L1FeeParameters stated = L1FeeParameters.FromAttributes(info);
        Assert.Equal(stated.BaseFee, stored.BaseFee);
        if (info.Format == L1BlockInfoFormat.Bedrock)
        {
            Assert.Equal(stated.Overhead, stored.Overhead);
            Assert.Equal(stated.Scalar, stored.Scalar);
            return;
        }

        Assert.Equal(stated.BlobBaseFee, stored.BlobBaseFee);
        Assert.Equal(stated.BaseFeeScalar, stored.BaseFeeScalar);
        Assert.Equal(stated.BlobBaseFeeScalar, stored.BlobBaseFeeScalar);
        if (info.Format < L1BlockInfoFormat.Isthmus) return;
        Assert.Equal(stated.OperatorFeeScalar, stored.OperatorFeeScalar);
        Assert.Equal(stated.OperatorFeeConstant, stored.OperatorFeeConstant);
        if (info.Format == L1BlockInfoFormat.Jovian) Assert.Equal(stated.DAFootprintGasScalar, stored.DAFootprintGasScalar);
        Assert.False(rules.OperatorFee == OperatorFeeFormula.None);
    }

    private static SystemConfig ConfigAt(RollupConfig rollup, L2Time time) => new()
    {
        BatcherAddress = TestChain.Bob,
        Overhead = rollup.IsActive(OptimismFork.Ecotone, time) ? 0ul : 188ul,
        Scalar = rollup.IsActive(OptimismFork.Ecotone, time) ? new EcotoneScalar(1368, 810_949).Encode() : new UInt256(684_000),
        GasLimit = 30_000_000,
        OperatorFeeScalar = 2000,
        OperatorFeeConstant = 7,
        MinBaseFee = 1000,
        DAFootprintGasScalar = 0,
    };

    private static RollupConfig RollupOf(ulong start, OptimismFork last)
    {
        ulong? At(OptimismFork fork) => fork <= last ? start + (Step * (ulong)fork) : null;
        return new RollupConfig
        {
            GenesisL2Time = start,
            L2ChainId = TestChain.ChainId,
            BlockTimeSeconds = 2,
            Forks = new OptimismForkTimes
            {
                Regolith = At(OptimismFork.Regolith), Canyon = At(OptimismFork.Canyon), Delta = At(OptimismFork.Delta), Ecotone = At(OptimismFork.Ecotone),
                Fjord = At(OptimismFork.Fjord), Granite = At(OptimismFork.Granite), Holocene = At(OptimismFork.Holocene), Isthmus = At(OptimismFork.Isthmus),
                Jovian = At(OptimismFork.Jovian), Karst = At(OptimismFork.Karst),
            },
        };
    }

    private static Transaction Funding => new()
    {
        Type = TransactionType.Deposit, SourceHash = SourceHash.OfUserDeposit(Hash256.EmptyCode, 1), From = TestChain.Alice, To = TestChain.Alice,
        Mint = TestChain.Ether * 10, GasLimit = 100_000,
    };

    private static Transaction Transfer(RollupConfig rollup, ulong nonce) => User(rollup, nonce + 1, TestChain.Bob, [], 21_000);

    /// <summary>gasPrice() of the GasPriceOracle.</summary>
    private static Transaction CallOracle(RollupConfig rollup, ulong nonce) => User(rollup, nonce + 1, Predeploys.GasPriceOracle, [0xfe, 0x17, 0x3b, 0x97], 100_000);

    private static Transaction User(RollupConfig rollup, ulong nonce, Address to, byte[] data, ulong gas) => TestChain.Sign(new Transaction
    {
        Type = TransactionType.DynamicFee, ChainId = rollup.L2ChainId, Nonce = nonce, To = to, Data = data, GasLimit = gas,
        MaxFeePerGas = 5_000_000_000, MaxPriorityFeePerGas = 1,
    });

    private static NetworkUpgrades LoadUpgrades()
    {
        JsonElement all = JsonValues.Load("opstack/upgrade-transactions.json");
        return new NetworkUpgrades(
            new UpgradeBundle(OptimismFork.Ecotone, all.At("ecotone").EnumerateArray().Select(UpgradeVectorTests.Read).ToArray()),
            new UpgradeBundle(OptimismFork.Fjord, all.At("fjord").EnumerateArray().Select(UpgradeVectorTests.Read).ToArray()),
            new UpgradeBundle(OptimismFork.Isthmus, all.At("isthmus").EnumerateArray().Select(UpgradeVectorTests.Read).ToArray()),
            new UpgradeBundle(OptimismFork.Jovian, all.At("jovian").EnumerateArray().Select(UpgradeVectorTests.Read).ToArray()),
            new UpgradeBundle(OptimismFork.Karst, all.At("karstBundle").At("transactions").EnumerateArray().Select(UpgradeVectorTests.Read).ToArray()));
    }
}
