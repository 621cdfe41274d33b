using Opal.Evm;
using Opal.Primitives;

namespace Opal.Evm.Tests;

public class EntryTableTests
{
    /// <summary>An entry whose hash the test chooses: the attacker's dream.</summary>
    private struct Colliding : IKeyed<Colliding, ulong>
    {
        public ulong Key;

        public static uint HashOf(in ulong key) => 0x12345678;

        public static bool Matches(in Colliding entry, in ulong key) => entry.Key == key;

        public static int Compare(in Colliding entry, in ulong key) => entry.Key.CompareTo(key);

        public static ulong KeyOf(in Colliding entry) => entry.Key;

        public static void Initialise(ref Colliding entry, in ulong key) => entry = new Colliding { Key = key };
    }

    [Fact]
    public void Keys_that_all_collide_are_found_and_stay_cheap()
    {
        const int count = 50_000;
        var table = new EntryTable<Colliding, ulong>();
        var random = new Random(1);
        var keys = new ulong[count];
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < count; i++)
        {
            keys[i] = (ulong)random.NextInt64();
            Assert.Equal(i, table.FindOrAdd(keys[i], out bool added));
            Assert.True(added);
        }

        for (int i = 0; i < count; i++)
        {
            Assert.Equal(i, table.FindOrAdd(keys[i], out bool added));
            Assert.False(added);
            Assert.Equal(i, table.Find(keys[i]));
        }

        Assert.Equal(-1, table.Find(42));
        Assert.Equal(count - EntryTable<Colliding, ulong>.MaxProbe, table.OverflowCount);
        Assert.True(clock.ElapsedMilliseconds < 10_000, $"{clock.ElapsedMilliseconds} ms");
    }

    [Fact]
    public void Slots_are_found_through_growth_and_forgotten_on_clear()
    {
        var table = new EntryTable<SlotEntry, SlotKey>();
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 40_000; i++)
            {
                int number = table.FindOrAdd(new SlotKey(i % 7, new UInt256((ulong)i)), out bool added);
                Assert.True(added);
                Assert.Equal(i, number);
            }

            for (int i = 0; i < 40_000; i++) Assert.Equal(i, table.Find(new SlotKey(i % 7, new UInt256((ulong)i))));
            Assert.Equal(0, table.OverflowCount);
            table.Clear();
            Assert.Equal(-1, table.Find(new SlotKey(0, default)));
        }
    }

    [Fact]
    public void Mapping_slots_and_counting_slots_spread()
    {
        foreach (bool hashed in new[] { false, true })
        {
            var table = new EntryTable<SlotEntry, SlotKey>();
            for (ulong i = 0; i < 100_000; i++)
            {
                UInt256 slot = hashed ? Keccak256.Hash(new UInt256(i).ToBigEndianArray()).ToUInt256() : new UInt256(i, 0, i << 40, 0);
                table.FindOrAdd(new SlotKey(3, slot), out _);
            }

            Assert.Equal(0, table.OverflowCount);
        }
    }
}
