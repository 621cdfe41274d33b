using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.TxManager.Tests;

/// <summary>What pools say, in the words of the execution clients.</summary>
public sealed class PoolAnswerTests : IDisposable
{
    private readonly TxWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    // geth
    [InlineData("already known", "Taken")]
    [InlineData("nonce too low: next nonce 5, tx nonce 4", "NonceTooLow")]
    [InlineData("replacement transaction underpriced: new tx gas fee cap 100 <= 90 queued + 100% replacement penalty", "Underpriced")]
    [InlineData("transaction underpriced: gas tip cap 1, minimum needed 1000000", "Underpriced")]
    [InlineData("transaction gas price below minimum: gas tip cap 1, minimum needed 1000000", "Underpriced")]
    [InlineData("max fee per gas less than block base fee: address 0x00, maxFeePerGas: 1, baseFee: 7", "Underpriced")]
    [InlineData("max fee per blob gas less than block blob gas fee: address 0x00, blobGasFeeCap: 1, blobBaseFee: 7", "Underpriced")]
    [InlineData("insufficient funds for gas * price + value: balance 0, tx cost 1, overshot 1", "InsufficientFunds")]
    [InlineData("address already reserved", "AlreadyReserved")]
    [InlineData("nonce too high: tx nonce 9, gapped nonce 7", "NonceGap")]
    [InlineData("account limit exceeded: pooled 16 txs", "Later")]
    [InlineData("future transaction tries to replace pending", "Later")]
    [InlineData("txpool is full", "Later")]
    [InlineData("too many blobs in transaction: have 7, permitted 6", "Refused")]
    [InlineData("transaction gas limit too high (cap: 16777216, tx: 16777217)", "Refused")]
    // Nethermind, in its older and its newer words
    [InlineData("AlreadyKnown", "Taken")]
    [InlineData("OldNonce, Current nonce: 5, nonce of rejected tx: 4", "NonceTooLow")]
    [InlineData("FeeTooLowToCompete", "Underpriced")]
    [InlineData("ReplacementNotAllowed", "Underpriced")]
    [InlineData("PendingTxsOfConflictingType", "AlreadyReserved")]
    [InlineData("pending transaction type conflict", "AlreadyReserved")]
    [InlineData("NonceGap, Future nonce. Expected nonce: 5", "NonceGap")]
    [InlineData("NonceTooFarInFuture", "NonceGap")]
    [InlineData("nonce too far in future", "NonceGap")]
    [InlineData("node is syncing", "Later")]
    // Besu
    [InlineData("Known transaction", "Taken")]
    [InlineData("Gas price below configured minimum gas price", "Underpriced")]
    [InlineData("Gas price below current base fee", "Underpriced")]
    [InlineData("blob gas price below current blob base fee", "Underpriced")]
    [InlineData("Upfront cost exceeds account balance", "InsufficientFunds")]
    [InlineData("Transaction nonce is too distant from current sender nonce", "NonceGap")]
    [InlineData("Transaction fee cap exceeded", "Refused")]
    // of no known meaning: it may be in the pool
    [InlineData("unknown transaction type", "Unknown")]
    [InlineData("internal error", "Unknown")]
    public void Each_is_read_as_it_is_meant(string message, string answer) => Assert.Equal(answer, PoolAnswers.Of(Error(message)).ToString());

    [Fact]
    public void The_operator_s_words_for_taken_come_first() => Assert.Equal(PoolAnswer.Taken, PoolAnswers.Of(Error("Nonce too low, seen before"), ["seen before"]));

    [Fact]
    public void A_tip_below_the_pool_s_least_is_raised_until_the_pool_takes_it() => TestLoop.Run(async () =>
    {
        for (int i = 0; i < 3; i++) _world.L1.SendFailures.Enqueue(new RpcError(-32000, "transaction gas price below minimum: gas tip cap 2000000000, minimum needed 2600000000"));
        await _world.DoneAsync(_world.Manager().SendAsync(TxWorld.Call()));
        UInt256 tip = Assert.Single(_world.L1.Sent).Transaction.MaxPriorityFeePerGas;
        Assert.InRange((ulong)tip, 2_600_000_000UL, 2_700_000_000UL);
    });

    private static RpcCallException Error(string message) => new("eth_sendRawTransaction", "l1", new RpcError(-32000, message));
}
