using System.Globalization;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

/// <summary>The turned-over log filters find what a plain scan of all blocks finds.</summary>
public sealed class LogIndexTests
{
    private static readonly Address[] Emitters = [.. Enumerable.Range(1, 12).Select(i => Address.FromNumber((ulong)i))];
    private static readonly Hash256[] Topics = [.. Enumerable.Range(1, 30).Select(i => Keccak256.Hash([(byte)i]))];

    private static ExecutedBlock MakeBlock(ExecutedBlock parent, Random random)
    {
        int density = random.Next(20);
        LogEntry[] logs = [.. Enumerable.Range(0, density < 14 ? 0 : random.Next(1, density)).Select(_ => new LogEntry(
            Emitters[random.Next(Emitters.Length)], [.. Enumerable.Range(0, random.Next(5)).Select(_ => Topics[random.Next(Topics.Length)])], []))];
        Receipt[] receipts = logs.Length == 0 ? [] : [new Receipt { Succeeded = true, Logs = logs }];
        var header = new BlockHeader
        {
            ParentHash = parent.Hash, Number = parent.Number + 1, Timestamp = parent.Header.Timestamp + 2, LogsBloom = Bloom.Of(receipts), MixHash = new Hash256(RandomBytes(random)),
        };
        return new ExecutedBlock(new Block { Header = header }, receipts);
    }

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[32];
        random.NextBytes(bytes);
        return bytes;
    }

    private static LogCriteria AnyCriteria(Random random) => new(
        [.. Enumerable.Range(0, random.Next(3)).Select(_ => Emitters[random.Next(Emitters.Length)])],
        [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(3) == 0 ? null : (IReadOnlyList<Hash256>)[.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Topics[random.Next(Topics.Length)])])]);

    private static List<string> Search(IBlockStore store, IEnumerable<ulong> numbers, LogCriteria criteria)
    {
        List<FoundLog> found = [];
        foreach (ulong number in numbers) LogSearch.InBlock(store.FindCanonical(number)!, criteria, removed: false, found);
        return [.. found.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Block.Number} {f.TransactionIndex} {f.LogIndex}"))];
    }

    [Fact]
    public void A_search_through_the_index_finds_what_a_scan_finds_across_sections_reorgs_and_restarts()
    {
        int rounds = int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_LOGS"), out int given) ? given : 60;
        var random = new Random(7);
        var disk = new TestDisk { Options = new JournalOptions { CheckpointBlocks = 300, RecentBlocks = 50, RecentTransactionBlocks = 4, CachedBlocks = 64, SectionDepth = 40 } };
        var genesis = new ExecutedBlock(new Block { Header = new BlockHeader { Number = 2000 } }, []); // inside the first section
        List<ExecutedBlock> chain = [genesis];
        JournalBlockStore store = disk.OpenBlocks();
        store.Open(genesis);

        void Grow(int count)
        {
            for (int i = 0; i < count; i++)
            {
                ExecutedBlock block = MakeBlock(chain[^1], random);
                store.Add(block, sync: false);
                store.MoveHead(new ChainHeads(block, null, null), [], [block]);
                chain.Add(block);
            }
        }

        void Cut(int count)
        {
            List<ExecutedBlock> removed = [.. chain.TakeLast(count).Reverse()];
            chain.RemoveRange(chain.Count - count, count);
            store.MoveHead(new ChainHeads(chain[^1], null, null), removed, []);
        }

        void Compare()
        {
            ulong head = chain[^1].Number;
            for (int i = 0; i < rounds; i++)
            {
                LogCriteria criteria = AnyCriteria(random);
                ulong from = 2000 + (ulong)random.NextInt64((long)(head - 2000)), to = from + (ulong)random.NextInt64((long)(head - from) + 1);
                List<ulong> candidates = [.. store.BlocksThatMayMatch(from, to, criteria)];
                Assert.Equal(candidates.Order(), candidates);
                List<ulong> all = [];
                for (ulong number = from; number <= to; number++) all.Add(number);
                Assert.Equal(Search(store, all.Where(n => criteria.MayMatch(chain[(int)(n - 2000)].Header.LogsBloom)), criteria), Search(store, candidates, criteria));
                if (criteria.Addresses.Count > 0) Assert.True(candidates.Count < all.Count / 2 + 20, $"{candidates.Count} of {all.Count} blocks would be read");
            }
        }

        Grow(7000); // the sections of blocks 0 to 4095 and 4096 to 8191 are complete
        Compare();
        Cut(1500);  // into the second one
        Compare();
        Grow(3000);
        Compare();
        store = disk.OpenBlocks();
        store.Open(genesis);
        Compare();
        store.Checkpoint();
        Compare();
        Cut(6000);
        Compare();
        store = disk.OpenBlocks();
        Assert.Equal(chain[^1], store.Open(genesis).Head);
        Compare();
        Grow(500);
        Compare();
    }
}
