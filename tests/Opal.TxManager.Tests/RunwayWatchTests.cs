using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.TxManager.Tests;

public sealed class RunwayWatchTests : IAsyncDisposable
{
    private static readonly Address Account = Address.FromNumber(0xba7c4e5);

    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly AlarmLog _log = new();
    private readonly OperatorAlarms _alarms;
    private readonly RunwayWatch _watch;
    private double _balance = 10;
    private bool _isDown;
    private int _looks;

    public RunwayWatchTests()
    {
        _alarms = new OperatorAlarms(_time, _log);
        var l1 = new EthClient(new InProcessRpcClient(new RpcRegistry()
            .Register("eth_getBalance", parameters =>
            {
                Assert.Equal(Account, parameters.GetAddress(0));
                _looks++;
                return _isDown ? RpcResult.Fail(-32000, "L1 is down") : RpcResult.Quantity(Ether(_balance));
            })
            .Register("eth_gasPrice", _ => RpcResult.Quantity(1_000_000_000UL)), "l1"));
        _watch = new RunwayWatch(l1, Account, "batcher", new RunwayOptions(), _alarms, _time, _log);
    }

    public async ValueTask DisposeAsync() => await _watch.DisposeAsync();

    /// <summary>Keeps lines and their levels.</summary>
    private sealed class AlarmLog : ILogger
    {
        public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue((logLevel, formatter(state, exception)));
    }

    private static UInt256 Ether(double ether) => new UInt256((ulong)Math.Round(ether * 1e9)) * 1_000_000_000UL;

    private async Task LookAsync(int minutes, double perHour)
    {
        for (int i = 0; i < minutes; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            _balance = Math.Max(0, _balance - (perHour / 60));
            await _watch.LookAsync(default);
        }
    }

    [Fact]
    public async Task An_empty_account_is_named_at_the_first_look()
    {
        _balance = 0;
        await _watch.LookAsync(default);
        OperatorAlarm alarm = Assert.Single(_alarms.Current);
        Assert.Equal(AlarmLevel.Error, alarm.Level);
        Assert.Equal($"The batcher's account {Account.ToChecksumString()} has no ether on L1, and a transaction costs about 0.000021 ETH: nothing can be sent. Send ether to it", alarm.Text);
        _balance = 1;
        await _watch.LookAsync(default);
        Assert.Empty(_alarms.Current);
    }

    [Fact]
    public async Task Alarms_come_once_each_and_say_how_much_to_send_and_end_with_a_deposit()
    {
        await _watch.LookAsync(default);
        Assert.Equal("10 ETH, nothing spent yet", _watch.Describe());
        await LookAsync(30, 0.3);
        Assert.Empty(_alarms.Current);
        Assert.Contains("an hour, lasts 32.8 hours", _watch.Describe(), StringComparison.Ordinal);
        await LookAsync(30 * 60, 0.3);
        OperatorAlarm error = Assert.Single(_alarms.Current);
        Assert.Equal((RunwayWatch.RunwayAlarm, AlarmLevel.Error), (error.Kind, error.Level));
        Assert.Contains($"account {Account.ToChecksumString()} has 0.85 ETH left on L1: at 0.3 ETH an hour it lasts 2.8 hours. Send 50 ETH to it for a week", error.Text, StringComparison.Ordinal);
        (LogLevel Level, string Text)[] alarms = [.. _log.Lines.Where(static line => line.Text.Contains("for a week", StringComparison.Ordinal))];
        Assert.Equal([LogLevel.Warning, LogLevel.Error], alarms.Select(static line => line.Level));
        Assert.Contains("it lasts 24 hours", alarms[0].Text, StringComparison.Ordinal);
        await LookAsync(4 * 60, 0.3);
        Assert.Equal([RunwayWatch.FundsAlarm, RunwayWatch.RunwayAlarm], _alarms.Current.Select(static alarm => alarm.Kind).Order());
        Assert.Contains("has no ether on L1", _alarms.Find(RunwayWatch.FundsAlarm)!.Text, StringComparison.Ordinal);
        Assert.Contains("to it for a week", _alarms.Find(RunwayWatch.FundsAlarm)!.Text, StringComparison.Ordinal);
        _balance = 55;
        await _watch.LookAsync(default);
        Assert.Empty(_alarms.Current);
        Assert.Equal(2, _log.Lines.Count(static line => line.Text.StartsWith("The alarm is over", StringComparison.Ordinal)));
    }

