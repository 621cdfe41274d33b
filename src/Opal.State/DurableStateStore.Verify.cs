using Opal.Primitives;
using Opal.State.Durable;
using Opal.Storage;
using Opal.Trie;

namespace Opal.State;

/// <content>What the tables hold, counted and checked: the trie is the checksum of the flat rows.</content>
public sealed partial class DurableStateStore
{
    /// <summary>The number of parts that <see cref="VerifyPart"/> knows: one for each path of three digits.</summary>
    public const int VerifyParts = 4096;

    /// <summary>Checks everything in the tables against the state root: each row hashes to what its parent has, and no row is without a parent.</summary>
    /// <param name="progress">Told now and then how much was checked; null for nobody.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <remarks>It holds one snapshot to its end: not for a store that is written to for long beside it.</remarks>
    /// <returns>All rows.</returns>
    /// <exception cref="StoreCorruptException">Something does not fit; the message names table and key.</exception>
    public StateRowCount VerifyAll(Action<StateRowCount>? progress, CancellationToken cancellation)
    {
        using ISnapshot snapshot = OpenSnapshot(out BaseState held);
        return new StateVerifier(Schema, snapshot, progress, cancellation).VerifyAll(held.Block?.Root ?? Hash256.EmptyTrie);
    }

    /// <summary>Checks one of <see cref="VerifyParts"/> parts of the accounts with their storage, and the way to it from the root: for a pass in the background, a part at a time.</summary>
    /// <param name="part">The first three digits of the hashed addresses.</param>
    /// <param name="between">Called between the steps of a part with much storage, while no snapshot is held: it may wait.</param>
    /// <remarks>A step holds a snapshot for some 50,000 rows, so a part may be checked at several blocks. What a block changes between two steps is in one of them before, in the other after.</remarks>
    /// <returns>The rows of the part; records on the way to several steps count in each.</returns>
    /// <exception cref="StoreCorruptException">Something does not fit; the message names table and key.</exception>
    public StateRowCount VerifyPart(int part, Action? between = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, VerifyParts);
        var later = new List<Hash256>();
        StateRowCount rows;
        using (ISnapshot snapshot = OpenSnapshot(out BaseState held))
        {
            rows = new StateVerifier(Schema, snapshot, null, default, later).VerifyBelow(held.Block?.Root ?? Hash256.EmptyTrie, PathOf(part, 3));
        }

        foreach (Hash256 owner in later)
        {
            between?.Invoke();
            int digits;
            using (ISnapshot snapshot = OpenSnapshot(out _)) digits = new StateVerifier(Schema, snapshot, null, default).DigitsOfSteps(owner);
            for (int step = 0; step < 1 << (4 * digits); step++)
            {
                if (step > 0) between?.Invoke();
                using ISnapshot snapshot = OpenSnapshot(out _);
                rows += new StateVerifier(Schema, snapshot, null, default).VerifyStorage(owner, PathOf(step, digits));
            }
        }

        return rows;
    }

    private static TriePath PathOf(int place, int digits)
    {
        Hash256 key = default;
        for (int i = 0; i < digits; i++) key = key.WithDigit(i, (place >> (4 * (digits - 1 - i))) & 15);
        return new TriePath(key, digits);
    }
}
