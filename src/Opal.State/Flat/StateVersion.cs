using Opal.Primitives;
using Opal.Trie;

namespace Opal.State.Flat;

/// <summary>How a version differs from a neighbour that is nearer to the newest.</summary>
internal sealed record VersionUndo(StateDelta Delta, StateVersion Next);

/// <summary>
/// One state of a family that shares its tables: the newest is in the tables themselves; any other is a difference from its
/// neighbour on the way there. Its content never changes, whatever becomes the newest. Any number of threads may read it.
/// </summary>
/// <remarks>
/// Versions point towards the newest and nothing points back, so one that nobody holds is collected with its difference. The
/// writer says what differs before it touches the tables; a reader that took something from the tables looks whether they have
/// begun to change meanwhile, and if so reads again. What it took is immutable, so it is never torn.
/// </remarks>
internal sealed class StateVersion(StateTables tables, in Hash256 root) : IFlatState
{
    private volatile VersionUndo? _undo;

    /// <summary>The root of its account trie.</summary>
    public Hash256 Root { get; } = root;

    public StateTables Tables => tables;

    /// <summary>Null for the newest.</summary>
    public VersionUndo? Undo => _undo;

    /// <summary>Ceases to be the newest.</summary>
    public void Leave(StateDelta undo, StateVersion next) => _undo = new VersionUndo(undo, next);

    /// <summary>Becomes the newest.</summary>
    public void Arrive() => _undo = null;

    /// <summary>Looks up an entry of a trie; false when it is not there.</summary>
    public bool TryGet(scoped in Hash256 owner, Table table, scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        while (true)
        {
            int epoch = tables.Epoch;
            bool decided = TryWalk(owner, table, key, out TrieTable? trie, out value);
            if (!decided && trie is not null) trie.Map(table).TryGet(key, out value);
            Volatile.ReadBarrier(); // the tables were read before the epoch is read again
            if (decided || tables.Epoch == epoch) return !value.IsEmpty;
        }
    }

    /// <summary>Follows the differences to one that has the key, or to the table where it would be (null for none).</summary>
    private bool TryWalk(scoped in Hash256 owner, Table table, scoped ReadOnlySpan<byte> key, out TrieTable? trie, out ReadOnlySpan<byte> value)
    {
        StateVersion at = this;
        for (int hops = 1; at._undo is { } undo; hops++)
        {
            if (owner.IsZero)
            {
                if (undo.Delta.Accounts.Run(table).TryGet(key, out value))
                {
                    trie = null;
                    return true;
                }
            }
            else if (undo.Delta.Storages.TryGetValue(owner, out StorageDelta storage))
            {
                if (storage.Changes is null)
                {
                    trie = storage.Replacement;
                    value = default;
                    return false;
                }

                if (storage.Changes.Run(table).TryGet(key, out value))
                {
                    trie = null;
                    return true;
                }
            }

            at = undo.Next;
            if ((hops & 1023) == 0) Thread.Yield(); // two versions that name each other are about to change places
        }

        trie = tables.Trie(owner);
        value = default;
        return false;
    }

    /// <summary>The first leaf at or below a path; false when there is none. The value is valid for ever.</summary>
    public bool TrySeekLeaf(scoped in Hash256 owner, scoped in TriePath path, out Hash256 key, out ReadOnlySpan<byte> value)
    {
        Span<byte> lower = stackalloc byte[Hash256.Size], upper = stackalloc byte[Hash256.Size], lowest = stackalloc byte[Hash256.Size];
        while (true)
        {
            int epoch = tables.Epoch;
            path.Digits.CopyTo(lower);
            upper.Fill(0xff);
            lower[..(path.Length >> 1)].CopyTo(upper);
            if ((path.Length & 1) == 1) upper[path.Length >> 1] = (byte)(lower[path.Length >> 1] | 15);
            value = default;
            bool found;
            while ((found = TryLowest(owner, lower, upper, lowest)) && !TryGet(owner, Table.Leaves, lowest, out value))
            {
                // it is in the tables or in a difference, but not in this version
                lowest.CopyTo(lower);
                if (!TryIncrement(lower)) break;
            }

            Volatile.ReadBarrier();
            if (tables.Epoch != epoch) continue;
            key = found ? new Hash256(lowest) : default;
            return found && !value.IsEmpty;
        }
    }

    /// <summary>The lowest key between two bounds that the tables or any difference on the way to them knows.</summary>
    private bool TryLowest(in Hash256 owner, ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, Span<byte> lowest)
    {
        bool found = false;
        StateVersion at = this;
        TrieTable? trie;
        for (int hops = 1; ; hops++)
        {
            if (at._undo is not { } undo)
            {
                trie = tables.Trie(owner);
                break;
            }

            TrieDelta? changes = undo.Delta.Accounts;
            if (!owner.IsZero)
            {
                changes = null;
                if (undo.Delta.Storages.TryGetValue(owner, out StorageDelta storage))
                {
                    changes = storage.Changes;
                    trie = storage.Replacement;
                    if (changes is null) break;
                }
            }

            if (changes is not null)
            {
                int index = changes.Leaves.Find(lower, out _);
                if (index < changes.Leaves.Count) Take(changes.Leaves.Key(index), upper, lowest, ref found);
            }

            at = undo.Next;
            if ((hops & 1023) == 0) Thread.Yield();
        }

        if (trie is not null && trie.Leaves.TrySeek(lower, upper, out ReadOnlySpan<byte> key, out _)) Take(key, upper, lowest, ref found);
        return found;
    }

    private static void Take(ReadOnlySpan<byte> key, ReadOnlySpan<byte> upper, Span<byte> lowest, ref bool found)
    {
        if (key.SequenceCompareTo(upper) > 0 || (found && key.SequenceCompareTo(lowest) >= 0)) return;
        key.CopyTo(lowest);
        found = true;
    }

    private static bool TryIncrement(Span<byte> number)
    {
        for (int i = number.Length - 1; i >= 0; i--)
        {
            if (++number[i] != 0) return true;
        }

        return false;
    }
}
