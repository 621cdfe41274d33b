using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

/// <summary>The program was killed while a transaction was on its way.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TxWorld _world = new();

    public void Dispose() => _world.Dispose();

    private FakeL1 L1 => _world.L1;

    /// <summary>A run of the program that publishes something and is killed.</summary>
    private async Task<Journal> KilledRunAsync(int seconds = 1, int transactions = 1)
    {
        var journal = new Journal(L1);
        using var kill = new CancellationTokenSource();
        using TransactionManager manager = _world.Manager();
        var sending = new List<Task>();
        for (int i = 0; i < transactions; i++) sending.Add(manager.SendAsync(TxWorld.Call((byte)i), journal, null, kill.Token));
        await _world.AdvanceAsync(seconds, _world.TickEmpty);
        await kill.CancelAsync();
        foreach (Task task in sending) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        return journal;
    }

    [Fact]
    public void A_version_that_was_mined_meanwhile_is_confirmed_and_nothing_is_published() => TestLoop.Run(async () =>
    {
        Journal journal = await KilledRunAsync(60);
        Assert.Equal(2, journal.Versions.Count);
        L1.Mine();
        int offered = L1.Offered.Count;
        TxReceiptInfo receipt = await _world.DoneAsync(_world.Manager().SendAsync(TxWorld.Call(), journal, journal.Resume(), default));
        Assert.Equal(journal.Versions[1].Hash, receipt.TransactionHash);
        Assert.Equal(offered, L1.Offered.Count);
    });

    [Fact]
    public void One_that_the_pool_still_holds_is_raised_by_no_restart() => TestLoop.Run(async () =>
    {
        Journal journal = await KilledRunAsync();
        for (int restart = 0; restart < 5; restart++)
        {
            using var kill = new CancellationTokenSource();
            using TransactionManager manager = _world.Manager();
            Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call(0), journal, journal.Resume(), kill.Token);
            await _world.AdvanceAsync(3, _world.TickEmpty);
            await kill.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        }

        TxReceiptInfo receipt = await _world.DoneAsync(_world.Manager().SendAsync(TxWorld.Call(0), journal, journal.Resume(), default));
        Assert.Equal(Assert.Single(journal.Versions).Hash, receipt.TransactionHash);
        Assert.Single(L1.MinedBy(_world.Signer.Address));
    });

    [Fact]
    public void One_that_no_longer_pays_for_a_block_is_raised_at_once() => TestLoop.Run(async () =>
    {
        Journal journal = await KilledRunAsync();
        TxFees last = journal.Versions[^1].Fees;
        L1.BaseFee = last.FeeCap * 2UL;
        L1.Mine(empty: true);
        Task<TxReceiptInfo> sending = _world.Manager().SendAsync(TxWorld.Call(), journal, journal.Resume(), default);
        await _world.AdvanceAsync(3, _world.TickEmpty);
        Assert.Equal(2, journal.Versions.Count);
        Assert.True(journal.Versions[1].Fees.FeeCap >= L1.BaseFee);
        await _world.DoneAsync(sending);
    });

    /// <summary>A reorg lost it, and L1's pool holds a later one of the other kind: neither could go on before the other.</summary>
    [Fact]
    public void One_that_is_lost_and_that_the_pool_takes_no_more_for_a_blob_behind_it_is_given_up() => TestLoop.Run(async () =>
    {
        Journal journal = await KilledRunAsync();
        L1.EmptyPool();
        Transaction later = await _world.Signer.SignAsync(new Transaction
        {
            Type = TransactionType.Blob, ChainId = FakeL1.ChainId, Nonce = 1, MaxFeePerGas = 50_000_000_000, MaxPriorityFeePerGas = 3_000_000_000, MaxFeePerBlobGas = 9_000_000_000, GasLimit = 21_000,
            To = TxWorld.To, BlobVersionedHashes = [new Hash256(Enumerable.Repeat((byte)1, 32).ToArray())],
        }, default);
        L1.Seed(later, _world.Signer.Address);
        Task<TxReceiptInfo> sending = _world.Manager().SendAsync(TxWorld.Call(), journal, journal.Resume(), default);
        await _world.AdvanceAsync(10, _world.TickEmpty);
        Assert.Equal(TxFailure.AlreadyReserved, (await Assert.ThrowsAsync<TxManagerException>(() => sending)).Failure);
    });

    [Fact]
    public void One_that_never_reached_L1_is_published_with_the_same_nonce() => TestLoop.Run(async () =>
    {
        Journal journal = await KilledRunAsync();
        L1.EmptyPool();
        await _world.DoneAsync(_world.Manager().SendAsync(TxWorld.Call(), journal, journal.Resume(), default));
        Assert.Equal(0UL, Assert.Single(L1.MinedBy(_world.Signer.Address)).Nonce);
    });

    [Fact]
    public void A_nonce_that_a_stranger_took_is_told_after_several_looks_and_when_it_is_final() => TestLoop.Run(async () =>
    {
        Journal journal = await KilledRunAsync();
        L1.EmptyPool();
        L1.MineStranger(_world.Stranger(0));
        TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> resumed = manager.SendAsync(TxWorld.Call(), journal, journal.Resume(), default);
        await _world.AdvanceAsync(120);
        Assert.False(resumed.IsCompleted, "the stranger's block is one deep: a reorg may give the nonce back");
        Assert.Contains("none of its 1 versions", manager.Status.Problem!);
        TxManagerException error = await _world.FailsAsync(resumed);
        Assert.Equal(TxFailure.NonceTaken, error.Failure);
        Assert.Contains("another program", error.Message);
        Assert.Single(L1.Offered);
        await _world.DoneAsync(manager.SendAsync(TxWorld.Call()));
        Assert.Equal([0UL, 1UL], L1.MinedBy(_world.Signer.Address).Select(t => t.Nonce));
    });

    [Fact]
    public void A_stranger_s_block_that_is_reorganised_away_gives_the_nonce_back() => TestLoop.Run(async () =>
    {
        Journal journal = await KilledRunAsync();
        L1.EmptyPool();
        L1.MineStranger(_world.Stranger(0));
        Task<TxReceiptInfo> resumed = _world.Manager().SendAsync(TxWorld.Call(), journal, journal.Resume(), default);
        await _world.AdvanceAsync(60);
        L1.Reorg(1, backToPool: false);
        TxReceiptInfo receipt = await _world.DoneAsync(resumed);
        Assert.Contains(journal.Versions, v => v.Hash == receipt.TransactionHash);
    });

    [Fact]
    public void Fresh_nonces_are_above_the_resumed_ones_in_whatever_order_they_come() => TestLoop.Run(async () =>
    {
        Journal journal = await KilledRunAsync(1, transactions: 3);
        TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> third = manager.SendAsync(TxWorld.Call(2), null, new TxResume(2, [journal.Versions[2]]), default);
        Task<TxReceiptInfo> fresh = manager.SendAsync(TxWorld.Call(3));
        Task<TxReceiptInfo> first = manager.SendAsync(TxWorld.Call(0), null, new TxResume(0, [journal.Versions[0]]), default);
        Task<TxReceiptInfo> second = manager.SendAsync(TxWorld.Call(1), null, new TxResume(1, [journal.Versions[1]]), default);
        await _world.DoneAsync(Task.WhenAll(first, second, third, fresh));
        Assert.Equal([0, 1, 2, 3], L1.MinedBy(_world.Signer.Address).Select(t => (int)t.Data.Span[0]));
    });

    [Fact]
    public void A_gap_below_a_resumed_nonce_is_filled() => TestLoop.Run(async () =>
    {
        Journal journal = await KilledRunAsync(1, transactions: 3);
        L1.EmptyPool();
        TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> third = manager.SendAsync(TxWorld.Call(2), null, new TxResume(2, [journal.Versions[2]]), default);
        await _world.DoneAsync(third);
        List<Transaction> mined = [.. L1.MinedBy(_world.Signer.Address)];
        Assert.Equal([0UL, 1UL, 2UL], mined.Select(t => t.Nonce));
        Assert.Equal([_world.Signer.Address, _world.Signer.Address, TxWorld.To], mined.Select(t => t.To!.Value));
        Assert.True(_world.HasLogged("an empty transaction takes its place"));
    });

    [Fact]
    public void A_recorder_that_fails_keeps_the_version_unpublished() => TestLoop.Run(async () =>
    {
        var journal = new Journal(L1) { IsFull = true };
        TransactionManager manager = _world.Manager();
        await Assert.ThrowsAsync<IOException>(() => _world.DoneAsync(manager.SendAsync(TxWorld.Call(), journal, null, default)));
        Assert.Empty(L1.Offered);
        journal.IsFull = false;
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call(), journal, null, default);
        await _world.AdvanceAsync(1);
        Assert.Equal(0UL, journal.Versions.Single().Nonce);
        journal.IsFull = true; // now the raise cannot be recorded
        await Assert.ThrowsAsync<IOException>(() => _world.Clock.RunAsync(sending, TxWorld.Hours, _world.TickEmpty));
        Assert.Single(L1.Offered);
    });

    [Fact]
    public void An_L1_that_is_away_at_the_start_does_not_end_a_resumed_send() => TestLoop.Run(async () =>
    {
        Journal journal = await KilledRunAsync();
        L1.First.IsUnreachable = true;
        Task<TxReceiptInfo> resumed = _world.Manager().SendAsync(TxWorld.Call(), journal, journal.Resume(), default);
        await _world.AdvanceAsync(3600);
        Assert.False(resumed.IsCompleted);
        L1.First.IsUnreachable = false;
        await _world.DoneAsync(resumed);
        Assert.Single(L1.MinedBy(_world.Signer.Address));
    });

    [Fact]
    public void A_resumed_call_that_would_revert_now_may_have_been_mined_and_is_looked_for_first() => TestLoop.Run(async () =>
    {
        Journal journal = await KilledRunAsync();
        L1.Mine();
        L1.EstimateFailure = new RpcError(3, "execution reverted: done already");
        TxReceiptInfo receipt = await _world.DoneAsync(_world.Manager().SendAsync(new TxCandidate(TxWorld.To, new byte[] { 0 }), journal, journal.Resume(), default));
        Assert.Equal(journal.Versions[0].Hash, receipt.TransactionHash);
    });
}
