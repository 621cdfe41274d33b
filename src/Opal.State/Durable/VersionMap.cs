using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Opal.Primitives;
using Opal.State.Flat;

namespace Opal.State.Durable;

/// <summary>Finds what the layers say of a key: one look-up whatever their number, in whatever branch.</summary>
/// <remarks>
/// A hash table of chains, the newest entry first; of the entries of a key, a state takes the first whose layer it covers. One
/// writer (under the store's lock) beside any number of readers: an entry is whole before its bucket names it, and nothing is ever
/// taken away. To drop layers, or to grow, a new map is made of those that stay. Hashes are seeded: nobody can aim at a bucket.
/// </remarks>
internal sealed class VersionMap
{
    /// <summary>Memory an entry.</summary>
    public const int EntrySize = 32;

    private const int Wipe = -1;

    private static readonly ulong Seed1 = RandomWord(), Seed2 = RandomWord(), Seed3 = RandomWord();

    private readonly int[] _buckets;
    private readonly Entry[] _entries;
    private int _count;
    private volatile int _wipes;

    private struct Entry
    {
        public ulong Hash;
        public int Next;

        /// <summary>In the run; <see cref="Wipe"/> when all storage before went.</summary>
        public int Index;
        public LayerRun Run;
    }

    private VersionMap(int capacity)
    {
        _buckets = new int[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _buckets.AsSpan().Fill(-1);
        _entries = new Entry[_buckets.Length];
    }

    private static ulong RandomWord() => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)) | 1;

    /// <summary>A map of some layers.</summary>
    /// <param name="layers">A layer after all that are below it.</param>
    public static VersionMap Of(IReadOnlyCollection<Layer> layers)
    {
        int entries = 0;
        foreach (Layer layer in layers) entries += layer.Entries + layer.Wiped.Count;
        var map = new VersionMap(Math.Max(1024, entries * 2));
        foreach (Layer layer in layers) map.Add(layer);
        return map;
    }

    /// <summary>A map that has one more layer: this one, or a larger one.</summary>
    public VersionMap With(Layer layer)
    {
        int needed = _count + layer.Entries + layer.Wiped.Count;
        if (needed <= _entries.Length)
        {
            Add(layer);
            return this;
        }

        var grown = new VersionMap(needed * 2);
        for (int i = 0; i < _count; i++) grown.Add(_entries[i].Hash, _entries[i].Run, _entries[i].Index);
        grown._wipes = _wipes;
        grown.Add(layer);
        return grown;
    }

    private void Add(Layer layer)
    {
        foreach (Hash256 owner in layer.Wiped)
        {
            _wipes++;
            Add(HashOf(owner, Table.Leaves, default), new LayerRun(layer, owner, Table.Leaves, default), Wipe);
        }

        foreach (LayerRun run in layer.Runs)
        {
            for (int i = 0; i < run.Run.Count; i++) Add(HashOf(run.Owner, run.Table, run.Run.Key(i)), run, i);
        }
    }

    private void Add(ulong hash, LayerRun run, int index)
    {
        ref int bucket = ref _buckets[hash & (ulong)(_buckets.Length - 1)];
        _entries[_count] = new Entry { Hash = hash, Next = bucket, Index = index, Run = run };
        Volatile.Write(ref bucket, _count++);
    }

    private static ulong HashOf(in Hash256 owner, Table table, ReadOnlySpan<byte> key)
    {
        ulong first = 0, last = 0;
        if (!key.IsEmpty)
        {
            first = BinaryPrimitives.ReadUInt64LittleEndian(key);
            last = BinaryPrimitives.ReadUInt64LittleEndian(key[^8..]);
        }

        ulong hash = Fold(first ^ Seed1, last ^ Seed2 ^ (ulong)table);
        return owner.IsZero ? Fold(hash, Seed3) : Fold(hash ^ (uint)owner.GetHashCode(), Seed3);
    }

    private static ulong Fold(ulong a, ulong b) => Math.BigMul(a, b, out ulong low) ^ low;

    /// <summary>Whether the layers that a state covers say what is under a key.</summary>
    /// <param name="position">The state.</param>
    /// <param name="owner">The trie.</param>
    /// <param name="table">Which of its tables.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">What is there; empty for nothing. It stays.</param>
    /// <param name="layer">The layer that says so.</param>
    public bool TryFind(Position position, scoped in Hash256 owner, Table table, scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value, out Layer? layer)
    {
        value = default;
        layer = null;
        if (position.Chain.Length == 0) return false;
        ulong hash = HashOf(owner, table, key);
        for (int at = Volatile.Read(ref _buckets[hash & (ulong)(_buckets.Length - 1)]); at >= 0;)
        {
            ref Entry entry = ref _entries[at];
            at = entry.Next;
            if (entry.Hash != hash || entry.Index == Wipe) continue;
            LayerRun run = entry.Run;
            if (run.Table != table || run.Owner != owner || !position.Covers(run.Layer) || !run.Run.Key(entry.Index).SequenceEqual(key)) continue;
            value = run.Run.Value(entry.Index);
            layer = run.Layer;
            break;
        }

        if (_wipes == 0 || owner.IsZero || !TryFindWipe(position, owner, out Layer? wiped)) return layer is not null;
        if (layer is not null && layer.Block.Number >= wiped!.Block.Number) return true;
        value = default;
        layer = wiped;
        return true;
    }

    private bool TryFindWipe(Position position, in Hash256 owner, out Layer? layer)
    {
        ulong hash = HashOf(owner, Table.Leaves, default);
        for (int at = Volatile.Read(ref _buckets[hash & (ulong)(_buckets.Length - 1)]); at >= 0;)
        {
            ref Entry entry = ref _entries[at];
            at = entry.Next;
            if (entry.Hash != hash || entry.Index != Wipe || entry.Run.Owner != owner || !position.Covers(entry.Run.Layer)) continue;
            layer = entry.Run.Layer;
            return true;
        }

        layer = null;
        return false;
    }
}
