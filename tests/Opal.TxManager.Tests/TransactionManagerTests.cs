using Microsoft.Extensions.Logging.Abstractions;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

public sealed class TransactionManagerTests : IDisposable
{
    private static readonly byte[] Key = Mnemonic.PrivateKey(Mnemonic.Development, 0);
    private static readonly Address To = Address.FromNumber(0xff00);
    private static readonly TimeSpan Minutes = TimeSpan.FromMinutes(20);

    private readonly FakeL1 _l1 = new();
    private readonly ManualClock _clock = new();
    private readonly LocalSigner _signer = new(Key);

    public void Dispose() => _signer.Dispose();

    private TransactionManager Manager(TxManagerOptions? options = null) =>
        new(_l1.Client, _signer, options ?? new TxManagerOptions { ConfirmationBlocks = 3 }, _clock, NullLogger.Instance);

    private static TxCandidate Call(byte marker = 1) => new(To, new byte[] { marker });

    private Action MineEvery(int seconds)
    {
        int second = 0;
        return () =>
        {
            if (++second % seconds == 0) _l1.Mine();
        };
    }

    private Action MineEmptyEvery(int seconds)
    {
        int second = 0;
        return () =>
        {
            if (++second % seconds == 0) _l1.Mine(empty: true);
        };
    }

    private async Task AdvanceAsync(int seconds, Action eachSecond)
    {
        for (int i = 0; i < seconds; i++)
        {
            eachSecond();
            await _clock.AdvanceAsync(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public void A_transaction_is_sent_mined_and_confirmed() => TestLoop.Run(async () =>
    {
        TransactionManager manager = Manager();
        Task<TxReceiptInfo> sending = manager.SendAsync(Call());
        Assert.Equal(1, manager.Pending);
        TxReceiptInfo receipt = await _clock.RunAsync(sending, Minutes, MineEvery(12));
        Assert.True(receipt.Succeeded);
        Assert.Equal(0, manager.Pending);
        Transaction sent = Assert.Single(_l1.Sent).Transaction;
        Assert.Equal(sent.Hash, receipt.TransactionHash);
        Assert.Equal((0UL, FakeL1.ChainId, 120_000UL), (sent.Nonce, sent.ChainId!.Value, sent.GasLimit));
        Assert.Equal((22_000_000_000UL, 2_000_000_000UL), (sent.MaxFeePerGas.U0, sent.MaxPriorityFeePerGas.U0));
        Assert.True(_l1.Head >= receipt.Block.Number + 2, "three blocks deep, its own included");
    });

    [Fact]
    public void Nonces_follow_the_order_of_the_calls() => TestLoop.Run(async () =>
    {
        TransactionManager manager = Manager();
        Task<TxReceiptInfo[]> all = Task.WhenAll(Enumerable.Range(0, 8).Select(i => manager.SendAsync(Call((byte)i))));
        await _clock.RunAsync(all, Minutes, MineEvery(12));
        Assert.Equal(8, _l1.Sent.Count);
        foreach (PooledTransaction sent in _l1.Sent) Assert.Equal(sent.Transaction.Nonce, sent.Transaction.Data.Span[0]);
        await _clock.RunAsync(manager.SendAsync(Call(8)), Minutes, MineEvery(12));
        Assert.Equal(8UL, _l1.Sent[^1].Transaction.Nonce);
    });

    [Fact]
    public void An_unmined_transaction_is_raised_by_the_pools_rule_until_it_is_mined() => TestLoop.Run(async () =>
    {
        Task<TxReceiptInfo> sending = Manager().SendAsync(Call());
        await AdvanceAsync(100, MineEmptyEvery(12));
        Assert.Equal(3, _l1.Sent.Count);
        Assert.Equal([22_000_000_000, 24_200_000_000, 26_620_000_000], _l1.Sent.Select(t => (long)t.Transaction.MaxFeePerGas.U0));
        Assert.All(_l1.Sent, t => Assert.Equal(0UL, t.Transaction.Nonce));
        TxReceiptInfo receipt = await _clock.RunAsync(sending, Minutes, MineEvery(12));
        Assert.Equal(_l1.Sent[2].Transaction.Hash, receipt.TransactionHash);
    });

    [Fact]
    public void Raises_stop_at_the_fee_limit() => TestLoop.Run(async () =>
    {
        var options = new TxManagerOptions { FeeLimitMultiplier = 2, FeeLimitThreshold = 30_000_000_000 };
        Task<TxReceiptInfo> sending = Manager(options).SendAsync(Call());
        await AdvanceAsync(3600, MineEmptyEvery(12));
        Assert.True(_l1.Sent.Max(t => t.Transaction.MaxFeePerGas) <= 44_000_000_000);
        Assert.Equal(8, _l1.Sent.Count);
        await _clock.RunAsync(sending, Minutes, MineEvery(12));
    });

    [Fact]
    public void A_price_jump_on_L1_is_followed() => TestLoop.Run(async () =>
    {
        Task<TxReceiptInfo> sending = Manager().SendAsync(Call());
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(1));
        _l1.BaseFee = 100_000_000_000;
        await AdvanceAsync(60, MineEmptyEvery(12));
        Assert.Equal(202_200_000_000UL, _l1.Sent[^1].Transaction.MaxFeePerGas.U0);
        await _clock.RunAsync(sending, Minutes, MineEvery(12));
    });

    [Fact]
    public void A_stranger_in_the_pool_is_outbid_at_once() => TestLoop.Run(async () =>
    {
        Transaction old = await _signer.SignAsync(new Transaction { Type = TransactionType.DynamicFee, ChainId = FakeL1.ChainId, MaxFeePerGas = 40_000_000_000, MaxPriorityFeePerGas = 3_000_000_000, GasLimit = 21_000, To = To }, default);
        _l1.Seed(old, _signer.Address);
        Task<TxReceiptInfo> sending = Manager().SendAsync(Call());
        for (int i = 0; i < 3; i++) await _clock.AdvanceAsync(TimeSpan.FromSeconds(1));
        Transaction sent = Assert.Single(_l1.Sent).Transaction;
        Assert.True(sent.MaxFeePerGas >= 44_000_000_000);
        await _clock.RunAsync(sending, Minutes, MineEvery(12));
    });

    [Fact]
    public void A_dropped_transaction_is_published_again() => TestLoop.Run(async () =>
    {
        _l1.DropsEverything = true;
        Task<TxReceiptInfo> sending = Manager().SendAsync(Call());
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(30));
        _l1.DropsEverything = false;
        TxReceiptInfo receipt = await _clock.RunAsync(sending, Minutes, MineEvery(12));
        Assert.True(_l1.Sent.Count >= 2);
        Assert.Equal(_l1.Sent[^1].Transaction.Hash, receipt.TransactionHash);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_transaction_that_a_reorg_takes_away_is_waited_for_or_sent_again(bool backToPool) => TestLoop.Run(async () =>
    {
        Task<TxReceiptInfo> sending = Manager().SendAsync(Call());
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(1));
        _l1.Mine(2);
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(13));
        Assert.False(sending.IsCompleted);
        _l1.Reorg(2, backToPool);
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(26));
        Assert.Single(_l1.Pool);
        TxReceiptInfo receipt = await _clock.RunAsync(sending, Minutes, MineEvery(12));
        Assert.True(receipt.Succeeded);
    });

