using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.TxManager.Tests;

/// <summary>Several L1 endpoints, each with its moods.</summary>
public sealed class EndpointsTests : IDisposable
{
    private readonly TxWorld _world = new(endpoints: 3);

    public void Dispose() => _world.Dispose();

    private FakeL1 L1 => _world.L1;

    [Fact]
    public void A_transaction_goes_to_all_pools_and_once_to_each() => TestLoop.Run(async () =>
    {
        await _world.DoneAsync(_world.Manager().SendAsync(TxWorld.Call()));
        Assert.All(L1.Endpoints, endpoint => Assert.Equal(1, endpoint.Published));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Endpoints_that_are_away_or_behind_do_not_matter(int good) => TestLoop.Run(async () =>
    {
        for (int i = 0; i < 3; i++)
        {
            if (i == good) continue;
            L1.Endpoints[i].IsUnreachable = i == (good + 1) % 3;
            L1.Endpoints[i].Lag = i == (good + 2) % 3 ? 100UL : 0;
        }

        TransactionManager manager = _world.Manager();
        await _world.DoneAsync(manager.SendAsync(TxWorld.Call(1)));
        await _world.DoneAsync(manager.SendAsync(TxWorld.Call(2)));
        Assert.Equal([0UL, 1UL], L1.MinedBy(_world.Signer.Address).Select(t => t.Nonce));
    });

    [Fact]
    public void A_lagging_endpoint_does_not_make_a_resumed_nonce_look_free_or_stolen() => TestLoop.Run(async () =>
    {
        var journal = new Journal(L1);
        using var kill = new CancellationTokenSource();
        Task<TxReceiptInfo> killed = _world.Manager().SendAsync(TxWorld.Call(), journal, null, kill.Token);
        await _world.AdvanceAsync(1);
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => killed);
        L1.Mine(8);
        L1.Endpoints[0].Lag = 8;
        L1.Endpoints[1].IsDown = true;
        TxReceiptInfo receipt = await _world.DoneAsync(_world.Manager().SendAsync(TxWorld.Call(), journal, journal.Resume(), default));
        Assert.Equal(journal.Versions.Single().Hash, receipt.TransactionHash);
    });

    [Fact]
    public void An_endpoint_that_loses_transactions_is_told_again() => TestLoop.Run(async () =>
    {
        L1.Endpoints[1].DropsEverything = true;
        Task<TxReceiptInfo> sending = _world.Manager().SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(15);
        Assert.Equal(2, L1.Endpoints[1].Published);
        Assert.Equal(1, L1.Endpoints[0].Published);
        await _world.DoneAsync(sending);
    });

    [Fact]
    public void An_endpoint_of_another_chain_is_named_and_not_used() => TestLoop.Run(async () =>
    {
        L1.Endpoints[2].ChainId = 11_155_111;
        using TransactionManager manager = _world.Manager();
        TxManagerException error = await Assert.ThrowsAsync<TxManagerException>(() => manager.CheckChainAsync());
        Assert.Equal(TxFailure.WrongChain, error.Failure);
        Assert.Contains("l1-2 is on chain 11155111, but l1-0 on chain 900", error.Message);
        Assert.Contains("l1-2", (await Assert.ThrowsAsync<TxManagerException>(() => _world.Manager().SendAsync(TxWorld.Call()))).Message);
        Assert.Empty(L1.Offered);
    });

    [Fact]
    public void The_configured_chain_is_the_right_one() => TestLoop.Run(async () =>
    {
        using TransactionManager manager = _world.Manager(new TxManagerOptions { ChainId = 1 });
        Assert.Contains("l1-0 is on chain 900, but chain 1 is configured", (await Assert.ThrowsAsync<TxManagerException>(() => manager.CheckChainAsync())).Message);
    });

    [Fact]
    public void An_endpoint_that_comes_up_late_with_another_chain_is_left_out() => TestLoop.Run(async () =>
    {
        L1.Endpoints[0].IsUnreachable = true;
        L1.Endpoints[0].ChainId = 5;
        TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(1);
        L1.Endpoints[0].IsUnreachable = false;
        await _world.DoneAsync(sending);
        await _world.DoneAsync(manager.SendAsync(TxWorld.Call()));
        Assert.Equal(0, L1.Endpoints[0].Published);
        Assert.True(_world.HasLogged("l1-0 is on chain 5, but"));
    });

    [Fact]
    public void A_version_that_one_endpoint_refused_and_another_may_have_is_looked_for() => TestLoop.Run(async () =>
    {
        L1.Endpoints[0].SendFailures.Enqueue(new RpcError(-32000, "txpool is full"));
        L1.Endpoints[1].LosesAnswers = true;
        L1.Endpoints[2].IsDown = true;
        var journal = new Journal(L1);
        Task<TxReceiptInfo> sending = _world.Manager().SendAsync(TxWorld.Call(), journal, null, default);
        await _world.AdvanceAsync(0);
        L1.Mine();
        TxReceiptInfo receipt = await _world.DoneAsync(sending);
        Assert.Equal(journal.Versions.Single().Hash, receipt.TransactionHash);
        Assert.Single(L1.MinedBy(_world.Signer.Address));
    });

    [Fact]
    public void A_stolen_nonce_is_found_out_where_L1_keeps_no_old_state() => TestLoop.Run(async () =>
    {
        foreach (FakeEndpoint endpoint in L1.Endpoints) endpoint.IsPruned = true;
        Task<TxReceiptInfo> stolen = _world.Manager().SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(1);
        L1.MineStranger(_world.Stranger(0));
        Assert.Equal(TxFailure.NonceTaken, (await _world.FailsAsync(stolen)).Failure);
    });

    [Fact]
    public void A_nonce_is_not_called_stolen_by_one_endpoint_s_count_and_another_s_missing_receipt() => TestLoop.Run(async () =>
    {
        Task<TxReceiptInfo> sending = _world.Manager().SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(1);
        L1.Endpoints[0].HidesReceipts = true; // it counts the transaction, and does not show its receipt
        L1.Endpoints[1].Lag = 1000;           // it has neither
        L1.Endpoints[2].IsDown = true;
        await _world.AdvanceAsync(1200, _world.Tick);
        Assert.False(sending.IsCompleted, sending.Exception?.Message);
        L1.Endpoints[0].HidesReceipts = false;
        TxReceiptInfo receipt = await _world.DoneAsync(sending);
        Assert.Equal(L1.Sent[0].Transaction.Hash, receipt.TransactionHash);
    });

    [Fact]
    public void Endpoints_that_never_answer_are_told_as_other_faults_of_theirs() => TestLoop.Run(async () =>
    {
        foreach (FakeEndpoint endpoint in L1.Endpoints) endpoint.IsSilent = true;
        RpcTransportException error = await Assert.ThrowsAsync<RpcTransportException>(() => _world.DoneAsync(_world.Manager().SendAsync(TxWorld.Call())));
        Assert.Contains("l1-0", error.Message);
        Assert.Contains("no answer within 10 s", error.Message);
        TransactionManager manager = _world.Manager();
        foreach (FakeEndpoint endpoint in L1.Endpoints) endpoint.IsSilent = false;
        await manager.CheckChainAsync();
        foreach (FakeEndpoint endpoint in L1.Endpoints) endpoint.IsSilent = true;
        await Assert.ThrowsAsync<RpcTransportException>(() => _world.DoneAsync(manager.SendAsync(TxWorld.Call())));
        await Assert.ThrowsAsync<RpcTransportException>(() => _world.DoneAsync(manager.GetBalanceAsync()));
    });

    [Fact]
    public void Prices_and_unanswered_requests_are_measured() => TestLoop.Run(async () =>
    {
        var seen = new List<string>();
        using var meters = new System.Diagnostics.Metrics.MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Tags?.Contains(new KeyValuePair<string, object?>("role", "measured")) == true) listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen.Add($"{instrument.Name} {value} {string.Join(' ', tags.ToArray())}"));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen.Add($"{instrument.Name} {value} {string.Join(' ', tags.ToArray())}"));
        meters.Start();
        using var manager = new TransactionManager(L1.Clients, _world.Signer, new TxManagerOptions { ConfirmationBlocks = 3 }, _world.Clock, _world, "measured");
        await manager.CheckChainAsync();
        L1.Endpoints[2].IsSilent = true;
        await _world.DoneAsync(manager.SendAsync(TxWorld.Call()));
        meters.RecordObservableInstruments();
        Assert.Contains("opal.txmanager.unanswered 1 [endpoint, l1-2]", seen);
        Assert.Contains("opal.txmanager.prices 10 [price, base_fee]", seen);
        Assert.Contains("opal.txmanager.prices 2 [price, tip]", seen);
    });

    [Fact]
    public void A_pause_of_nothing_between_tries_still_leaves_time_for_others() => TestLoop.Run(async () =>
    {
        foreach (FakeEndpoint endpoint in L1.Endpoints) endpoint.IsUnreachable = true;
        Task<TxReceiptInfo> sending = _world.Manager(new TxManagerOptions { ConfirmationBlocks = 3, RetryInterval = TimeSpan.Zero }).SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(20);
        Assert.False(sending.IsCompleted);
        foreach (FakeEndpoint endpoint in L1.Endpoints) endpoint.IsUnreachable = false;
        await _world.DoneAsync(sending);
    });
}
