using System.Globalization;
using System.Text;

namespace Opal.Storage.Tests;

/// <summary>Random histories over crowded keys, and the comparison of two that should be the same.</summary>
internal static class HistoryModel
{
    public static byte[] Key(Random random)
    {
        if (random.Next(3) == 0) return [0, (byte)random.Next(4), .. new byte[random.Next(3)], (byte)random.Next(16)];
        var account = new byte[32];
        account.AsSpan().Fill((byte)random.Next(4));
        var slot = new byte[random.Next(2) == 0 ? 2 : 32];
        slot[0] = (byte)random.Next(3);
        slot[1] = (byte)random.Next(8);
        if (slot.Length > 8) slot[8] = (byte)random.Next(3); // behind what the order word has
        return [1, .. account, .. slot];
    }

    public static HistoryEntry[] Entries(Random random, int most)
    {
        var entries = new SortedDictionary<string, HistoryEntry>(StringComparer.Ordinal);
        for (int i = random.Next(most + 1); i > 0; i--)
        {
            byte[] key = Key(random), value = new byte[random.Next(20) == 0 ? random.Next(3000) : random.Next(40)];
            random.NextBytes(value);
            entries[Convert.ToHexString(key)] = new HistoryEntry(key, value);
        }

        return [.. entries.Values];
    }

    public static byte[] Label(ulong number, int fork) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"block {number} {fork}"));

    /// <summary>Compares everything that can be asked about blocks below a number; a corruption found by the log is thrown on.</summary>
    public static void Compare(IHistoryLog expected, IHistoryLog actual, Random random, int searches, ulong next)
    {
        if (expected.First >= next) return;
        for (ulong block = expected.First; block < next; block++)
        {
            if (searches < 50 && random.Next(4) != 0) continue;
            Assert.Equal(Convert.ToHexString(expected.Label(block).Span), Convert.ToHexString(actual.Label(block).Span));
            Assert.Equal(expected.ReadBlock(block).Select(Text), actual.ReadBlock(block).Select(Text));
        }

        for (int i = 0; i < searches; i++)
        {
            ulong after = expected.First - 1 + (ulong)random.NextInt64((long)(next - expected.First + 1)), upTo = after + (ulong)random.NextInt64((long)(next - after));
            byte[] key = Key(random);
            bool found = expected.TryFind(key, after, upTo, out ReadOnlyMemory<byte> value);
            Assert.Equal(found, actual.TryFind(key, after, upTo, out ReadOnlyMemory<byte> old));
            Assert.Equal(Convert.ToHexString(value.Span), Convert.ToHexString(old.Span));
            if (i % 5 != 0) continue;
            byte[] low = Key(random), high = random.Next(2) == 0 ? Key(random) : [.. low.AsSpan(0, Math.Min(low.Length, 34)), 0xff, 0xff];
            Assert.Equal(Keys(expected, low, high, after, upTo), Keys(actual, low, high, after, upTo));
        }
    }

    private static string Text(HistoryEntry entry) => $"{Convert.ToHexString(entry.Key.Span)}={Convert.ToHexString(entry.OldValue.Span)}";

    private static List<string> Keys(IHistoryLog log, byte[] low, byte[] high, ulong after, ulong upTo) => log.KeysBetween(low, high, after, upTo).Select(k => Convert.ToHexString(k.Span)).ToList();
}
