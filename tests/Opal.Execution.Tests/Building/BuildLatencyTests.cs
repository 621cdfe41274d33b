using System.Diagnostics;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Xunit.Abstractions;

namespace Opal.Execution.Tests;

/// <summary>How long a payload takes: asked for at once, and asked for after the builder had time. OPAL_MEASURE_BUILDER sets the number of transactions.</summary>
public sealed class BuildLatencyTests(ITestOutputHelper output)
{
    private const int Senders = 20;

    [Fact]
    public async Task A_payload_that_had_time_is_answered_without_executing_anything()
    {
        int count = Soak.Count("OPAL_MEASURE_BUILDER", 200);
        await using var rollup = new TestRollup(OptimismFork.Jovian, o => o with { Pool = new PoolOptions { GlobalSlots = 100_000 } });
        TestAccount[] senders = [.. Enumerable.Range(0, Senders).Select(i => new TestAccount($"latency {i}"))];
        rollup.Build(noTxPool: true, forced: [.. senders.Select((a, i) => TestRollup.Deposit(a.Address, Address.Zero, TestRollup.Ether * 1000UL, 0, (ulong)i))]);
        Transaction[] sent = [.. Enumerable.Range(0, count).Select(i => senders[i % Senders].Send((ulong)(1 + (i / Senders)), Address.FromNumber(0x1000_0000 + (ulong)(i % 5000)), 1))];
        long began = Stopwatch.GetTimestamp();
        foreach (Transaction transaction in sent) Assert.True(rollup.Client.Pool.Add(transaction).IsAccepted);
        output.WriteLine($"{count} transactions pooled in {Ms(began):0.0} ms");

        PayloadAttributes Roomy(ulong salt) => Variants.Of(rollup.Attributes(rollup.Head, salt: salt), gasLimit: 2_000_000_000);
        for (ulong salt = 1; salt <= 3; salt++)
        {
            began = Stopwatch.GetTimestamp();
            PayloadId id = rollup.Begin(Roomy(salt));
            double begin = Ms(began);
            began = Stopwatch.GetTimestamp();
            Assert.Equal(count + 1, rollup.Take(id).Block.Transactions.Length);
            output.WriteLine($"asked at once: begin {begin:0.0} ms, payload {Ms(began):0.0} ms");
        }

        BuilderCounters counters = rollup.Client.Builder.Counters;
        for (ulong salt = 11; salt <= 13; salt++)
        {
            long gated = counters.Gated;
            TimeSpan gateTime = counters.GateTime;
            began = Stopwatch.GetTimestamp();
            PayloadId id = rollup.Begin(Roomy(salt));
            while (counters.Gated == gated && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(1)) await Task.Delay(1);
            double ready = Ms(began);
            Assert.Equal(gated + 1, counters.Gated);
            await Task.Delay(20);
            began = Stopwatch.GetTimestamp();
            BuiltPayload payload = rollup.Take(id);
            output.WriteLine($"with time: checked block after {ready:0.0} ms, of which second execution {(counters.GateTime - gateTime).TotalMilliseconds:0.0} ms; payload {Ms(began):0.000} ms");
            Assert.Equal(count + 1, payload.Block.Transactions.Length);
            Assert.Equal(gated + 1, counters.Gated); // nothing was executed for the answer
        }
    }

    private static double Ms(long began) => Stopwatch.GetElapsedTime(began).TotalMilliseconds;
}
