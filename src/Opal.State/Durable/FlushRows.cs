using System.Buffers.Binary;
using Opal.Primitives;
using Opal.State.Flat;
using Opal.Trie;

namespace Opal.State.Durable;

/// <summary>A change that is to be written.</summary>
/// <param name="Head">The first eight bytes of the row's key, as a number: most comparisons end there.</param>
/// <param name="Run">The run it is in.</param>
/// <param name="Layer">Which of the layers it is of.</param>
/// <param name="Index">Its place in the run.</param>
internal readonly record struct FlushRow(ulong Head, LayerRun Run, int Layer, int Index)
{
    public ReadOnlySpan<byte> Key => Run.Run.Key(Index);

    public ReadOnlySpan<byte> Value => Run.Run.Value(Index);

    public bool HasKeyOf(in FlushRow other) => Head == other.Head && Run.Owner == other.Run.Owner && Key.SequenceEqual(other.Key);

    public bool IsBefore(in FlushRow other)
    {
        if (Head != other.Head) return Head < other.Head;
        int order = Run.Owner.CompareTo(other.Run.Owner);
        return order != 0 ? order < 0 : Key.SequenceCompareTo(other.Key) < 0;
    }
}

/// <summary>The changes that layers make to one table.</summary>
internal static class FlushRows
{
    /// <summary>The changes in the order of keys; of one key, those of older layers first.</summary>
    /// <param name="chain">The layers, oldest first.</param>
    /// <param name="ofAccounts">Whether the account trie's table is meant; else that of all storage tries.</param>
    /// <param name="table">Leaves or records.</param>
    public static FlushRow[] Of(Layer[] chain, bool ofAccounts, Table table)
    {
        var rows = new List<FlushRow>();
        var ends = new List<int>(chain.Length);
        Span<byte> owner = stackalloc byte[Hash256.Size];
        for (int layer = 0; layer < chain.Length; layer++)
        {
            foreach (LayerRun run in chain[layer].Runs.Where(run => run.Table == table && run.Owner.IsZero == ofAccounts).OrderBy(run => run.Owner))
            {
                run.Owner.CopyTo(owner);
                ulong head = BinaryPrimitives.ReadUInt64BigEndian(owner);
                for (int i = 0; i < run.Run.Count; i++) rows.Add(new FlushRow(ofAccounts ? BinaryPrimitives.ReadUInt64BigEndian(run.Run.Key(i)) : head, run, layer, i));
            }

            ends.Add(rows.Count);
        }

        return Merge([.. rows], ends);
    }

    /// <summary>Sorts what is sorted piece by piece.</summary>
    /// <param name="rows">The pieces.</param>
    /// <param name="ends">Where each ends.</param>
    private static FlushRow[] Merge(FlushRow[] rows, List<int> ends)
    {
        var merged = new FlushRow[rows.Length];
        while (ends.Count > 1)
        {
            var joined = new List<int>((ends.Count + 1) / 2);
            for (int i = 0; i < ends.Count; i += 2)
            {
                int begin = i > 0 ? ends[i - 1] : 0, end = ends[Math.Min(i + 1, ends.Count - 1)];
                Merge(rows, begin, ends[i], end, merged);
                joined.Add(end);
            }

            (rows, merged, ends) = (merged, rows, joined);
        }

        return rows;
    }

    private static void Merge(FlushRow[] rows, int begin, int middle, int end, FlushRow[] merged)
    {
        int left = begin, right = middle;
        for (int at = begin; at < end; at++)
        {
            if (left < middle && (right == end || !rows[right].IsBefore(rows[left]))) merged[at] = rows[left++];
            else merged[at] = rows[right++];
        }
    }
}
