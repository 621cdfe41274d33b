using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Jobs, seals and publications of the sequencer, whole and broken.</summary>
public sealed class SequencerFaultScenarios
{
    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SQ-04")]
    public async Task Opened_sealed_committed_and_published_a_block_is_everybodys_head(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await net.Sequencer.BuildAsync(2);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 2);
        EngineController heads = net.Verifier.Node.Heads;
        L2BlockRef genesis = heads.Unsafe;

        // open two jobs on one parent, seal both; the second holds a transaction more
        Transaction extra = net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, UInt256.One);
        PayloadAttributes attributes = BlockForge.AttributesOf(blocks[0]);
        (EngineStep opened, BuildJob? job) = await heads.StartBuildAsync(attributes, genesis, default);
        Assert.True(opened.IsDone, opened.Reason);
        (opened, BuildJob? other) = await heads.StartBuildAsync(BlockForge.With(attributes, [.. attributes.Transactions, extra.Encoded]), genesis, default);
        Assert.True(opened.IsDone, opened.Reason);
        Assert.Equal(genesis, heads.Unsafe);
        (EngineStep step, PayloadEnvelope? payload) = await heads.SealAsync(job!, default);
        Assert.True(step.IsDone, step.Reason);
        Assert.Equal(blocks[0].Hash, payload!.Payload.BlockHash);
        Assert.Equal(genesis, heads.Unsafe);

        // commit: the head moves; the other job is stale now, and neither it nor a new one on the old parent gets anywhere
        Assert.True((await heads.InsertUnsafeAsync(payload, default)).IsDone);
        Assert.Equal(blocks[0].Hash, net.Verifier.Execution.Chain.Head.Hash);
        (step, PayloadEnvelope? stale) = await heads.SealAsync(other!, default);
        Assert.Equal(EngineOutcome.InvalidPayload, (await heads.InsertUnsafeAsync(stale!, default)).Outcome);
        (step, job) = await heads.StartBuildAsync(attributes, genesis, default);
        Assert.False(step.IsDone);
        Assert.Null(job);
        Assert.Equal(blocks[0].Hash, net.Verifier.Execution.Chain.Head.Hash);

        // a job that nobody opened
        (step, payload) = await heads.SealAsync(new BuildJob(new PayloadId(0xdead), heads.Unsafe, attributes), default);
        Assert.False(step.IsDone);
        Assert.Null(payload);

        // publish
        await using var third = new NodeActor(net, new SequencerOptions());
        await third.SyncAsync();
        foreach (PayloadEnvelope published in net.Sequencer.Recorder.Sequenced) _ = third.Node.Driver.PostUnsafePayloadAsync(published);
        await third.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, third.Unsafe);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SQ-04")]
    public async Task A_job_given_up_leaves_nothing_behind(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await net.Sequencer.BuildAsync(2);
        L2BlockRef head = net.Sequencer.Unsafe;

        // the next block's job is open until shortly before its time: the operator stops the sequencer meanwhile
        int builds = net.Sequencer.Engine.Forkchoices.Count(static call => call.Builds);
        await net.Sequencer.RunUntilAsync(() => net.Sequencer.Engine.Forkchoices.Count(static call => call.Builds) > builds, TimeSpan.FromSeconds(10));
        Task<(Hash256 Head, string? Refusal)> stop = net.Sequencer.Node.Driver.StopSequencerAsync();
        await net.Sequencer.SyncAsync();
        Assert.Equal((head.Hash, null), await stop);
        net.Time.Advance(TimeSpan.FromSeconds(20));
        await net.Sequencer.SyncAsync();
        Assert.Equal(head, net.Sequencer.Unsafe);
        Assert.Equal(2, net.Sequencer.Recorder.Sequenced.Count);

        // started again it makes that block by another job, once
        Task<string?> start = net.Sequencer.Node.Driver.StartSequencerAsync(head.Hash);
        await net.Sequencer.RunUntilAsync(() => net.Sequencer.Unsafe.Number >= 4, TimeSpan.FromSeconds(30));
        Assert.Null(await start);
        AssertOneBlockASlot(net);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SQ-07")]
    public async Task Stopped_between_seal_and_insertion_the_sequencer_lets_the_sealed_block_out_first(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await net.Sequencer.BuildAsync(2);
        net.Sequencer.Engine.Fault = static method => method == "newPayload" ? EngineVerdict.Unreachable : null;
        await net.Sequencer.RunUntilAsync(() => net.Sequencer.Node.Sequencer!.HasSealedBlock, TimeSpan.FromSeconds(10));
        Task<(Hash256 Head, string? Refusal)> stop = net.Sequencer.Node.Driver.StopSequencerAsync();
        for (int i = 0; i < 20; i++) await net.Sequencer.Node.Driver.StepAsync(default);
        Assert.False(stop.IsCompleted);
        Assert.True(net.Sequencer.Node.Driver.IsSequencing);

        net.Sequencer.Engine.Fault = null;
        await net.Sequencer.RunUntilAsync(() => !net.Sequencer.Node.Driver.IsSequencing, TimeSpan.FromSeconds(30));
        Assert.Equal((net.Sequencer.Unsafe.Hash, null), await stop);
        Assert.Equal(3ul, net.Sequencer.Unsafe.Number);
        net.Time.Advance(TimeSpan.FromSeconds(20));
        await net.Sequencer.SyncAsync();
        Assert.Equal(3ul, net.Sequencer.Unsafe.Number);
        AssertOneBlockASlot(net);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock, EngineVerdict.Unreachable)]
    [InlineData(OptimismFork.Karst, EngineVerdict.Unreachable)]
    [InlineData(OptimismFork.Karst, EngineVerdict.Syncing)]
    [InlineData(OptimismFork.Karst, EngineVerdict.Refused)]
    [InlineData(OptimismFork.Karst, EngineVerdict.UnknownPayload)]
    [Case("S-SQ-08")]
    public async Task A_fault_at_each_call_in_turn_costs_no_slot_and_publishes_no_height_twice(OptimismFork fork, EngineVerdict verdict)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(3);
        string[] calls = ["build", "getPayload", "newPayload", "forkchoice"];
        int turn = 0;
        bool struck = false;
        net.Sequencer.Engine.Fault = method =>
        {
            if (struck || method != calls[turn % calls.Length]) return null;
            struck = true;
            return verdict;
        };
        for (; turn < 8; turn++)
        {
            struck = false;
            ulong target = net.Sequencer.Unsafe.Number + 3;
            await net.Sequencer.RunUntilAsync(() => net.Sequencer.Unsafe.Number >= target, TimeSpan.FromMinutes(2));
            Assert.True(struck, $"{calls[turn % calls.Length]} was never called");
        }

        net.Sequencer.Engine.Fault = null;
        await net.Sequencer.BuildToL1HeadAsync();
        AssertOneBlockASlot(net);
        List<Block> blocks = await net.Sequencer.BlocksAsync(0, net.Sequencer.Unsafe.Number);
        for (int i = 1; i < blocks.Count; i++) Assert.Equal(blocks[i - 1].Header.Timestamp + 2, blocks[i].Header.Timestamp);
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    /// <summary>Each height was published once, and what was published is the chain.</summary>
    private static void AssertOneBlockASlot(ActorNet net)
    {
        List<PayloadEnvelope> published = net.Sequencer.Recorder.Sequenced;
        Assert.Equal(Enumerable.Range(1, (int)net.Sequencer.Unsafe.Number).Select(static number => (ulong)number), published.Select(static payload => payload.Payload.BlockNumber));
        foreach (PayloadEnvelope payload in published) Assert.Equal(payload.Payload.BlockHash, net.Sequencer.Execution.Chain.FindCanonical(payload.Payload.BlockNumber)!.Hash);
    }
}
