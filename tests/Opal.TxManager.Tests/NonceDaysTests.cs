using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

/// <summary>Days on which transactions are dropped, reorganised away, or a stranger uses the key.</summary>
public sealed class NonceDaysTests : IDisposable
{
    private readonly TxWorld _world = new();

    public void Dispose() => _world.Dispose();

    private FakeL1 L1 => _world.L1;

    [Fact]
    public void A_transaction_that_the_pool_lost_is_published_again_unraised_before_the_resubmission() => TestLoop.Run(async () =>
    {
        L1.DropsEverything = true;
        Task<TxReceiptInfo> sending = _world.Manager().SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(1);
        L1.DropsEverything = false;
        await _world.AdvanceAsync(14);
        Assert.Equal(2, L1.Sent.Count);
        Assert.Equal(L1.Sent[0].Transaction.Hash, L1.Sent[1].Transaction.Hash);
        Assert.True(_world.HasLogged("publishing it again"));
        await _world.DoneAsync(sending);
    });

    [Fact]
    public void A_receipt_that_is_reorganised_away_twice_comes_back_in_another_block() => TestLoop.Run(async () =>
    {
        Task<TxReceiptInfo> sending = _world.Manager().SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(1);
        for (int i = 0; i < 2; i++)
        {
            L1.Mine(2);
            await _world.AdvanceAsync(13);
            Assert.False(sending.IsCompleted);
            L1.Reorg(2, backToPool: false);
            L1.Mine(empty: true);
            await _world.AdvanceAsync(13);
            Assert.Single(L1.Pool);
        }

        L1.Mine(2);
        await _world.AdvanceAsync(13);
        L1.Reorg(2, backToPool: true);
        L1.Mine(1, empty: true);
        L1.Mine(2);
        TxReceiptInfo receipt = await _world.DoneAsync(sending);
        Assert.Equal(4UL, receipt.Block.Number);
        Assert.Single(L1.MinedBy(_world.Signer.Address));
    });

    [Fact]
    public void A_stranger_with_the_key_is_found_out_and_the_nonces_are_read_anew() => TestLoop.Run(async () =>
    {
        TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> stolen = manager.SendAsync(TxWorld.Call(1)), next = manager.SendAsync(TxWorld.Call(2));
        await _world.AdvanceAsync(1);
        L1.MineStranger(_world.Stranger(0));
        TxManagerException error = await _world.FailsAsync(stolen);
        Assert.Equal(TxFailure.NonceTaken, error.Failure);
        Assert.Contains("taken by a transaction that is not ours", error.Message);
        await _world.DoneAsync(next);
        await _world.DoneAsync(manager.SendAsync(TxWorld.Call(1)));
        Assert.Equal([0UL, 1UL, 2UL], L1.MinedBy(_world.Signer.Address).Select(t => t.Nonce));
    });

    [Fact]
    public void A_stranger_in_the_pool_that_is_too_dear_to_outbid_takes_the_nonce_and_not_the_transaction() => TestLoop.Run(async () =>
    {
        TransactionManager manager = _world.Manager(new TxManagerOptions { ConfirmationBlocks = 3, FeeLimitMultiplier = 2, FeeLimitThreshold = 1 });
        L1.Seed(_world.Stranger(0, gwei: 100), _world.Signer.Address);
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(60);
        Assert.Contains("fee limit", manager.Status.Problem!);
        L1.Mine();
        await _world.DoneAsync(sending);
        Assert.Equal([0UL, 1UL], L1.MinedBy(_world.Signer.Address).Select(t => t.Nonce));
    });

    [Fact]
    public void After_a_stolen_nonce_fresh_ones_are_above_those_on_their_way() => TestLoop.Run(async () =>
    {
        TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo>[] sending = [.. Enumerable.Range(0, 3).Select(i => manager.SendAsync(TxWorld.Call((byte)i)))];
        await _world.AdvanceAsync(1);
        L1.First.Pool.Remove((_world.Signer.Address, 2)); // so that the third stays on its way
        L1.SendFailures.Enqueue(new RpcError(-32000, "nonce too low"));
        Task<TxReceiptInfo> fourth = manager.SendAsync(TxWorld.Call(3));
        await _world.AdvanceAsync(2);
        Assert.Equal(3UL, L1.Pool.Single(t => t.Transaction.Data.Span[0] == 3).Transaction.Nonce);
        await _world.DoneAsync(Task.WhenAll([.. sending, fourth]));
        Assert.Equal([0, 1, 2, 3], L1.MinedBy(_world.Signer.Address).Select(t => (int)t.Data.Span[0]));
    });