    [Fact]
    public void After_a_reorg_that_lost_a_confirmed_transaction_its_nonce_is_filled() => TestLoop.Run(async () =>
    {
        TransactionManager manager = Manager(new TxManagerOptions { ConfirmationBlocks = 1 });
        await _clock.RunAsync(manager.SendAsync(Call()), Minutes, MineEvery(12));
        _l1.Reorg((int)_l1.Head, backToPool: false);
        await _clock.RunAsync(manager.SendAsync(Call(2)), Minutes, MineEvery(12));
        Assert.Equal(0UL, _l1.Sent[^1].Transaction.Nonce);
    });

    [Fact]
    public void Blob_transactions_carry_proofs_and_double_their_fees() => TestLoop.Run(async () =>
    {
        var blob = new byte[Kzg.BlobSize];
        blob[1] = 7;
        Task<TxReceiptInfo> sending = Manager().SendAsync(new TxCandidate(To, ReadOnlyMemory<byte>.Empty, GasLimit: 21_000, Blobs: [blob]));
        while (_l1.Sent.Count == 0) await Task.Delay(10);
        await AdvanceAsync(62, MineEmptyEvery(12));
        Assert.Equal(2, _l1.Sent.Count);
        PooledTransaction first = _l1.Sent[0], second = _l1.Sent[1];
        Assert.Equal(TransactionType.Blob, first.Transaction.Type);
        Assert.True(Kzg.VerifyBlobProof(blob, first.Sidecar!.Commitments[0], first.Sidecar.Proofs[0]));
        Assert.Equal(first.Transaction.MaxFeePerGas * 2, second.Transaction.MaxFeePerGas);
        Assert.Equal(first.Transaction.MaxFeePerBlobGas * 2, second.Transaction.MaxFeePerBlobGas);
        await _clock.RunAsync(sending, Minutes, MineEvery(12));
    });

    [Fact]
    public void Cell_proofs_are_made_from_Osaka_on()
    {
        var blob = new byte[Kzg.BlobSize];
        blob[31] = 9;
        BlobSidecar sidecar = BlobSidecars.Build([blob], cellProofs: true);
        Assert.Equal((1, 128), (sidecar.WrapperVersion, sidecar.Proofs.Length));
        Assert.True(sidecar.HasConsistentCounts);
        var cells = new byte[Kzg.CellsPerExtBlob * Kzg.CellSize];
        Assert.True(Kzg.TryComputeCells(blob, cells));
        Assert.True(Kzg.VerifyCellProofs(sidecar.Commitments[0], [5], cells.AsSpan(5 * Kzg.CellSize, Kzg.CellSize), sidecar.Proofs[5]));
        Array.Fill(blob, (byte)0xff);
        Assert.Throws<ArgumentException>(() => BlobSidecars.Build([blob], cellProofs: false));
    }

