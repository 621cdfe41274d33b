using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Inputs to begin mutations with: made here, and taken from real batcher data where the vectors are at hand.</summary>
internal static class FuzzSeeds
{
    public static TestNet Net { get; } = new(OptimismFork.Jovian, seed: 77);

    /// <summary>Contents of span batches, behind the version byte.</summary>
    public static List<byte[]> Spans { get; } = MakeSpans();

    /// <summary>Contents of real span batches; none without vectors.</summary>
    public static List<byte[]> RealSpans { get; } = ReadSpans();

    /// <summary>Contents of singular batches, behind the version byte.</summary>
    public static List<byte[]> Singulars { get; } = [.. Enumerable.Range(0, 4).Select(static count => Batch(5, 3, count).Encode()[1..])];

    private static SingularBatch Batch(ulong index, ulong epoch, int transactions) => new()
    {
        ParentHash = Keccak256.Hash([1]), EpochNumber = epoch, EpochHash = Keccak256.Hash([2]), Timestamp = Net.Config.GenesisL2Time + (2 * index),
        Transactions = [.. Enumerable.Range(0, transactions).Select(i => Net.RandomTransaction(i % 3 == 2 ? TransactionType.SetCode : null).Encoded)],
    };

    private static List<byte[]> MakeSpans()
    {
        var random = new Random(31);
        var spans = new List<byte[]>();
        for (int i = 0; i < 24; i++)
        {
            var builder = new SpanBatchBuilder(Net.Config);
            ulong epoch = (ulong)random.Next(3, 1000);
            for (int block = random.Next(1, 20); block > 0; block--)
            {
                if (random.Next(3) == 0) epoch++;
                Assert.Equal(SpanBuildError.None, builder.TryAdd(Batch((ulong)(builder.BlockCount + 5), builder.BlockCount == 0 ? epoch : epoch, random.Next(4)), (ulong)random.Next(2)));
            }

            spans.Add(builder.Encode()[1..]);
        }

        return spans;
    }

    private static List<byte[]> ReadSpans()
    {
        var spans = new List<byte[]>();
        if (Testing.Vectors.Root is null) return spans;
        var output = new DecompressionBuffer();
        output.Begin(100_000_000);
        new Inflate().DecompressZlib(Testing.Vectors.Read("derivation/op-mainnet-span-channel.bin.gz"), output);
        var items = new RlpReader(output.Written);
        while (items.TryReadBytes(out ReadOnlySpan<byte> item)) spans.Add(item[1..].ToArray());
        return spans;
    }
}