    [Fact]
    public void Fees_are_read_from_the_transaction_manager_each_transaction_by_itself() => TestLoop.Run(async () =>
    {
        var l1 = new FakeL1();
        var clock = new ManualClock();
        using var signer = new LocalSigner(Enumerable.Repeat((byte)5, 32).ToArray());
        using var manager = new TransactionManager(l1.Client, signer, new TxManagerOptions { ConfirmationBlocks = 1 }, clock, NullLogger.Instance);
        l1.First.Registry.Register("eth_gasPrice", _ => RpcResult.Quantity(1UL));
        await using var watch = new RunwayWatch(l1.Client, signer.Address, "test", new RunwayOptions(), _alarms, clock, NullLogger.Instance) { Manager = manager };
        await watch.LookAsync(default);
        Assert.Null(watch.State!.EtherPerHour);
        Task<TxReceiptInfo>[] sending = [.. Enumerable.Range(1, 4).Select(i => manager.SendAsync(new TxCandidate(Account, new byte[] { (byte)i })))];
        await clock.RunAsync(Task.WhenAll(sending), TimeSpan.FromMinutes(20), () => l1.Mine());
        await watch.LookAsync(default);
        UInt256 fees = manager.Status.FeesSpent;
        Assert.True(manager.Status.Confirmed == 4 && !fees.IsZero);
        Assert.Equal(EtherAmount.Of(fees / 4), EtherAmount.Of(watch.State!.TransactionCost), 9);
        Assert.NotNull(watch.State.EtherPerHour);
        double rate = watch.State.EtherPerHour!.Value;
        await watch.LookAsync(default);
        Assert.Equal(rate, watch.State.EtherPerHour!.Value, 9); // nothing counts twice
    });

    [Fact]
    public async Task What_is_measured_has_the_roles_names()
    {
        await _watch.LookAsync(default);
        await LookAsync(30, 0.3);
        _alarms.Raise("test", AlarmLevel.Error, "something");
        var seen = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, reading) =>
        {
            if (instrument.Meter.Tags?.Any(static tag => Equals(tag.Value, Account.ToChecksumString())) == true) reading.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => seen[$"{instrument.Name} {tags[0].Value}"] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(_balance, seen["opal.batcher.balance_ether"], 6);
        Assert.Equal(_balance / 0.3, seen["opal.batcher.runway_hours"], 1);
        Assert.Equal((1, 0), (seen["opal.batcher.alarms error"], seen["opal.batcher.alarms warning"]));
    }

    [Fact]
    public async Task The_loop_outlives_an_L1_that_does_not_answer()
    {
        _isDown = true;
        _watch.Start();
        await UntilAsync(() => _log.Lines.Any(static line => line.Text.Contains("Cannot look at the batcher's balance", StringComparison.Ordinal)), TimeSpan.Zero);
        int before = _looks;
        await UntilAsync(() => _looks >= before + 3, TimeSpan.FromMinutes(1));
        Assert.Equal(1, _log.Lines.Count(static line => line.Text.Contains("Cannot look", StringComparison.Ordinal)));
        _isDown = false;
        await UntilAsync(() => _watch.State is not null, TimeSpan.FromMinutes(1));
        await UntilAsync(() => _log.Lines.Any(static line => line.Text.Contains("works again", StringComparison.Ordinal)), TimeSpan.Zero);
    }

    private async Task UntilAsync(Func<bool> holds, TimeSpan step)
    {
        for (int i = 0; !holds(); i++)
        {
            Assert.True(i < 3_000, "it never held");
            _time.Advance(step);
            await Task.Delay(10);
        }
    }

    [Fact]
    public void An_alarm_is_logged_when_its_level_changes_and_not_when_its_text_does()
    {
        _alarms.Raise("a", AlarmLevel.Warning, "one");
        _time.Advance(TimeSpan.FromHours(1));
        _alarms.Raise("b", AlarmLevel.Error, "two");
        _alarms.Raise("a", AlarmLevel.Warning, "three");
        Assert.Equal(["two", "three"], _alarms.Current.Select(static alarm => alarm.Text));
        Assert.Equal(_time.GetUtcNow() - TimeSpan.FromHours(1), _alarms.Find("a")!.Since);
        _alarms.Raise("a", AlarmLevel.Error, "four");
        _alarms.Clear("b", "done");
        _alarms.Clear("b", "done");
        Assert.Equal(["one", "two", "four", "The alarm is over: done"], _log.Lines.Select(static line => line.Text));
        Assert.Equal((1, 0), (_alarms.Count(AlarmLevel.Error), _alarms.Count(AlarmLevel.Warning)));
    }
}
