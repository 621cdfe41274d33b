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
    /// <returns>The rows of the part.</returns>
    /// <exception cref="StoreCorruptException">Something does not fit; the message names table and key.</exception>
    public StateRowCount VerifyPart(int part)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, VerifyParts);
        using ISnapshot snapshot = OpenSnapshot(out BaseState held);
        var path = new TriePath(Hash256.Zero.WithDigit(0, part >> 8).WithDigit(1, (part >> 4) & 15).WithDigit(2, part & 15), 3);
        return new StateVerifier(Schema, snapshot, null, default).VerifyBelow(held.Block?.Root ?? Hash256.EmptyTrie, path);
    }
}
