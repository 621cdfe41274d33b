using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Watches the ether of the account that pays for L1 transactions, and raises an alarm before it runs out.</summary>
public sealed class RunwayWatch : IAsyncDisposable
{
    /// <summary>The alarm for ether that runs out.</summary>
    public const string RunwayAlarm = "runway";

    /// <summary>The alarm for ether that does not pay for one transaction.</summary>
    public const string FundsAlarm = "funds";

    private const ulong CheapestTransactionGas = 21_000;

    private readonly EthClient _l1;
    private readonly string _role;
    private readonly OperatorAlarms _alarms;
    private readonly TimeProvider _time;
    private readonly Runway _runway;
    private readonly Lock _gate = new();
    private readonly RepeatedLook _looks;
    private readonly FundsMetrics _metrics;
    private RunwayState? _state;
    private (long Count, UInt256 Fees) _counted;

    /// <summary>A watch, not yet started.</summary>
    /// <param name="l1">L1.</param>
    /// <param name="account">The account.</param>
    /// <param name="role">Whose it is, for messages and metrics: <c>batcher</c>, <c>proposer</c>.</param>
    /// <param name="options">When the balance is low.</param>
    /// <param name="alarms">Where alarms go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log that L1 does not answer.</param>
    public RunwayWatch(EthClient l1, Address account, string role, RunwayOptions options, OperatorAlarms alarms, TimeProvider time, ILogger logger)
    {
        (_l1, Account, _role, _alarms, _time) = (l1, account, role, alarms, time);
        _runway = new Runway(options);
        _looks = new RepeatedLook($"the {role}'s balance", LookAsync, options.Interval, time, logger);
        _metrics = new FundsMetrics(role, this, alarms);
    }

    /// <summary>The account.</summary>
    public Address Account { get; }

    /// <summary>Sends the account's transactions: what they cost is read from it at each look; null where <see cref="Spent"/> is told.</summary>
    public TransactionManager? Manager { get; init; }

    /// <summary>As of the last look; null before the first.</summary>
    public RunwayState? State
    {
        get
        {
            lock (_gate) return _state;
        }
    }

    /// <summary>One line for a status: balance, rate and hours left.</summary>
    public string Describe() => State is not { } state ? "not known yet"
        : EtherAmount.Text(state.Balance) + (state.EtherPerHour is { } rate ? $", {EtherAmount.Text(rate)} an hour, lasts {HoursText(state)}" : ", nothing spent yet");

    /// <summary>A fee that the account paid for a transaction of ours.</summary>
    /// <param name="wei">The whole fee.</param>
    /// <param name="at">When.</param>
    public void Spent(UInt256 wei, DateTimeOffset at)
    {
        lock (_gate) _runway.Spent(wei, at);
    }

    /// <summary>What the manager's transactions have cost since the last look, each their mean.</summary>
    private void CountFees()
    {
        if (Manager?.Status is not { } status || status.Confirmed <= _counted.Count) return;
        long count = status.Confirmed - _counted.Count;
        UInt256 each = (status.FeesSpent - _counted.Fees) / (ulong)count;
        for (long i = 0; i < count; i++) Spent(each, _time.GetUtcNow());
        _counted = (status.Confirmed, status.FeesSpent);
    }

    /// <summary>Begins to look.</summary>
    public void Start() => _looks.Start();

    /// <summary>One look at the balance.</summary>
    /// <exception cref="RpcTransportException">L1 gives no answer.</exception>
    /// <exception cref="RpcCallException">L1 refuses.</exception>
    public async Task LookAsync(CancellationToken cancellation)
    {
        UInt256 balance = await _l1.GetBalanceAsync(Account, BlockParameter.Latest, cancellation);
        UInt256 gasPrice = await _l1.GasPriceAsync(cancellation);
        CountFees();
        RunwayState state;
        lock (_gate) state = _state = _runway.Balance(balance, _time.GetUtcNow(), gasPrice * CheapestTransactionGas);
        if (state.IsEmpty) _alarms.Raise(FundsAlarm, AlarmLevel.Error, EmptyText(state));
        else _alarms.Clear(FundsAlarm, $"the {_role}'s account {Account.ToChecksumString()} has {EtherAmount.Text(balance)}");
        if (state.Level == RunwayLevel.Ample) _alarms.Clear(RunwayAlarm, $"the ether of the {_role}'s account {Account.ToChecksumString()} lasts {HoursText(state)}");
        else _alarms.Raise(RunwayAlarm, state.Level == RunwayLevel.Critical ? AlarmLevel.Error : AlarmLevel.Warning, LowText(state));
    }

    private string EmptyText(RunwayState state) =>
        $"The {_role}'s account {Account.ToChecksumString()} has {(state.Balance.IsZero ? "no ether" : EtherAmount.Text(state.Balance) + " left")} on L1, and a transaction costs about " +
        $"{EtherAmount.Text(state.TransactionCost)}: nothing can be sent. Send {(state.WeekNeeds > 0 ? EtherAmount.RoundedUp(state.WeekNeeds) + " to it for a week" : "ether to it")}";

    private string LowText(RunwayState state) =>
        $"The {_role}'s account {Account.ToChecksumString()} has {EtherAmount.Text(state.Balance)} left on L1: at {EtherAmount.Text(state.EtherPerHour ?? 0)} an hour it lasts {HoursText(state)}. " +
        $"Send {EtherAmount.RoundedUp(state.WeekNeeds)} to it for a week";

    private static string HoursText(RunwayState state) => state.Hours switch
    {
        null => "for now",
        > 24 * 365 => "more than a year",
        > 72 => $"{state.Hours.Value / 24:0} days",
        < 1 => $"{state.Hours.Value * 60:0} minutes",
        _ => $"{state.Hours.Value:0.#} hours",
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _looks.DisposeAsync();
        _metrics.Dispose();
    }
}
