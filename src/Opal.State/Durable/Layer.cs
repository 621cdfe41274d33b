using Opal.Primitives;
using Opal.State.Flat;

namespace Opal.State.Durable;

/// <summary>One kind of changes of one trie in one layer.</summary>
internal sealed class LayerRun(Layer layer, in Hash256 owner, Table table, SortedRun run)
{
    public Layer Layer => layer;

    public Hash256 Owner { get; } = owner;

    public Table Table => table;

    public SortedRun Run => run;
}

/// <summary>What a block that is in memory alone changed: leaves, branch records, storages that were wiped. It never changes.</summary>
internal sealed class Layer
{
    private const int FilterBits = 16;

    /// <summary>Which first two bytes the keys of changed accounts have: most searches for a neighbour end here.</summary>
    private readonly ulong[] _filter = new ulong[1 << (FilterBits - 6)];

    public Layer(in BlockState block, StateUpdate update, IReadOnlyList<(Hash256 Hash, byte[] Code)> codes)
    {
        Block = block;
        Update = update;
        Codes = codes;
        var runs = new List<LayerRun>();
        AddRuns(runs, Hash256.Zero, update.Accounts);
        foreach ((Hash256 owner, StorageUpdate storage) in update.Storages)
        {
            if (storage.Changes is { } changes) AddRuns(runs, owner, changes);
            if (storage.Fresh && storage.HadStorage) Wiped.Add(owner);
        }

        Runs = runs;
        foreach (LayerRun run in runs)
        {
            Entries += run.Run.Count;
            Bytes += run.Run.Bytes.Length;
        }

        Bytes += (_filter.Length * 8) + (Entries * VersionMap.EntrySize);
        foreach ((_, byte[] code) in codes) Bytes += code.Length;
        SortedRun leaves = update.Accounts.Leaves;
        for (int i = 0; i < leaves.Count; i++)
        {
            int first = First(leaves.Key(i));
            _filter[first >> 6] |= 1UL << (first & 63);
        }
    }

    public BlockState Block { get; }

    public StateUpdate Update { get; }

    /// <summary>All runs of the update that are not empty.</summary>
    public IReadOnlyList<LayerRun> Runs { get; }

    /// <summary>The storages of which nothing from before the block stays.</summary>
    public List<Hash256> Wiped { get; } = [];

    public IReadOnlyList<(Hash256 Hash, byte[] Code)> Codes { get; }

    public int Entries { get; }

    /// <summary>Memory, about.</summary>
    public long Bytes { get; }

    private void AddRuns(List<LayerRun> runs, in Hash256 owner, TrieDelta delta)
    {
        if (delta.Leaves.Count > 0) runs.Add(new LayerRun(this, owner, Table.Leaves, delta.Leaves));
        if (delta.Branches.Count > 0) runs.Add(new LayerRun(this, owner, Table.Branches, delta.Branches));
    }

    private static int First(ReadOnlySpan<byte> key) => (key[0] << 8) | key[1];

    /// <summary>The run of a trie; null when nothing of that kind changed.</summary>
    public SortedRun? Run(in Hash256 owner, Table table)
    {
        if (owner.IsZero) return Update.Accounts.Run(table);
        return Update.Storages.TryGetValue(owner, out StorageUpdate storage) && storage.Changes is { } changes ? changes.Run(table) : null;
    }

    /// <summary>Whether an account between two keys may have changed.</summary>
    public bool MayHaveAccount(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        int first = First(lower);
        return first != First(upper) || (_filter[first >> 6] & (1UL << (first & 63))) != 0;
    }
}

/// <summary>Where a state is: on top of which layers, and of which persisted block.</summary>
/// <param name="Chain">The layers from the lowest to the state's own, of ascending numbers without gaps; empty for the state of a persisted block.</param>
/// <param name="Anchor">The number of the persisted block below them; -1 for the empty state.</param>
/// <param name="Timeline">The <see cref="BaseState.Timeline"/> in which that number names that block.</param>
internal sealed record Position(Layer[] Chain, long Anchor, ulong Timeline)
{
    /// <summary>Whether a layer is among those below, or the state's own.</summary>
    public bool Covers(Layer layer)
    {
        if (Chain.Length == 0) return false;
        ulong index = unchecked(layer.Block.Number - Chain[0].Block.Number);
        return index < (ulong)Chain.Length && Chain[index] == layer;
    }
}

/// <summary>The state after a block, as views hold it; it moves from layers to files below them.</summary>
internal sealed class StatePoint(in BlockState block, Position? position)
{
    private volatile Position? _position = position;

    public BlockState Block { get; } = block;

    /// <summary>Grows with each commit.</summary>
    public long Sequence { get; init; }

    /// <summary>Null when the state was dropped.</summary>
    public Position? Position
    {
        get => _position;
        set => _position = value;
    }

    /// <summary>Whether the state is that of a layer.</summary>
    public bool IsLayer => _position is { Chain.Length: > 0 };

    /// <summary>The state's own layer.</summary>
    public Layer Layer => _position!.Chain[^1];
}
