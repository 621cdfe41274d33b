using System.IO.Compression;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>A little data that unpacks to a lot takes no more memory than the limit of a channel's content has it.</summary>
public sealed class BombTests
{
    [Theory]
    [InlineData(OptimismFork.Bedrock, 10_000_000)]
    [InlineData(OptimismFork.Karst, 100_000_000)]
    [Case("S-DE-11")]
    public void A_bomb_takes_no_more_memory_than_a_few_times_the_limit(OptimismFork fork, int limit)
    {
        TestNet net = CaseNet.Sequenced(fork, 2);
        var batches = new RlpWriter();
        batches.WriteBytes(net.SingularOf(1));
        batches.WriteBytes(net.SingularOf(2));
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
        {
            zlib.Write(batches.Written);
            zlib.Write([0xbb, 0x3b, 0x9a, 0xca, 0x00]); // a string of 1,000,000,000 bytes
            byte[] zeros = new byte[10_000_000];
            for (int i = 0; i < 100; i++) zlib.Write(zeros);
        }

        net.L1.Mine([.. net.Cut(packed.ToArray(), 2).Select(frame => net.Post(frame))]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        net.Sync();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        net.AssertSafeIsSequenced(2);
        Assert.Contains(ChannelRule.RlpLimit, net.Observer.Channels);
        Assert.InRange(allocated, 0, 4L * limit);
    }
}
