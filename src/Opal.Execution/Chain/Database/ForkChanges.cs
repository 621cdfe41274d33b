using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Compares two schedules of one chain.</summary>
internal static class ForkChanges
{
    /// <summary>An upgrade whose time differs.</summary>
    /// <param name="Name">The upgrade.</param>
    /// <param name="Stored">When it activates by the stored schedule; null is never.</param>
    /// <param name="Given">When by the new one.</param>
    /// <param name="IsPassed">Whether the chain is beyond one of the two times.</param>
    public readonly record struct Change(string Name, ulong? Stored, ulong? Given, bool IsPassed);

    /// <summary>All differences, in the order of upgrades.</summary>
    /// <param name="stored">The schedule the chain was built under.</param>
    /// <param name="given">The one it shall have.</param>
    /// <param name="headNumber">The head's number.</param>
    /// <param name="headTime">The head's timestamp, seconds.</param>
    public static List<Change> Between(ChainSpec stored, ChainSpec given, ulong headNumber, ulong headTime)
    {
        List<Change> changes = [];
        void Compare(string name, ulong? before, ulong? after, ulong head)
        {
            if (before != after) changes.Add(new Change(name, before, after, before <= head || after <= head));
        }

        if (stored.Ethereum is { } oldL1 && given.Ethereum is { } newL1)
        {
            Compare("Paris", oldL1.ParisBlock, newL1.ParisBlock, headNumber);
            Compare("Shanghai", oldL1.Shanghai, newL1.Shanghai, headTime);
            Compare("Cancun", oldL1.Cancun, newL1.Cancun, headTime);
            Compare("Prague", oldL1.Prague, newL1.Prague, headTime);
            Compare("Osaka", oldL1.Osaka, newL1.Osaka, headTime);
        }

        if (stored.Optimism is { } oldL2 && given.Optimism is { } newL2)
        {
            for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++) Compare(fork.ToString(), oldL2.Of(fork), newL2.Of(fork), headTime);
        }

        CompareBlobs(stored.Blobs, given.Blobs, headTime, changes);
        return changes;
    }

    /// <summary>At every moment at which either schedule changes, both must give the same parameters.</summary>
    private static void CompareBlobs(BlobSchedule stored, BlobSchedule given, ulong headTime, List<Change> changes)
    {
        foreach (BlobSchedule.Entry entry in (BlobSchedule.Entry[])[.. stored.Entries, .. given.Entries])
        {
            bool before = stored.TryGet(entry.Time, out BlobParameters old), after = given.TryGet(entry.Time, out BlobParameters now);
            if (before == after && old == now) continue;
            changes.Add(new Change($"the blob schedule (at time {entry.Time})", before ? entry.Time : null, after ? entry.Time : null, entry.Time <= headTime));
            return;
        }
    }
}