    [Fact]
    public void A_transaction_whose_answer_was_lost_is_not_sent_twice() => TestLoop.Run(async () =>
    {
        var journal = new Journal(L1);
        L1.First.LosesAnswers = true;
        Task<TxReceiptInfo> sending = _world.Manager().SendAsync(TxWorld.Call(), journal, null, default);
        await _world.AdvanceAsync(0);
        L1.First.LosesAnswers = false;
        L1.Mine(); // before it is offered again, which then gets "nonce too low"
        TxReceiptInfo receipt = await _world.DoneAsync(sending);
        Assert.Equal(journal.Versions.Single().Hash, receipt.TransactionHash);
        Assert.Single(L1.MinedBy(_world.Signer.Address));
    });

    [Fact]
    public void A_confirmed_transaction_lost_in_a_deep_reorg_leaves_a_gap_that_is_filled() => TestLoop.Run(async () =>
    {
        TransactionManager manager = _world.Manager(new TxManagerOptions { ConfirmationBlocks = 1 });
        Task<TxReceiptInfo> first = manager.SendAsync(TxWorld.Call(1));
        await _world.AdvanceAsync(1);
        L1.Mine();
        await _world.AdvanceAsync(13);
        Assert.True(first.IsCompletedSuccessfully);
        Task<TxReceiptInfo> second = manager.SendAsync(TxWorld.Call(2));
        await _world.AdvanceAsync(1);
        L1.Reorg(1, backToPool: false);
        await _world.DoneAsync(second);
        Assert.Equal([_world.Signer.Address, TxWorld.To], L1.MinedBy(_world.Signer.Address).Select(t => t.To!.Value));
    });

    [Fact]
    public void A_nonce_given_up_before_publication_does_not_block_those_behind_it() => TestLoop.Run(async () =>
    {
        TransactionManager manager = _world.Manager();
        var disk = new SlowDisk();
        Task<TxReceiptInfo> first = manager.SendAsync(TxWorld.Call(1), disk, null, default), behind = manager.SendAsync(TxWorld.Call(2));
        await _world.AdvanceAsync(1);
        disk.Written.SetException(new IOException("no space left on device"));
        await Assert.ThrowsAsync<IOException>(() => first);
        await _world.DoneAsync(behind);
        Assert.Equal([_world.Signer.Address, TxWorld.To], L1.MinedBy(_world.Signer.Address).Select(t => t.To!.Value));
    });

    [Fact]
    public void A_nonce_given_up_before_publication_is_the_next_fresh_one() => TestLoop.Run(async () =>
    {
        TransactionManager manager = _world.Manager();
        var disk = new SlowDisk();
        Task<TxReceiptInfo> first = manager.SendAsync(TxWorld.Call(1), disk, null, default), behind = manager.SendAsync(TxWorld.Call(2));
        await _world.AdvanceAsync(1);
        disk.Written.SetException(new IOException("no space left on device"));
        await Assert.ThrowsAsync<IOException>(() => first);
        await _world.DoneAsync(Task.WhenAll(manager.SendAsync(TxWorld.Call(1)), behind));
        Assert.Equal([1, 2], L1.MinedBy(_world.Signer.Address).Select(t => (int)t.Data.Span[0]));
    });

    private sealed class SlowDisk : ITxRecorder
    {
        public TaskCompletionSource Written { get; } = new();

        public async ValueTask PublishingAsync(TxVersion version, CancellationToken cancellation) => await Written.Task;
    }

    [Fact]
    public void Blob_transactions_wait_for_their_turn_in_the_pool() => TestLoop.Run(async () =>
    {
        TransactionManager manager = _world.Manager();
        L1.SendFailures.Enqueue(new RpcError(-32000, "txpool is full"));
        Task<TxReceiptInfo[]> both = Task.WhenAll(manager.SendAsync(TxWorld.Blob(1)), manager.SendAsync(TxWorld.Blob(2)));
        await TxWorld.UntilAsync(() => L1.Offered.Count == 2);
        await _world.DoneAsync(both);
        Assert.Equal([0UL, 1UL], L1.MinedBy(_world.Signer.Address).Select(t => t.Nonce));
    });

    [Fact]
    public void Pending_transactions_of_the_other_kind_are_all_cancelled() => TestLoop.Run(async () =>
    {
        for (ulong nonce = 0; nonce < 3; nonce++) L1.Seed(_world.Stranger(nonce, gwei: 60), _world.Signer.Address);
        TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> blob = manager.SendAsync(TxWorld.Blob());
        await TxWorld.UntilAsync(() => blob.IsCompleted);
        Assert.Equal(TxFailure.AlreadyReserved, (await Assert.ThrowsAsync<TxManagerException>(() => blob)).Failure);
        PendingCancellation cancelled = await _world.DoneAsync(manager.CancelPendingAsync(ofBlobs: false));
        Assert.Equal(3, cancelled.Receipts.Count);
        Assert.All(L1.MinedBy(_world.Signer.Address), t => Assert.Equal(_world.Signer.Address, t.To));
        blob = manager.SendAsync(TxWorld.Blob());
        await TxWorld.UntilAsync(() => L1.Sent[^1].Transaction.Type == TransactionType.Blob);
        await _world.DoneAsync(blob);
        Assert.Equal(3UL, L1.MinedBy(_world.Signer.Address).Last().Nonce);
    });

