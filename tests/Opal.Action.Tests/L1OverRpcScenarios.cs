using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Node;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;
using Xunit.Abstractions;

namespace Opal.ActionTests;

/// <summary>Derivation from an L1 behind JSON-RPC: what it asks for, and what unreliable providers do to it.</summary>
public sealed class L1OverRpcScenarios(ITestOutputHelper output)
{
    private static readonly L1SourceOptions s_quick = new() { FirstWait = TimeSpan.FromMilliseconds(1) };

    [Fact]
    public async Task An_L1_block_costs_few_requests()
    {
        const int Rounds = 30;
        await using ActorNet net = await PostedChainAsync(Rounds);
        net.L1.SafeNumber = net.L1.Head.Number - 2;
        net.L1.FinalizedNumber = net.L1.Head.Number - 4;
        var provider = new MemoryL1Rpc(net.L1);
        (_, NodeActor node) = await DeriveAsync(net, provider);
        await using NodeActor derived = node;
        Assert.Equal(net.Sequencer.Unsafe.Hash, node.Safe.Hash);
        Assert.True(node.Finalized.Number > 100);

        int blocks = (int)net.L1.Head.Number + 1;
        string[] calls = provider.Calls;
        output.WriteLine($"{calls.Length} requests for {blocks} L1 blocks: {string.Join(", ", calls.CountBy(method => method).Select(pair => $"{pair.Value} {pair.Key}"))}");
        Assert.True(calls.Length <= 3 * blocks, $"{calls.Length} requests for {blocks} blocks");

        // each block once with its transactions, the receipts where there are deposits, a header where blocks become final, and a handful for labels and the start
        int deposits = blocks / 5;
        Assert.InRange(calls.Count(method => method == "eth_getBlockReceipts"), 1, deposits + 2);
        Assert.InRange(calls.Length, blocks, blocks + Rounds + deposits + 12);
    }

    [Theory]
    [InlineData(1, 11)]
    [InlineData(1, 12)]
    [InlineData(2, 13)]
    [InlineData(3, 14)]
    public async Task Unreliable_providers_cost_time_but_never_a_block(int providers, int seed)
    {
        await using ActorNet net = await PostedChainAsync(rounds: 50);
        var clean = new MemoryL1Rpc(net.L1);
        (TimeSpan cleanTime, NodeActor undisturbed) = await DeriveAsync(net, clean);
        await undisturbed.DisposeAsync();

        MemoryL1Rpc[] all = [.. Enumerable.Range(0, providers).Select(i => new MemoryL1Rpc(net.L1, $"l1-{i}"))];
        FaultyL1Rpc[] faults = [.. all.Select((provider, i) => FaultyL1Rpc.Spoil(provider, seed + (100 * i), errors: 0.3, lies: 0.1))];
        (TimeSpan time, NodeActor node) = await DeriveAsync(net, all);
        await using NodeActor derived = node;
        int requests = all.Sum(provider => provider.Calls.Length), errors = faults.Sum(fault => fault.Errors), lies = faults.Sum(fault => fault.Lies);
        output.WriteLine($"clean: {clean.Calls.Length} requests, {cleanTime.TotalMilliseconds:0} ms; {providers} faulty: {requests} requests, {errors} errors, {lies} lies, {time.TotalMilliseconds:0} ms");

        Assert.True(errors > 10 && lies > 3, "too few faults for the test to say anything");
        Assert.Equal(net.Sequencer.Unsafe.Hash, node.Safe.Hash);
        Assert.Equal(node.Safe, node.Unsafe);
        foreach (L2BlockRef head in node.Recorder.SafeHeads) Assert.Equal((await net.Sequencer.BlockAsync(head.Number)).Hash, head.Hash);
        Assert.Empty(node.Recorder.Invalid);
        Assert.Single(node.Recorder.Resets); // the start
        Assert.Null(node.Recorder.Halt);
        Assert.True(requests <= 4 * clean.Calls.Length, $"{requests} requests, {clean.Calls.Length} without faults");
        Assert.True(time <= (cleanTime * 3) + TimeSpan.FromSeconds(5), $"{time} with faults, {cleanTime} without");
    }

    /// <summary>A chain with batches and deposits on L1.</summary>
    private static async Task<ActorNet> PostedChainAsync(int rounds)
    {
        ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        for (int round = 0; round < rounds; round++)
        {
            if (round % 5 == 0)
            {
                net.L1.Mine(new L1Item(
                    net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), true, L1Logs.Deposit(net.Bob.Address, net.Bob.Address, new UInt256(5), new UInt256((ulong)round))));
            }

            await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, new UInt256(1000)));
            await net.Sequencer.BuildToL1HeadAsync();
            net.L1.Mine(await net.Batcher.SubmitAllAsync());
            await net.Sequencer.SyncAsync();
        }

        return net;
    }

    private static async Task<(TimeSpan Time, NodeActor Node)> DeriveAsync(ActorNet net, params MemoryL1Rpc[] providers)
    {
        var source = new RpcL1Source(
            [.. providers.Select(provider => new L1Endpoint(new L1Client(provider), new EndpointHealth(TimeProvider.System)))], s_quick, NullLogger.Instance);
        var node = new NodeActor(net, new SequencerOptions(), l1: source);
        var clock = Stopwatch.StartNew();
        await node.RunUntilAsync(() => node.Safe.Number >= net.Sequencer.Unsafe.Number, TimeSpan.FromHours(1));
        return (clock.Elapsed, node);
    }
}
