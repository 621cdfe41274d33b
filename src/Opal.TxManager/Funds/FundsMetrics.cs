using System.Diagnostics.Metrics;

namespace Opal.TxManager;

/// <summary>What is measured of an account and its alarms: <c>opal_batcher_balance_ether</c>, <c>opal_batcher_runway_hours</c>, <c>opal_batcher_alarms</c>, and so for other roles.</summary>
internal sealed class FundsMetrics : IDisposable
{
    private readonly Meter _meter;

    public FundsMetrics(string role, RunwayWatch watch, OperatorAlarms alarms)
    {
        _meter = new Meter(new MeterOptions($"Opal.{char.ToUpperInvariant(role[0])}{role[1..]}") { Tags = [new KeyValuePair<string, object?>("account", watch.Account.ToChecksumString())] });
        _meter.CreateObservableGauge($"opal.{role}.balance_ether", () => Measured(watch.State is { } state ? EtherAmount.Of(state.Balance) : null), "{ether}", "Ether of the account on L1");
        _meter.CreateObservableGauge($"opal.{role}.runway_hours", () => Measured(watch.State?.Hours), "{hour}", "Hours that the account's ether lasts at the present rate; absent while there is no rate");
        _meter.CreateObservableGauge($"opal.{role}.spending", () => Measured(watch.State?.EtherPerHour), "{ether}/h", "Ether that the account spends in an hour at present");
        _meter.CreateObservableGauge($"opal.{role}.alarms", () => Enum.GetValues<AlarmLevel>().Select(level =>
            new Measurement<int>(alarms.Count(level), new KeyValuePair<string, object?>("level", level == AlarmLevel.Error ? "error" : "warning"))), "{alarm}", "Alarms that have not been put right, by level");
    }

    private static IEnumerable<Measurement<double>> Measured(double? value) => value is { } number ? [new Measurement<double>(number)] : [];

    public void Dispose() => _meter.Dispose();
}
