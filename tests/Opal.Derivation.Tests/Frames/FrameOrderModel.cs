using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Every order of the frames of two channels in one item, derived, beside a plain reading of the rules of Holocene's frame queue and channel stage.</summary>
public sealed class FrameOrderModel
{
    /// <summary>The queue when no pair of neighbours is against the rules: the first such pair loses a frame, until there is none.</summary>
    private static List<Frame> Pruned(IEnumerable<Frame> item)
    {
        List<Frame> queue = [.. item];
        while (true)
        {
            int at = 0;
            int loser = -1;
            for (; at + 1 < queue.Count && loser < 0; at++)
            {
                Frame before = queue[at], after = queue[at + 1];
                if (before.Channel == after.Channel)
                {
                    if (before.IsLast || after.Number != before.Number + 1) loser = at + 1;
                }
                else if (after.Number != 0)
                {
                    loser = at + 1;
                }
                else if (!before.IsLast)
                {
                    loser = at;
                }
            }

            if (loser < 0) return queue;
            queue.RemoveAt(loser);
        }
    }

    /// <summary>The channels that are read, in order; what is left of the frames is dropped.</summary>
    private static List<ChannelId> Read(List<Frame> queue, out int dropped)
    {
        var read = new List<ChannelId>();
        ChannelId? open = null;
        int next = 0;
        dropped = 0;
        foreach (Frame frame in queue)
        {
            if (frame.Number == 0)
            {
                (open, next) = (frame.Channel, 1);
            }
            else if (open == frame.Channel && frame.Number == next)
            {
                next++;
            }
            else
            {
                dropped++;
                continue;
            }

            if (!frame.IsLast) continue;
            read.Add(frame.Channel);
            open = null;
        }

        return read;
    }

    private static IEnumerable<Frame[]> Orders(Frame[] frames)
    {
        if (frames.Length <= 1)
        {
            yield return frames;
            yield break;
        }

        for (int i = 0; i < frames.Length; i++)
        {
            foreach (Frame[] rest in Orders([.. frames[..i], .. frames[(i + 1)..]])) yield return [frames[i], .. rest];
        }
    }

    [Theory]
    [InlineData(OptimismFork.Holocene)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-HO-05")]
    public void Every_order_of_the_frames_of_two_channels_gives_what_the_rules_say(OptimismFork fork)
    {
        int orders = 0;
        var outcomes = new Dictionary<ulong, int>();
        for (int first = 1; first <= 3; first++)
        {
            for (int second = 1; second <= 3; second++)
            {
                TestNet source = CaseNet.Sequenced(fork, 2);
                // A holds block 1, B blocks 1 and 2: the safe head tells which was read
                Frame[] a = source.Cut(CaseNet.Singulars(source, 1), first), b = source.Cut(CaseNet.Singulars(source, 1, 2), second);
                foreach (Frame[] order in Orders([.. a, .. b]))
                {
                    TestNet net = CaseNet.Sequenced(fork, 2);
                    net.L1.Mine([net.Post(order)]);
                    net.Sync();
                    List<Frame> queue = Pruned(order);
                    List<ChannelId> read = Read(queue, out int dropped);
                    ulong expected = read.Contains(b[0].Channel) ? 2ul : read.Contains(a[0].Channel) ? 1ul : 0ul;
                    string what = string.Join(' ', order.Select(frame => $"{(frame.Channel == a[0].Channel ? 'A' : 'B')}{frame.Number}{(frame.IsLast ? "." : "")}"));
                    Assert.True(expected == net.Safe, $"{what}: block {net.Safe} instead of {expected}");
                    Assert.Equal(read, net.Observer.Read);
                    Assert.True(order.Length - queue.Count + dropped == net.Observer.Frames.Count, what);
                    net.AssertSafeIsSequenced(expected);
                    orders++;
                    outcomes[expected] = outcomes.GetValueOrDefault(expected) + 1;
                }
            }
        }

        Assert.Equal(2 + (2 * 6) + (2 * 24) + 24 + (2 * 120) + 720, orders);
        Assert.Equal(3, outcomes.Count);
    }
}
