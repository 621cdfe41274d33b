using Opal.Benchmarks;
using Opal.Primitives;

namespace Opal.EndToEnd.Tests;

/// <summary>The benchmarks' peer does the same work, and its time is told beside ours.</summary>
public sealed class BenchPeer
{
    [Fact]
    public void Anvil_runs_a_workload_beside_us_and_agrees_on_gas_and_output()
    {
        string anvil = Path.Combine(OpalProcess.Scripts, "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil");
        // counts down from 2,000, then returns the call data plus 1
        Address target = Address.FromNumber(0x7000);
        var workload = new EvmWorkload
        {
            Name = "count_and_increment",
            Group = "tiny",
            Pre = [new WorkloadAccount(target, 1, default, Hex.Decode("0x6107d0" + "5b6001900380600357" + "6001600035015f5260205ff3"), [])],
            From = Address.FromNumber(0x1000),
            To = target,
            Data = Hash256.FromUInt256(new UInt256(41)).ToArray(),
            Gas = 10_000_000_000, // enough for many runs in one request
            Expect = new EvmExpectation { GasUsed = 3 + (2000 * 26) + 25, Refund = 0, Logs = 0, Output = Hash256.FromUInt256(new UInt256(42)).ToArray() },
        };
        using var bench = new EvmBench(EvmEngine.Auto, 0.05, anvil, new BenchOutput(TextWriter.Null, TextWriter.Null, isTerminal: false));
        EvmFigure figure = Assert.Single(bench.Run([workload]));
        Assert.Null(figure.Problem);
        Assert.Null(figure.Peer!.Problem);
        Assert.True(figure.Peer.Times!.Min > 0);
        Assert.True(figure.Peer.Loop > 1); // too short for one request
    }
}
