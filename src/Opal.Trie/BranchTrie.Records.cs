using Opal.Primitives;

namespace Opal.Trie;

/// <summary>What became of the record at one path.</summary>
public readonly struct BranchChange
{
    /// <summary>Where.</summary>
    public TriePath Path { get; internal init; }

    /// <summary>The branch whose record is to be put there (<see cref="BranchTrie.WriteRecord"/>); -1 when the record there is to be removed.</summary>
    public int Branch { get; internal init; }

    internal int OldAt { get; init; }

    internal int OldLength { get; init; }
}

/// <content>What to store: the new record of each changed branch, and the paths that have none any more.</content>
public sealed partial class BranchTrie
{
    private const int Removed = -1;

    private Arena<BranchChange> _records = new(1024);

    /// <summary>What became of the records of a trie, in the order of paths, each path once; after <see cref="Hash"/>. Valid until the next call.</summary>
    public ReadOnlySpan<BranchChange> Records(int trie)
    {
        _records.Clear();
        for (int i = _tries[trie].FirstBranch; i < _tries[trie].EndBranch; i++)
        {
            ref Branch branch = ref _branches.Items[i];
            bool stays = !branch.Dead && branch.Start == branch.OldStart;
            int oldLength = branch.OldAt == None ? 0 : branch.OldLength;
            if (!branch.Dead) _records.Add(new BranchChange { Path = new TriePath(branch.Prefix, branch.Start), Branch = i, OldAt = branch.OldAt, OldLength = stays ? oldLength : 0 });
            if (!stays && branch.OldAt != None) _records.Add(new BranchChange { Path = new TriePath(branch.Prefix, branch.OldStart), Branch = Removed, OldAt = branch.OldAt, OldLength = oldLength });
        }

        Order(_records.Span);
        int kept = 0;
        BranchChange[] records = _records.Items;
        for (int i = 0; i < _records.Count; i++)
        {
            if (kept > 0 && records[kept - 1].Path == records[i].Path)
            {
                // one record moves to where another was: the removal came first, and is none
                records[kept - 1] = new BranchChange { Path = records[i].Path, Branch = records[i].Branch, OldAt = records[kept - 1].OldAt, OldLength = records[kept - 1].OldLength };
            }
            else
            {
                records[kept++] = records[i];
            }
        }

        return records.AsSpan(0, kept);
    }

    /// <summary>Sorts by path. Branches were made on the way down, so they are in order but for those that moved.</summary>
    private static void Order(Span<BranchChange> records)
    {
        var order = default(ByPath);
        int moves = records.Length * 8;
        for (int i = 1; i < records.Length; i++)
        {
            if (order.Compare(records[i - 1], records[i]) <= 0) continue;
            BranchChange record = records[i];
            int to = i;
            for (; to > 0 && order.Compare(records[to - 1], record) > 0; to--)
            {
                records[to] = records[to - 1];
                moves--;
            }

            records[to] = record;
            if (moves >= 0) continue;
            records.Sort(order);
            return;
        }
    }

    /// <summary>Removals before puts at the same path.</summary>
    private readonly struct ByPath : IComparer<BranchChange>
    {
        public int Compare(BranchChange x, BranchChange y)
        {
            int order = x.Path.CompareTo(y.Path);
            return order != 0 ? order : x.Branch.CompareTo(y.Branch);
        }
    }

    /// <summary>The record that was at the path before; empty when there was none.</summary>
    public ReadOnlySpan<byte> OldRecord(in BranchChange change) => change.OldLength == 0 ? default : _oldRecords.Items.AsSpan(change.OldAt, change.OldLength);

    /// <summary>Writes the new record of a branch.</summary>
    /// <param name="index">As in <see cref="BranchChange.Branch"/>.</param>
    /// <param name="record">At least <see cref="BranchRecord.MaxSize"/> bytes.</param>
    /// <returns>The size of the record.</returns>
    public int WriteRecord(int index, Span<byte> record)
    {
        ref Branch branch = ref _branches.Items[index];
        bool inline = branch.HoldsInline;
        int extension = branch.Depth - branch.Start;
        record[0] = (byte)extension;
        record[1] = inline ? BranchRecord.InlineFlag : (byte)0;
        record[2] = (byte)(branch.Mask >> 8);
        record[3] = (byte)(branch.Mask & 255);
        record[4] = (byte)(branch.LeafMask >> 8);
        record[5] = (byte)(branch.LeafMask & 255);
        int at = BranchRecord.HeaderSize;
        for (int i = 0; i < extension; i += 2)
        {
            int high = branch.Prefix.DigitAt(branch.Start + i), low = i + 1 < extension ? branch.Prefix.DigitAt(branch.Start + i + 1) : 0;
            record[at++] = (byte)((high << 4) | low);
        }

        for (int digit = 0; digit < 16; digit++)
        {
            if ((branch.Mask & (1 << digit)) == 0) continue;
            ReadOnlySpan<byte> reference = Reference(branch, digit);
            if (inline) record[at++] = (byte)reference.Length;
            reference.CopyTo(record[at..]);
            at += reference.Length;
        }

        return at;
    }
}
