using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol.Tests;

public class DepositExecutionTests
{
    private static Transaction Deposit(ulong gas, UInt256 mint, UInt256 value, Address? to, byte[]? data = null, bool isSystem = false) => new()
    {
        Type = TransactionType.Deposit,
        SourceHash = SourceHash.OfUserDeposit(Hash256.EmptyCode, 3),
        From = TestChain.Alice,
        To = to,
        Mint = mint,
        Value = value,
        GasLimit = gas,
        Data = data ?? [],
        IsSystemTransaction = isSystem,
    };

    [Fact]
    public void A_deposit_mints_and_sends_without_paying_for_gas()
    {
        using var chain = new TestChain(OptimismFork.Isthmus);
        UInt256 before = chain.BalanceOf(TestChain.Alice);
        BuiltBlock built = chain.Seal(chain.Begin(chain.PayloadFor(Deposit(100_000, 500, 200, TestChain.Bob))));
        Assert.True(built.Receipts[1].Succeeded);
        Assert.Equal(21_000ul, built.Receipts[1].GasUsed);
        Assert.Equal(before + 300, chain.BalanceOf(TestChain.Alice));
        Assert.Equal(new UInt256(200), chain.BalanceOf(TestChain.Bob));
        Assert.Equal(0ul, built.Receipts[1].DepositNonce);
        Assert.Equal(1ul, built.Receipts[1].DepositReceiptVersion);
        Assert.Equal(UInt256.Zero, built.Receipts[1].EffectiveGasPrice);
        Assert.True(Receipt.TryDecode(built.Receipts[1].Encode(), out Receipt? decoded));
        Assert.Equal(0ul, decoded!.DepositNonce);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Regolith)]
    [InlineData(OptimismFork.Canyon)]
    [InlineData(OptimismFork.Jovian)]
    public void A_deposit_that_cannot_begin_keeps_the_mint_bumps_the_nonce_and_uses_all_gas(OptimismFork fork)
    {
        using var chain = new TestChain(fork);
        UInt256 before = chain.BalanceOf(TestChain.Alice);
        Transaction[] failing =
        [
            Deposit(100_000, 500, TestChain.Ether * 1000, TestChain.Bob), // value beyond the balance
            Deposit(20_999, 1, 0, TestChain.Bob),                          // below the intrinsic gas
        ];
        BuiltBlock built = chain.Seal(chain.Begin(chain.PayloadFor(failing)));
        Assert.False(built.Receipts[1].Succeeded);
        Assert.False(built.Receipts[2].Succeeded);
        Assert.Equal(100_000ul, built.Receipts[1].GasUsed);
        Assert.Equal(20_999ul, built.Receipts[2].GasUsed);
        Assert.Equal(before + 501, chain.BalanceOf(TestChain.Alice));
        Assert.Equal(2ul, chain.NonceOf(TestChain.Alice));
        Assert.Equal(fork >= OptimismFork.Regolith ? 1ul : null, built.Receipts[2].DepositNonce);
        Assert.Equal(fork >= OptimismFork.Canyon ? 1ul : null, built.Receipts[2].DepositReceiptVersion);
    }

    [Fact]
    public void A_reverting_deposit_keeps_the_mint_and_undoes_the_rest()
    {
        // PUSH1 1 PUSH1 0 SSTORE PUSH1 0 PUSH1 0 REVERT
        byte[] code = [0x60, 1, 0x60, 0, 0x55, 0x60, 0, 0x60, 0, 0xfd];
        Address contract = Address.Parse("0x00000000000000000000000000000000000c0de0");
        using var chain = new TestChain(OptimismFork.Isthmus, extra: new GenesisAccount(contract, UInt256.Zero, 1, code, []));
        BuiltBlock built = chain.Seal(chain.Begin(chain.PayloadFor(Deposit(100_000, 5, 5, contract))));
        Assert.False(built.Receipts[1].Succeeded);
        Assert.True(built.Receipts[1].GasUsed < 100_000);
        Assert.Equal(UInt256.Zero, chain.BalanceOf(contract));
        chain.Chain.StateOf(chain.Chain.Head).GetStorage(contract, UInt256.Zero, out UInt256 slot);
        Assert.True(slot.IsZero);
        Assert.Equal(1ul, chain.NonceOf(TestChain.Alice));
    }

    [Fact]
    public void Before_Regolith_deposits_report_their_limit_and_system_transactions_nothing()
    {
        using var chain = new TestChain(OptimismFork.Bedrock);
        BuiltBlock built = chain.Seal(chain.Begin(chain.PayloadFor(Deposit(100_000, 0, 0, TestChain.Bob), Deposit(90_000_000, 0, 0, TestChain.Bob, isSystem: true))));
        Assert.Equal(0ul, built.Receipts[0].GasUsed); // the attributes deposit, whose 150 M gas are above the block's limit
        Assert.Equal(100_000ul, built.Receipts[1].GasUsed);
        Assert.Equal(0ul, built.Receipts[2].GasUsed);
        Assert.Equal(100_000ul, built.Block.Header.GasUsed);
        Assert.Null(built.Receipts[1].DepositNonce);
    }

    [Fact]
    public void A_deposit_above_the_block_gas_makes_the_block_invalid()
    {
        using var chain = new TestChain(OptimismFork.Isthmus);
        ExecutionResult begun = chain.Executor.TryBegin(
            chain.Chain.Head, chain.PayloadFor(Deposit(29_000_001, 0, 0, TestChain.Bob), Deposit(1_000_000, 0, 0, TestChain.Bob)),
            chain.Chain.StateOf(chain.Chain.Head), BuildOptions.Default, out _);
        Assert.True(begun.IsValid); // the first deposit uses little of what it asks for
        begun = chain.Executor.TryBegin(
            chain.Chain.Head, chain.PayloadFor(Deposit(30_000_000, 0, 0, TestChain.Bob)), chain.Chain.StateOf(chain.Chain.Head), BuildOptions.Default, out _);
        Assert.Equal(BlockError.InvalidTransaction, begun.Error);
        Assert.Equal(TransactionVerdict.BlockGasExceeded, begun.Verdict);
        Assert.Equal(1, begun.InvalidTransaction);
    }

    [Fact]
    public void A_created_contract_derives_from_the_nonce_before()
    {
        using var chain = new TestChain(OptimismFork.Canyon);
        byte[] initCode = [0x60, 0, 0x60, 0, 0x53, 0x60, 1, 0x60, 0, 0xf3]; // returns one zero byte
        BuiltBlock built = chain.Seal(chain.Begin(chain.PayloadFor(Deposit(100_000, 0, 0, TestChain.Bob), Deposit(200_000, 0, 0, null, initCode))));
        Assert.True(built.Receipts[2].Succeeded);
        Assert.Equal(ContractAddress.OfCreate(TestChain.Alice, 1), built.Receipts[2].ContractAddress);
        Assert.Equal(1ul, chain.NonceOf(built.Receipts[2].ContractAddress!.Value));
        Assert.Null(built.Receipts[1].ContractAddress);
    }
}
