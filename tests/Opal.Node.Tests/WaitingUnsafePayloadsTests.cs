using Opal.JsonRpc;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

public sealed class WaitingUnsafePayloadsTests
{
    private readonly WaitingUnsafePayloads _waiting = new(maxBytes: 10_000);

    [Fact]
    [Case("D-EN-11")]
    public void Only_the_block_right_above_the_head_is_taken_whatever_the_order_of_arrival()
    {
        foreach (ulong number in (ulong[])[5, 3, 4]) Assert.True(_waiting.Add(Envelope(number)));
        Assert.False(_waiting.TryTake(Ids.L2(1), Ids.L2(0), out _));
        Assert.True(_waiting.Add(Envelope(2)));
        for (ulong head = 1; head < 5; head++)
        {
            Assert.True(_waiting.TryTake(Ids.L2(head), Ids.L2(0), out PayloadEnvelope? next));
            Assert.Equal(head + 1, next!.Payload.BlockNumber);
        }

        Assert.Equal(0, _waiting.Count);
    }

    [Fact]
    [Case("D-EN-11")]
    public void Blocks_at_or_below_the_head_are_stale()
    {
        for (ulong number = 1; number <= 4; number++) _waiting.Add(Envelope(number));
        Assert.True(_waiting.TryTake(Ids.L2(3), Ids.L2(2), out PayloadEnvelope? next));
        Assert.Equal(4ul, next!.Payload.BlockNumber);
        Assert.Equal(0, _waiting.Count);
    }

    [Fact]
    [Case("D-EN-11")]
    public void A_block_on_another_parent_is_dropped_for_the_right_one()
    {
        _waiting.Add(Envelope(4, fork: 1));
        _waiting.Add(Envelope(4));
        Assert.True(_waiting.TryTake(Ids.L2(3), Ids.L2(0), out PayloadEnvelope? next));
        Assert.Equal(Ids.L2(3).Hash, next!.Payload.ParentHash);
    }

    [Fact]
    [Case("D-EN-11")]
    public void The_same_block_is_kept_once_and_memory_is_bounded()
    {
        Assert.True(_waiting.Add(Envelope(9)));
        Assert.False(_waiting.Add(Envelope(9)));
        for (ulong number = 100; number > 10; number--) _waiting.Add(Envelope(number));
        Assert.InRange(_waiting.Count, 1, 12);
        Assert.True(_waiting.TryTake(Ids.L2(8), Ids.L2(0), out PayloadEnvelope? next));
        Assert.Equal(9ul, next!.Payload.BlockNumber);
    }

    private static PayloadEnvelope Envelope(ulong number, byte fork = 0)
    {
        L2BlockRef block = Ids.L2(number, fork);
        return new PayloadEnvelope { Payload = new ExecutionPayload { BlockNumber = number, BlockHash = block.Hash, ParentHash = block.ParentHash, Transactions = [new byte[10]] } };
    }
}
