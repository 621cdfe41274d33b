using System.Diagnostics.Metrics;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

/// <summary>What an operator sees and changes while the program runs.</summary>
public sealed class TxManagerRpcTests : IDisposable
{
    private readonly TxWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("MinBaseFee", "1000000000")]
    [InlineData("MinPriorityFee", "1000000000")]
    [InlineData("MinBlobFee", "1000000000")]
    [InlineData("FeeThreshold", "100000000000")]
    [InlineData("RebroadcastInterval", "12000000000")]
    [InlineData("BumpFeeRetryTime", "48000000000")]
    public async Task Options_are_read_and_set_as_plain_numbers(string name, string initial)
    {
        using TransactionManager manager = _world.Manager();
        var registry = new RpcRegistry();
        manager.Register(registry);
        var client = new InProcessRpcClient(registry);
        Task<string> Get() => client.CallAsync($"txmgr_get{name}", null, static v => v.Element.GetRawText());
        Assert.Equal(initial, await Get());
        await client.CallAsync($"txmgr_set{name}", writer => writer.WriteNumberValue(77_000), static v => v.IsNull);
        Assert.Equal("77000", await Get());
        await Assert.ThrowsAsync<RpcCallException>(() => client.CallAsync($"txmgr_set{name}", writer => writer.WriteNumberValue(-1), static v => v.IsNull));
        Assert.Equal("77000", await Get());
    }

    [Fact]
    public async Task The_blob_tip_s_source_is_read_and_set()
    {
        using TransactionManager manager = _world.Manager();
        var registry = new RpcRegistry();
        manager.Register(registry);
        var client = new InProcessRpcClient(registry);
        Assert.False(await client.CallAsync("txmgr_getBlobTipCapDynamic", null, static v => v.AsBool()));
        await client.CallAsync("txmgr_setBlobTipCapDynamic", static writer => writer.WriteBooleanValue(true), static v => v.IsNull);
        Assert.True(await client.CallAsync("txmgr_getBlobTipCapDynamic", null, static v => v.AsBool()));
    }

    [Fact]
    public void A_changed_option_holds_for_what_is_on_its_way() => TestLoop.Run(async () =>
    {
        using TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(1);
        manager.Change(options => options with { MinTip = 9_000_000_000, ResubmissionTimeout = TimeSpan.FromSeconds(20) });
        await _world.AdvanceAsync(30, _world.TickEmpty);
        Assert.Equal(9_000_000_000UL, _world.L1.Sent[^1].Transaction.MaxPriorityFeePerGas.U0);
        await _world.DoneAsync(sending);
    });

    [Fact]
    public void A_signer_that_fails_is_named_and_waited_for() => TestLoop.Run(async () =>
    {
        var signer = new MoodySigner(_world.Signer) { Problem = new RpcTransportException("eth_signTransaction", "http://signer", "connection refused", true) };
        using TransactionManager manager = _world.Manager(signer: signer);
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(20);
        Assert.Contains("the signer did not sign", manager.Status.Problem!);
        signer.Problem = null;
        await _world.DoneAsync(sending);
        signer.Problem = new RpcCallException("eth_signTransaction", "http://signer", new RpcError(-32000, "unauthorized"));
        TxManagerException error = await _world.FailsAsync(manager.SendAsync(TxWorld.Call()));
        Assert.Equal(TxFailure.NotSigned, error.Failure);
        Assert.Contains("unauthorized", error.Message);
    });

    [Fact]
    public void An_offer_that_nobody_was_told_of_is_made_anew_at_the_price_of_its_moment() => TestLoop.Run(async () =>
    {
        var signer = new MoodySigner(_world.Signer) { Problem = new RpcTransportException("eth_signTransaction", "http://signer", "connection refused", true) };
        using TransactionManager manager = _world.Manager(signer: signer);
        _world.L1.BaseFee = 900_000_000_000;
        _world.L1.Mine(empty: true);
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(20);
        Assert.Contains("the signer did not sign", manager.Status.Problem!);
        _world.L1.BaseFee = 10_000_000_000;
        for (int i = 0; i < 5; i++) _world.L1.Mine(empty: true);
        signer.Problem = null;
        await _world.DoneAsync(sending);
        Assert.All(_world.L1.Sent, static sent => Assert.InRange(sent.Transaction.MaxFeePerGas.U0, 1UL, 50_000_000_000UL));
    });

    private sealed class MoodySigner(ISigner inner) : ISigner
    {
        public Exception? Problem { get; set; }

        public Address Address => inner.Address;

        public ValueTask<Transaction> SignAsync(Transaction unsigned, CancellationToken cancellation) => Problem is { } problem ? throw problem : inner.SignAsync(unsigned, cancellation);
    }

    [Fact]
    public void Metrics_and_status_tell_what_happened() => TestLoop.Run(async () =>
    {
        var sums = new Dictionary<string, double>();
        string tags = "";
        using var listener = new MeterListener { InstrumentPublished = static (instrument, self) => { if (instrument.Meter.Name == "Opal.TxManager") self.EnableMeasurementEvents(instrument); } };
        void Add(Instrument instrument, double value)
        {
            if (!(instrument.Meter.Tags?.Any(tag => (string?)tag.Value == "metrics-test") ?? false)) return;
            tags = string.Join(",", instrument.Meter.Tags!.Select(tag => tag.Key));
            lock (sums) sums[instrument.Name] = instrument.IsObservable ? value : sums.GetValueOrDefault(instrument.Name) + value;
        }

        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
        listener.Start();
        using var manager = new TransactionManager(_world.L1.Clients, _world.Signer, new TxManagerOptions { ConfirmationBlocks = 3 }, _world.Clock, _world, "metrics-test");
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(60, _world.TickEmpty);
        TxManagerStatus status = manager.Status;
        Assert.Equal((1, 1UL, 0UL, 2L, 1L), (status.Pending, status.NextNonce!.Value, status.OldestNonce!.Value, status.Published, status.Raised));
        Assert.Equal(TimeSpan.FromSeconds(60), status.OldestPendingAge);
        listener.RecordObservableInstruments();
        Assert.Equal(1, sums["opal.txmanager.pending"]);
        await _world.DoneAsync(sending);
        Assert.True(await manager.GetBalanceAsync() > UInt256.Zero);
        listener.RecordObservableInstruments();
        Assert.Equal((2, 1, 1, 1), (sums["opal.txmanager.published"], sums["opal.txmanager.raised"], sums["opal.txmanager.confirmed"], sums["opal.txmanager.nonce"]));
        Assert.Equal(12.2e9 * 21_000 / 1e18, sums["opal.txmanager.fees"], 12);
        Assert.Equal("account,role", tags);
        Assert.True(sums["opal.txmanager.balance"] > 0);
        status = manager.Status;
        Assert.Equal((0, 1L, 0L), (status.Pending, status.Confirmed, status.Reverted));
        Assert.Equal(12_200_000_000UL * 21_000, status.FeesSpent.U0);
    });
}