    [Fact]
    public void A_pending_blob_transaction_is_outbid_by_an_empty_blob_until_the_pool_takes_it() => TestLoop.Run(async () =>
    {
        Transaction old = await _world.Signer.SignAsync(new Transaction
        {
            Type = TransactionType.Blob, ChainId = FakeL1.ChainId, MaxFeePerGas = 50_000_000_000, MaxPriorityFeePerGas = 3_000_000_000, MaxFeePerBlobGas = 9_000_000_000, GasLimit = 21_000, To = TxWorld.To,
            BlobVersionedHashes = [new Hash256(Enumerable.Repeat((byte)1, 32).ToArray())],
        }, default);
        L1.Seed(old, _world.Signer.Address);
        TransactionManager manager = _world.Manager();
        Assert.Equal(TxFailure.AlreadyReserved, (await _world.FailsAsync(manager.SendAsync(TxWorld.Call()))).Failure);
        Task<PendingCancellation> cancelling = manager.CancelPendingAsync(ofBlobs: true);
        await TxWorld.UntilAsync(() => L1.Offered.Count == 2);
        await _world.AdvanceAsync(10);
        Transaction taken = Assert.Single(L1.Sent).Transaction;
        Assert.True(taken.MaxFeePerGas >= 100_000_000_000 && taken.MaxFeePerBlobGas >= 18_000_000_000);
        Assert.Single((await _world.DoneAsync(cancelling)).Receipts);
        await _world.DoneAsync(manager.SendAsync(TxWorld.Call()));
        Assert.Equal([_world.Signer.Address, TxWorld.To], L1.MinedBy(_world.Signer.Address).Select(t => t.To!.Value));
    });

    [Fact]
    public void Own_transactions_on_their_way_are_not_cancelled_but_named() => TestLoop.Run(async () =>
    {
        TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> own = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(1);
        L1.Seed(_world.Stranger(1, gwei: 60), _world.Signer.Address);
        PendingCancellation cancelled = await _world.DoneAsync(manager.CancelPendingAsync(ofBlobs: false));
        Assert.Equal([0UL], cancelled.LeftAlone);
        Assert.Single(cancelled.Receipts);
        await _world.DoneAsync(own);
        Assert.Equal([TxWorld.To, _world.Signer.Address], L1.MinedBy(_world.Signer.Address).Select(t => t.To!.Value));
    });

    [Fact]
    public void What_an_earlier_run_left_in_the_pool_is_replaced_one_by_one_and_never_waited_for() => TestLoop.Run(async () =>
    {
        for (ulong nonce = 0; nonce < 3; nonce++) L1.Seed(_world.Stranger(nonce, gwei: 5), _world.Signer.Address); // offers too little for any block
        TransactionManager manager = _world.Manager();
        for (byte marker = 1; marker <= 3; marker++) await _world.DoneAsync(manager.SendAsync(TxWorld.Call(marker)));
        Assert.Equal([1, 2, 3], L1.MinedBy(_world.Signer.Address).Select(t => (int)t.Data.Span[0]));
    });

    [Fact]
    public void One_that_was_given_up_and_stays_in_the_pool_for_too_little_is_replaced_by_an_empty_one() => TestLoop.Run(async () =>
    {
        using var stop = new CancellationTokenSource();
        TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> given = manager.SendAsync(TxWorld.Call(1), stop.Token);
        await _world.AdvanceAsync(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        L1.BaseFee = 100_000_000_000;
        L1.Mine(empty: true);
        await _world.DoneAsync(manager.SendAsync(TxWorld.Call(2)));
        Assert.Equal([_world.Signer.Address, TxWorld.To], L1.MinedBy(_world.Signer.Address).Select(t => t.To!.Value));
        Assert.True(_world.HasLogged("nobody here waits for"));
    });

    [Fact]
    public void One_that_was_given_up_and_offers_enough_is_left_to_be_mined() => TestLoop.Run(async () =>
    {
        using var stop = new CancellationTokenSource();
        TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> given = manager.SendAsync(TxWorld.Call(1), stop.Token);
        await _world.AdvanceAsync(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await _world.DoneAsync(manager.SendAsync(TxWorld.Call(2)));
        Assert.Equal([1, 2], L1.MinedBy(_world.Signer.Address).Select(t => (int)t.Data.Span[0]));
    });
}
