using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Frames are written as a letter for the channel, the number, and a dot when last: "A0 A1. B0".</summary>
public sealed class FrameOrderTests
{
    internal static Frame Parse(string text)
    {
        bool last = text.EndsWith('.');
        var id = new byte[16];
        id[0] = (byte)text[0];
        return new Frame(new ChannelId(id), ushort.Parse(text[1..].TrimEnd('.')), default, last);
    }

    private static string Name(Frame frame)
    {
        var id = new byte[16];
        frame.Channel.CopyTo(id);
        return $"{(char)id[0]}{frame.Number}{(frame.IsLast ? "." : "")}";
    }

    private static string Prune(string frames)
    {
        var queue = frames.Split(' ').Select(Parse).ToList();
        var dropped = new List<FrameOrder.DroppedFrame>();
        FrameOrder.Prune(queue, dropped);
        Assert.Equal(frames.Split(' ').Length, queue.Count + dropped.Count);
        return string.Join(' ', queue.Select(Name));
    }

    [Theory]
    [InlineData("A0 A1 A2.", "A0 A1 A2.")]
    [InlineData("A0 A2 A1 A2.", "A0 A1 A2.")] // D-FQ-01: not the next
    [InlineData("A0. A1 A2", "A0.")] // D-FQ-01: behind the last
    [InlineData("A0 A1 B0 B1.", "B0 B1.")] // D-FQ-02: peeled frame by frame
    [InlineData("A0. B0 B1 C0.", "A0. C0.")] // D-FQ-02
    [InlineData("A0 B1 A1.", "A0 A1.")] // D-FQ-03
    [InlineData("A0 A1 A0 A1", "A0 A1")] // D-FQ-04, V-21
    [InlineData("A3 A4 B0.", "B0.")] // D-FQ-05 does not protect an unclosed tail
    [InlineData("A3 A4. B0.", "A3 A4. B0.")] // D-FQ-05
    [InlineData("A0. B0. A0 C0.", "A0. B0. C0.")] // D-FQ-06, V-01
    [Case("D-FQ-01 D-FQ-02 D-FQ-03 D-FQ-04 D-FQ-05 D-FQ-06 V-01 V-21")]
    public void D_FQ_the_queue_is_pruned_pair_by_pair(string frames, string expected) => Assert.Equal(expected, Prune(frames));

    [Fact]
    public void S_HO_05_after_pruning_every_pair_is_in_order_and_nothing_more_goes()
    {
        var random = new Random(12);
        for (int round = 0; round < 5000; round++)
        {
            var queue = new List<Frame>();
            for (int i = random.Next(1, 10); i > 0; i--) queue.Add(Parse($"{(char)('A' + random.Next(3))}{random.Next(3)}{(random.Next(3) == 0 ? "." : "")}"));
            FrameOrder.Prune(queue, []);
            for (int i = 0; i + 1 < queue.Count; i++)
            {
                Frame current = queue[i], next = queue[i + 1];
                if (current.Channel == next.Channel) Assert.True(!current.IsLast && next.Number == current.Number + 1);
                else Assert.True(current.IsLast && next.Number == 0);
            }

            var dropped = new List<FrameOrder.DroppedFrame>();
            FrameOrder.Prune(queue, dropped);
            Assert.Empty(dropped);
        }
    }
}