    [Fact]
    public void A_call_that_would_revert_is_not_sent_and_its_nonce_not_lost() => TestLoop.Run(async () =>
    {
        TransactionManager manager = Manager();
        _l1.EstimateFailure = new RpcError(3, "execution reverted: paused", "0x08c379a0");
        TxManagerException error = await Assert.ThrowsAsync<TxManagerException>(() => _clock.RunAsync(manager.SendAsync(Call()), Minutes));
        Assert.Equal(TxFailure.Reverts, error.Failure);
        Assert.Contains("paused", error.Message);
        Assert.Empty(_l1.Sent);
        _l1.EstimateFailure = null;
        await _clock.RunAsync(manager.SendAsync(Call()), Minutes, MineEvery(12));
        Assert.Equal(0UL, _l1.Sent[0].Transaction.Nonce);
    });

    [Theory]
    [InlineData("insufficient funds for gas * price + value", TxFailure.InsufficientFunds)]
    [InlineData("address already reserved", TxFailure.AlreadyReserved)]
    [InlineData("intrinsic gas too low", TxFailure.Refused)]
    public void Refusals_are_told_at_once(string message, TxFailure failure) => TestLoop.Run(async () =>
    {
        _l1.SendFailures.Enqueue(new RpcError(-32000, message));
        TxManagerException error = await Assert.ThrowsAsync<TxManagerException>(() => _clock.RunAsync(Manager().SendAsync(Call()), Minutes));
        Assert.Equal(failure, error.Failure);
        Assert.Contains(_signer.Address.ToString(), error.Message);
    });

    [Fact]
    public void A_nonce_taken_by_another_program_is_replaced() => TestLoop.Run(async () =>
    {
        TransactionManager manager = Manager();
        await _clock.RunAsync(manager.SendAsync(Call()), Minutes, MineEvery(12));
        _l1.SendFailures.Enqueue(new RpcError(-32000, "nonce too low"));
        await _clock.RunAsync(manager.SendAsync(Call(2)), Minutes, MineEvery(12));
        Assert.Equal(1UL, _l1.Sent[^1].Transaction.Nonce);
    });

    [Fact]
    public void An_L1_that_is_away_for_a_while_is_waited_for() => TestLoop.Run(async () =>
    {
        _l1.IsDown = true;
        Task<TxReceiptInfo> sending = Manager().SendAsync(Call());
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(40));
        Assert.False(sending.IsCompleted);
        _l1.IsDown = false;
        await _clock.RunAsync(sending, Minutes, MineEvery(12));
    });

    [Fact]
    public void What_never_gets_into_the_pool_is_given_up() => TestLoop.Run(async () =>
    {
        for (int i = 0; i < 1000; i++) _l1.SendFailures.Enqueue(new RpcError(-32000, "txpool is full"));
        TxManagerException error = await Assert.ThrowsAsync<TxManagerException>(() => _clock.RunAsync(Manager().SendAsync(Call()), Minutes));
        Assert.Equal(TxFailure.NotInMempool, error.Failure);
        Assert.Contains("txpool is full", error.Message);
    });

    [Fact]
    public void The_send_timeout_ends_the_wait_and_names_what_was_published() => TestLoop.Run(async () =>
    {
        var options = new TxManagerOptions { SendTimeout = TimeSpan.FromSeconds(60) };
        TxManagerException error = await Assert.ThrowsAsync<TxManagerException>(() => _clock.RunAsync(Manager(options).SendAsync(Call()), Minutes, MineEmptyEvery(12)));
        Assert.Equal(TxFailure.TimedOut, error.Failure);
        Assert.Equal(2, error.Published.Count);
    });

    [Fact]
    public void Cancelling_ends_the_wait() => TestLoop.Run(async () =>
    {
        using var stop = new CancellationTokenSource();
        TransactionManager manager = Manager();
        Task<TxReceiptInfo> sending = manager.SendAsync(Call(), stop.Token);
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(1));
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(0, manager.Pending);
        Assert.Single(_l1.Pool);
    });

    [Fact]
    public void A_pending_transaction_can_be_cancelled() => TestLoop.Run(async () =>
    {
        Transaction old = await _signer.SignAsync(new Transaction { Type = TransactionType.DynamicFee, ChainId = FakeL1.ChainId, MaxFeePerGas = 40_000_000_000, MaxPriorityFeePerGas = 3_000_000_000, GasLimit = 21_000, To = To }, default);
        _l1.Seed(old, _signer.Address);
        PendingCancellation cancelled = await _clock.RunAsync(Manager().CancelPendingAsync(ofBlobs: false), Minutes, MineEvery(12));
        Assert.Equal(_signer.Address, Assert.Single(cancelled.Receipts).To);
        Assert.Empty(cancelled.LeftAlone);
        Assert.Equal(0UL, _l1.Sent[0].Transaction.Nonce);
    });
}
