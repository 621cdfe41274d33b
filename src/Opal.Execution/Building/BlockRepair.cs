using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>
/// Finds the transactions on which builder and import path disagree, and makes the best block without them. Every block it answers has
/// passed the gate. Bounded in time: when that is over it answers the largest good block found so far.
/// </summary>
/// <remarks>
/// A prefix of the block is good (passes the gate) or bad. The empty one, the forced transactions alone, must be good. Between a
/// good and a bad prefix, halving finds the first transaction that makes it bad. That one goes, and the rest is tried again. When the same
/// transactions in the same order make a good block in a fresh builder, the fault came from one that was tried and not taken; those are halved likewise.
/// </remarks>
internal sealed class BlockRepair(BuildContext context, BuilderCounters counters, TimeSpan budget, ILogger logger)
{
    private const int MaxLoggedBlock = 512 * 1024;

    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>Transactions that made a block wrong, each proven by two gated attempts.</summary>
    public List<PoolTransaction> Offenders { get; } = [];

    /// <summary>The pool's transactions in the answered block, in order.</summary>
    public List<PoolTransaction> Included { get; private set; } = [];

    private bool IsOver => Stopwatch.GetElapsedTime(_began) >= budget;

    /// <summary>Makes the best block that passes the gate; null when not even the forced transactions alone do.</summary>
    /// <param name="failed">The draft whose block was refused.</param>
    /// <param name="refused">The refused block.</param>
    /// <param name="why">Why it was refused.</param>
    public BuiltPayload? Run(PayloadDraft failed, BuiltPayload refused, in GateResult why)
    {
        BuiltPayload? repaired = Find(failed, refused, why);
        Tell(refused, why);
        return repaired;
    }

    private BuiltPayload? Find(PayloadDraft failed, BuiltPayload refused, in GateResult why)
    {
        IReadOnlyList<PoolTransaction> all = failed.Included, rejected = failed.Rejected;
        if (TryMake(all, [], out GateResult result) is { } same)
        {
            // the included ones are right: something that was tried and left out had left a trace
            Included = [.. all];
            if (rejected.Count > 0) FindAmongRejected(all, rejected);
            else logger.LogError("The mismatch on block {Number} did not come again with the same transactions in a fresh builder", refused.Block.Header.Number);
            return same;
        }

        if (TryMake([], [], out result) is not { } best) return null;
        var candidates = new List<PoolTransaction>(all);
        int good = 0, bad = candidates.Count;
        if (why.FailedTransaction >= failed.Forced) bad = Math.Min(bad, why.FailedTransaction - failed.Forced + 1);
        while (true)
        {
            while (bad - good > 1 && !IsOver)
            {
                int middle = good + ((bad - good) / 2);
                if (TryMake(candidates.GetRange(0, middle), [], out result) is { } prefix) (best, good) = (prefix, middle);
                else bad = middle;
            }

            if (bad - good > 1) break;
            PoolTransaction offender = candidates[bad - 1];
            Offenders.Add(offender);
            candidates.RemoveAt(bad - 1);
            if (good == candidates.Count || IsOver) break;
            if (TryMake(candidates, [], out result) is { } rest)
            {
                (best, good) = (rest, candidates.Count);
                break;
            }

            bad = candidates.Count;
            if (result.FailedTransaction >= failed.Forced) bad = Math.Max(good + 1, Math.Min(bad, result.FailedTransaction - failed.Forced + 1));
        }

        Included = candidates.GetRange(0, good);
        return best;
    }

    private void FindAmongRejected(IReadOnlyList<PoolTransaction> included, IReadOnlyList<PoolTransaction> rejected)
    {
        IReadOnlyList<PoolTransaction> suspects = rejected;
        if (TryMake(included, suspects, out _) is not null)
        {
            logger.LogError("The mismatch did not come again with the same {Count} rejected transactions offered first; none is dropped", suspects.Count);
            return;
        }

        while (suspects.Count > 1 && !IsOver)
        {
            int half = suspects.Count / 2;
            IReadOnlyList<PoolTransaction> first = [.. suspects.Take(half)], second = [.. suspects.Skip(half)];
            if (TryMake(included, first, out _) is null) suspects = first;
            else if (TryMake(included, second, out _) is null) suspects = second;
            else break;
        }

        if (suspects.Count == 1) Offenders.Add(suspects[0]);
        else logger.LogError("The mismatch comes from one of {Count} rejected transactions, which were not told apart in time: {Hashes}", suspects.Count, string.Join(", ", suspects.Select(static t => t.Hash.ToString())));
    }

    /// <summary>Builds with these transactions in a fresh builder, and gates it; null on a mismatch.</summary>
    /// <param name="transactions">To include, in order.</param>
    /// <param name="rejects">To offer before them: transactions that are not taken, but may leave something.</param>
    /// <param name="result">What the gate said.</param>
    private BuiltPayload? TryMake(IReadOnlyList<PoolTransaction> transactions, IReadOnlyList<PoolTransaction> rejects, out GateResult result)
    {
        result = new GateResult(null, "the block could not be begun", -1);
        if (PayloadDraft.Begin(context, out _) is not { } draft) return null;
        bool faulted = false;
        foreach (PoolTransaction transaction in rejects) faulted |= !faulted && draft.Offer(transaction, out _) == OfferResult.Faulted;
        for (int i = 0; i < transactions.Count && !faulted; i++)
        {
            faulted = draft.Offer(transactions[i], out _) == OfferResult.Faulted;
            if (faulted) result = new GateResult(null, "executing it threw", draft.Forced + i);
        }

        if (!faulted && draft.Seal(out _) is { } built)
        {
            counters.CountRebuild();
            result = BlockGate.Check(context.Chain, context.Parent, built);
        }

        if (result.Payload is null) draft.Discard();
        else draft.Dispose();
        return result.Payload;
    }

    /// <summary>One line with all it takes to reproduce the case: parent, attributes and transactions are in the block's own encoding.</summary>
    private void Tell(BuiltPayload refused, in GateResult why)
    {
        BlockHeader header = refused.Block.Header;
        string imported = IsOver ? "not computed: no time" : BlockGate.ExpectedStateRoot(context.Chain, context.Parent, refused.Block)?.ToString() ?? "none: it does not execute";
        byte[] encoded = refused.Block.Encode();
        logger.LogError(
            "A built block does not pass its second execution: block {Number} {Hash} on {Parent}: {Reason}; state root by the builder {Built}, by the import path {Imported}; offending transactions: {Offenders}; block {Rlp}",
            header.Number, refused.Block.Hash, header.ParentHash, why.Reason, header.StateRoot, imported,
            Offenders.Count == 0 ? "not found" : string.Join(", ", Offenders.Select(static t => t.Hash.ToString())),
            encoded.Length <= MaxLoggedBlock ? Hex.Encode(encoded) : $"of {encoded.Length} bytes, not shown");
    }
}
