using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;

namespace Opal.Batcher.Tests.Repair;

/// <summary>What was lost is posted again at once, however long channels may stay open.</summary>
public sealed class RepostTests
{
    private static readonly BatcherOptions Options = new()
    {
        BatchInbox = World.Rollup.BatchInboxAddress, PollInterval = TimeSpan.FromHours(1), MaxL1TransactionBytes = 2_000, MaxChannelDurationBlocks = 1_000, SequencingWindowBlocks = 100_000,
    };

    private static BatcherService Make(World world) =>
        new(Options, new OnlySequencer(world.L2, world.Node), world, new ChannelCodec(World.Rollup, Options), TimeProvider.System, NullLogger.Instance);

    /// <summary>One turn, and until what it sent is on L1.</summary>
    private static async Task TurnAsync(World world, BatcherService batcher, int submissions)
    {
        await batcher.TurnAsync(default);
        for (int i = 0; i < 1000 && (world.Submissions.Count < submissions || batcher.Status.InFlight > 0); i++) await Task.Delay(5);
        Assert.Equal((submissions, 0), (world.Submissions.Count, batcher.Status.InFlight));
    }

    [Fact]
    public async Task A_lost_batch_does_not_wait_for_its_new_channel_to_be_due()
    {
        var world = new World { LossesLeft = 1 };
        world.Build(3);
        await using BatcherService batcher = Make(world);
        batcher.Flush();
        await TurnAsync(world, batcher, submissions: 1);
        world.Derive();
        Assert.Equal(0ul, world.Safe);
        world.Build(1);
        await TurnAsync(world, batcher, submissions: 2);
        world.Derive();
        Assert.Equal(4ul, world.Safe);

        // and from then on channels take their time again
        world.Build(3);
        await TurnAsync(world, batcher, submissions: 2);
        Assert.Equal(3, batcher.Status.PendingBlocks);
        Assert.Empty(world.Problems);
    }

    [Fact]
    public async Task A_safe_head_that_went_back_is_brought_forward_again_at_once()
    {
        var world = new World();
        world.Build(10);
        await using (BatcherService first = Make(world))
        {
            first.Flush();
            await TurnAsync(world, first, submissions: 1);
            world.Derive();
        }

        await using BatcherService second = Make(world);
        world.Build(2);
        second.Flush();
        await TurnAsync(world, second, submissions: 2);
        world.Derive();
        Assert.Equal(12ul, world.Safe);
        world.SetSafe(5);
        await TurnAsync(world, second, submissions: 3);
        world.Derive();
        Assert.Equal(12ul, world.Safe);
    }
}
