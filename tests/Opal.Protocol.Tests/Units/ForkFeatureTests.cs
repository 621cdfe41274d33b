using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol.Tests.Mixes;

namespace Opal.Protocol.Tests;

/// <summary>What each upgrade brings, on Ethereum and on the OP Stack: there from its fork on, and not before.</summary>
public sealed class ForkFeatureTests
{
    private static readonly Address Contract = Address.FromNumber(0xc0de);

    /// <summary>Programs that fail as an invalid instruction before their fork.</summary>
    [Theory]
    [InlineData("PUSH0 (EIP-3855)", "5f00", EthereumFork.Shanghai, OptimismFork.Canyon)]
    [InlineData("TLOAD (EIP-1153)", "60005c00", EthereumFork.Cancun, OptimismFork.Ecotone)]
    [InlineData("MCOPY (EIP-5656)", "6000600060005e00", EthereumFork.Cancun, OptimismFork.Ecotone)]
    [InlineData("BLOBHASH (EIP-4844)", "60004900", EthereumFork.Cancun, OptimismFork.Ecotone)]
    [InlineData("BLOBBASEFEE (EIP-7516)", "4a00", EthereumFork.Cancun, OptimismFork.Ecotone)]
    [InlineData("delegation (EIP-7702)", "ef01000000000000000000000000000000000000000bad", EthereumFork.Prague, OptimismFork.Isthmus)]
    [InlineData("CLZ (EIP-7939)", "60011e00", EthereumFork.Osaka, OptimismFork.Karst)]
    public void Instructions_begin_with_their_fork(string name, string code, EthereumFork ethereum, OptimismFork optimism)
    {
        ForEach(ethereum, optimism, (rules, isActive) =>
        {
            ChainSpec spec = ChainSpec.Fixed(MixChain.ChainId, rules);
            using var executor = new BlockExecutor(NativeCrypto.Instance, spec);
            var chain = new MemoryChain(new Genesis { GasLimit = 30_000_000 }, new Genesis { GasLimit = 30_000_000 }.MakeHeader(spec));
            var message = new Transaction { Type = TransactionType.Legacy, To = Contract, GasLimit = 100_000 };
            message.SetSender(TestChain.Alice);
            var overrides = new CallOverrides { Accounts = [(Contract, new AccountOverride { Code = Hex.Decode(code) })] };
            TransactionOutcome outcome = executor.Call(chain.Head, message, chain.StateOf(chain.Head), overrides);
            Assert.True(outcome.Verdict == TransactionVerdict.Valid, $"{name} in {rules.Name}: {outcome.Verdict}");
            Assert.True(outcome.Succeeded == isActive, $"{name} in {rules.Name}: {outcome.Halt}");
            if (!isActive) Assert.Equal(Halt.InvalidOpcode, outcome.Halt);
        });
    }

    [Theory]
    [InlineData(0x09, EthereumFork.London, OptimismFork.Bedrock)]
    [InlineData(0x0a, EthereumFork.Cancun, OptimismFork.Ecotone)]
    [InlineData(0x0b, EthereumFork.Prague, OptimismFork.Isthmus)]
    [InlineData(0x11, EthereumFork.Prague, OptimismFork.Isthmus)]
    [InlineData(0x100, EthereumFork.Osaka, OptimismFork.Fjord)]
    public void Precompiles_begin_with_their_fork(int number, EthereumFork ethereum, OptimismFork optimism) => ForEach(ethereum, optimism, (rules, isActive) =>
        Assert.True(rules.Evm.Precompiles.Contains(Address.FromNumber((ulong)number)) == isActive, $"{number:x} in {rules.Name}"));

    private const OptimismFork Never = (OptimismFork)99;

