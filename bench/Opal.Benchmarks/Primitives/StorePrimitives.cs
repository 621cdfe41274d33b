using System.Buffers.Binary;
using Opal.Primitives;
using Opal.Storage;

namespace Opal.Benchmarks;

/// <summary>The node's own storage engine: 32-byte uniformly random keys, 100-byte values; random reads, and batches of sorted writes made durable.</summary>
internal static class StorePrimitives
{
    private const int ValueSize = 100, ReadsARun = 10_000, WritesABatch = 10_000;

    /// <param name="entries">Entries in the table.</param>
    public static IEnumerable<Primitive> All(int entries)
    {
        Filled? shared = null;
        yield return new Primitive("kv_random_read", "kv", () => Reading(shared ??= new Filled(entries)));
        yield return new Primitive("kv_batch_write", "kv", () => Writing(shared ??= new Filled(entries)));
    }

    /// <summary>A store with the entries in it; its folder goes with the process.</summary>
    private sealed class Filled
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("opal-bench-").FullName;

        public Filled(int entries)
        {
            Entries = entries;
            Store = LmdbStore.Open(_folder);
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove();
            Table = Store.Table("t");
            byte[][] keys = Enumerable.Range(0, entries).Select(KeyOf).ToArray();
            Array.Sort(keys, static (x, y) => x.AsSpan().SequenceCompareTo(y));
            using IWriteTransaction write = Store.BeginWrite();
            foreach (byte[] key in keys) write.PutAscending(Table, key, ValueOf(key));
            write.Commit();
        }

        public int Entries { get; }

        public LmdbStore Store { get; }

        public StoreTable Table { get; }

        private void Remove()
        {
            Store.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static byte[] KeyOf(int index)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, index);
        return Keccak256.Hash(number).ToArray();
    }

    private static byte[] ValueOf(ReadOnlySpan<byte> key)
    {
        byte[] value = new byte[ValueSize];
        key.CopyTo(value);
        return value;
    }

    private static PreparedPrimitive Reading(Filled filled)
    {
        var random = new Random(1);
        byte[][] keys = Enumerable.Range(0, ReadsARun).Select(_ => KeyOf(random.Next(filled.Entries))).ToArray();
        string? problem = null;
        return new PreparedPrimitive
        {
            Run = () =>
            {
                foreach (byte[] key in keys)
                {
                    // a snapshot a read, as the state store reads
                    using ISnapshot snapshot = filled.Store.OpenSnapshot();
                    if (!snapshot.TryGet(filled.Table, key, out ReadOnlySpan<byte> value) || !value.StartsWith(key)) problem = "a value read is not the one written";
                }
            },
            Amount = ReadsARun,
            Unit = $"reads of {filled.Entries:N0}",
            Check = () => problem,
        };
    }

    private static PreparedPrimitive Writing(Filled filled)
    {
        int next = 0;
        byte[][] keys = [];
        return new PreparedPrimitive
        {
            BeforeRun = () =>
            {
                var random = new Random(next++);
                keys = Enumerable.Range(0, WritesABatch).Select(_ => KeyOf(random.Next(filled.Entries))).ToArray();
                Array.Sort(keys, static (x, y) => x.AsSpan().SequenceCompareTo(y));
            },
            Run = () =>
            {
                using IWriteTransaction write = filled.Store.BeginWrite();
                foreach (byte[] key in keys) write.Put(filled.Table, key, ValueOf(key));
                write.Commit();
            },
            Amount = WritesABatch,
            Unit = $"durable writes into {filled.Entries:N0}",
        };
    }
}
