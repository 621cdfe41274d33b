using System.Diagnostics.Metrics;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests;

public sealed class ExecutionMetricsTests
{
    [Fact]
    public async Task Blocks_gas_and_reorgs_are_counted_and_heads_observed()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus, o => o with { ClientName = "measured" });
        var seen = new Dictionary<string, long>();
        using var listener = new MeterListener();

        // other tests run beside this one with meters of the same name: only this client's instruments are watched
        var own = new HashSet<Instrument>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Opal.Execution" && IsOf(rollup, instrument) && own.Add(instrument)) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen[instrument.Name] = instrument.IsObservable ? value : seen.GetValueOrDefault(instrument.Name) + value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        Assert.True(rollup.Client.Pool.Add(Alice.Send(0, Bob.Address)).IsAccepted);
        Assert.True(rollup.Client.Pool.Add(Alice.Send(7, Bob.Address)).IsAccepted);
        ExecutedBlock block = rollup.Build();
        rollup.Build(noTxPool: true, salt: 3, parent: rollup.Client.Chain.Genesis);
        listener.RecordObservableInstruments();

        Assert.Equal(2, seen["opal.execution.blocks"]);
        Assert.Equal(3, seen["opal.execution.transactions"]);
        Assert.Equal((long)(block.Header.GasUsed + rollup.Head.Header.GasUsed), seen["opal.execution.gas"]);
        Assert.Equal(1, seen["opal.execution.reorgs"]);
        Assert.Equal(1, seen["opal.execution.removed_blocks"]);
        Assert.Equal(1, seen["opal.execution.head"]);
        Assert.Equal(1, seen["opal.execution.pool.pending"]);
        Assert.Equal(1, seen["opal.execution.pool.queued"]);
    }

    private static bool IsOf(TestRollup rollup, Instrument instrument) => rollup.Client.Metrics.Owns(instrument);
}