    [Fact]
    public void Rules_begin_with_their_fork()
    {
        Check("EIP-3651 warm coinbase", EthereumFork.Shanghai, OptimismFork.Canyon, r => r.WarmsCoinbase);
        Check("EIP-3860 init code", EthereumFork.Shanghai, OptimismFork.Canyon, r => r.Evm.MaxInitCodeSize == 49_152 && r.Evm.InitCodeWordGas == 2);
        Check("EIP-4895 withdrawals root", EthereumFork.Shanghai, OptimismFork.Canyon, r => r.Withdrawals != WithdrawalsRule.None);
        Check("EIP-4788 beacon root", EthereumFork.Cancun, OptimismFork.Ecotone, r => r.HasBeaconRoot);
        Check("EIP-4844 header fields", EthereumFork.Cancun, OptimismFork.Ecotone, r => r.BlobGas != BlobGasRule.None);
        Check("EIP-4844 transactions", EthereumFork.Cancun, Never, r => r.Allows(TransactionType.Blob));
        Check("EIP-6780 selfdestruct", EthereumFork.Cancun, OptimismFork.Ecotone, r => r.Evm.DestroysOnlyNewContracts);
        Check("EIP-2935 block hashes", EthereumFork.Prague, OptimismFork.Isthmus, r => r.StoresParentHash);
        Check("EIP-7623 floor", EthereumFork.Prague, OptimismFork.Isthmus, r => r.HasCalldataFloor);
        Check("EIP-7685 requests hash", EthereumFork.Prague, OptimismFork.Isthmus, r => r.Requests != RequestsRule.None);
        Check("EIP-7702 transactions", EthereumFork.Prague, OptimismFork.Isthmus, r => r.Allows(TransactionType.SetCode));
        Check("EIP-7825 gas cap", EthereumFork.Osaka, OptimismFork.Karst, r => r.MaxTransactionGas == 16_777_216);
        Check("EIP-7883 modexp", EthereumFork.Osaka, OptimismFork.Karst, r => r.Evm.Precompiles.Find(Address.FromNumber(5))!.GasFor([]) == 500);
        Check("EIP-7918 reserve price", EthereumFork.Osaka, Never, r => r.HasBlobReservePrice);
        Check("EIP-7934 block size", EthereumFork.Osaka, Never, r => r.MaxBlockSize == 8_388_608);
        Check("EIP-7594 blobs a transaction", EthereumFork.Osaka, Never, r => r.MaxBlobsPerTransaction == 6);
    }

    [Fact]
    public void Rules_of_the_OP_Stack_begin_with_their_fork()
    {
        CheckOptimism("metered deposits", OptimismFork.Regolith, r => r.MetersDeposits);
        CheckOptimism("deposit receipt version", OptimismFork.Canyon, r => r.HasDepositReceiptVersion);
        CheckOptimism("create2Deployer", OptimismFork.Canyon, r => r.HasCreate2Deployer);
        CheckOptimism("Ecotone's L1 cost", OptimismFork.Ecotone, r => r.L1Cost >= L1CostFormula.Ecotone);
        CheckOptimism("Fjord's L1 cost", OptimismFork.Fjord, r => r.L1Cost == L1CostFormula.Fjord);
        CheckOptimism("1559 parameters in extra data", OptimismFork.Holocene, r => r.ExtraData >= ExtraDataRule.Holocene);
        CheckOptimism("operator fee", OptimismFork.Isthmus, r => r.OperatorFee != OperatorFeeFormula.None);
        CheckOptimism("storage root in the header", OptimismFork.Isthmus, r => r.Withdrawals == WithdrawalsRule.MessagePasser);
        CheckOptimism("no requests but their hash", OptimismFork.Isthmus, r => r.Requests == RequestsRule.AlwaysEmpty);
        CheckOptimism("minimum base fee", OptimismFork.Jovian, r => r.ExtraData == ExtraDataRule.Jovian);
        CheckOptimism("DA footprint", OptimismFork.Jovian, r => r.BlobGas == BlobGasRule.DAFootprint);
        CheckOptimism("Jovian's operator fee", OptimismFork.Jovian, r => r.OperatorFee == OperatorFeeFormula.Jovian);
        foreach (EthereumFork fork in Enum.GetValues<EthereumFork>())
        {
            Rules rules = ForkRules.Of(fork);
            Assert.False(rules.IsOptimism || rules.Allows(TransactionType.Deposit) || rules.MetersDeposits || rules.HasCreate2Deployer, rules.Name);
            Assert.Equal((L1CostFormula.None, OperatorFeeFormula.None), (rules.L1Cost, rules.OperatorFee));
        }
    }

    private static void Check(string name, EthereumFork ethereum, OptimismFork optimism, Func<Rules, bool> isThere) =>
        ForEach(ethereum, optimism, (rules, isActive) => Assert.True(isThere(rules) == isActive, $"{name} in {rules.Name}"));

    private static void CheckOptimism(string name, OptimismFork first, Func<Rules, bool> isThere)
    {
        foreach (OptimismFork fork in Enum.GetValues<OptimismFork>()) Assert.True(isThere(ForkRules.Of(fork)) == fork >= first, $"{name} in {fork}");
    }

    private static void ForEach(EthereumFork ethereum, OptimismFork optimism, Action<Rules, bool> check)
    {
        foreach (EthereumFork fork in Enum.GetValues<EthereumFork>()) check(ForkRules.Of(fork), fork >= ethereum);
        foreach (OptimismFork fork in Enum.GetValues<OptimismFork>()) check(ForkRules.Of(fork), fork >= optimism);
    }
}
