using Opal.Primitives;
using Xunit.Abstractions;

namespace Opal.Storage.Tests;

/// <summary>The hash index on disk against the one in memory.</summary>
public sealed class FileHashIndexTests(ITestOutputHelper output)
{
    private static Hash256 HashOf(int i) => Keccak256.Hash(BitConverter.GetBytes(i));

    [Fact]
    public void Random_indexes_answer_what_the_plain_one_answers()
    {
        int scripts = SoakCount.Or(12), seed = Environment.TickCount;
        for (int script = 0; script < scripts; script++)
        {
            try
            {
                RunScript(new Random(seed + script));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed + script}", error);
            }
        }

        output.WriteLine($"[count] {scripts} indexes, seed {seed}");
    }

    private static void RunScript(Random random)
    {
        using var directory = new TemporaryDirectory();
        var options = new HashIndexOptions { TailEntries = random.Next(5, 50) };
        var file = new FileHashIndex(directory.Path, options);
        var plain = new MemoryHashIndex();
        var blocks = new SortedDictionary<ulong, Hash256[]>();
        ulong next = 0;
        for (int step = 0; step < 500; step++)
        {
            switch (random.Next(30))
            {
                case 0:
                    file.Dispose();
                    file = new FileHashIndex(directory.Path, options);
                    foreach ((ulong number, Hash256[] hashes) in blocks.Where(b => b.Key >= file.Next).ToArray()) file.Append(number, hashes);
                    break;
                case 1 when next > 0:
                    ulong cut = (ulong)random.NextInt64((long)next);
                    file.TruncateAfter(cut);
                    plain.TruncateAfter(cut);
                    foreach (ulong above in blocks.Keys.Where(n => n > cut).ToArray()) blocks.Remove(above);
                    next = Math.Min(next, cut + 1);
                    break;
                case < 8:
                    Hash256 wanted = HashOf(random.Next(300));
                    List<HashPlace> expected = [], actual = [];
                    plain.Find(wanted, expected);
                    file.Find(wanted, actual);
                    Assert.Equal(expected, actual.Where(place => blocks.TryGetValue(place.Block, out Hash256[]? at) && at[place.Position] == wanted));
                    break;
                default:
                    next += (ulong)random.Next(2);
                    Hash256[] added = Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(300)).Distinct().Select(HashOf).ToArray();
                    file.Append(next, added);
                    plain.Append(next, added);
                    blocks[next++] = added;
                    break;
            }
        }

        file.Dispose();
    }
}
