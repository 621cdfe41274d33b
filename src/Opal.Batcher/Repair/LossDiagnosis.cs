using System.Globalization;
using Opal.Derivation;
using Opal.Primitives;

namespace Opal.Batcher;

/// <summary>Why a channel had no effect.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Channel">The channel.</param>
/// <param name="FirstBlock">Its first L2 block.</param>
/// <param name="LastBlock">Its last L2 block.</param>
/// <param name="Transaction">The hash of the L1 transaction with its last frame, where L1 holds one.</param>
/// <param name="Explanation">The rule in words, with the numbers that decided.</param>
public sealed record LossDiagnosis(LossRule Rule, ChannelId Channel, ulong FirstBlock, ulong LastBlock, Hash256? Transaction, string Explanation)
{
    /// <summary>Finds the rule: the first that explains the loss, from what happened on L1 to what happened on L2.</summary>
    public static LossDiagnosis Of(LossFacts facts)
    {
        (LossRule rule, string explanation) = Explain(facts);
        L1Inclusion? last = facts.Inclusions.LastOrDefault(static i => i is not null);
        return new LossDiagnosis(rule, facts.Channel, facts.First.Number, facts.Last.Number, last?.Transaction, explanation);
    }

    private static (LossRule Rule, string Explanation) Explain(LossFacts facts)
    {
        for (int i = 0; i < facts.Inclusions.Count; i++)
        {
            if (facts.Inclusions[i] is null) return (LossRule.ReorgedOut, Text($"L1 does not hold transaction {i + 1} of {facts.Inclusions.Count} any more"));
        }

        if (facts.RollupInbox is { } inbox && inbox != facts.Inbox) return (LossRule.WrongInbox, Text($"it was sent to {facts.Inbox}, and the rollup's batch inbox is {inbox}"));
        if (facts is { Sender: { } sender, Batcher: { } batcher } && sender != batcher) return (LossRule.NotTheBatcher, Text($"it was sent by {sender}, and the SystemConfig's batcher is {batcher}"));
        return ExplainByBlocks(facts);
    }

    private static (LossRule Rule, string Explanation) ExplainByBlocks(LossFacts facts)
    {
        if (facts.Inclusions.Count > 0)
        {
            L1Inclusion[] places = [.. facts.Inclusions.Select(static i => i!.Value)];
            ulong first = places.Min(static p => p.Block.Number), last = places.Max(static p => p.Block.Number);
            if (last - first > facts.ChannelTimeout) return (LossRule.ChannelTimeout, Text($"its frames are in L1 blocks {first} to {last}, and it times out after {facts.ChannelTimeout} blocks"));
            ulong window = facts.FirstUnsafeOrigin + facts.SequencingWindow;
            if (last > window) return (LossRule.SequencingWindow, Text($"it was complete in L1 block {last}, and the sequencing window of its blocks ended with L1 block {window}"));
            if (facts.IsInOrderOnly && ExplainByOrder(facts, places) is { } reason) return (LossRule.FramesOutOfOrder, reason);
        }

        if (!facts.IsOnL2) return (LossRule.BlocksReplaced, Text($"the L2 chain has another block {facts.Last.Number} now"));
        if (facts is { IsInOrderOnly: true, Before: { } before } && facts.Inclusions is [.., { } end] && end.IsBefore(before.Place))
        {
            return (LossRule.BehindMissingBlocks, Text($"it was complete in L1 block {end.Block.Number}, before channel {before.Channel}, whose blocks it builds on, in L1 block {before.Place.Block.Number}"));
        }

        return facts.First.Number > facts.Safe.Number + 1
            ? (LossRule.BehindMissingBlocks, Text($"the blocks before it are not safe: the safe head is {facts.Safe.Number}"))
            : (LossRule.Unknown, "it is on L1 in time and in order, and the node did not take it: see what the node says of it");
    }

    /// <summary>What is wrong with the order of its frames, in words; null when nothing is.</summary>
    private static string? ExplainByOrder(LossFacts facts, L1Inclusion[] places)
    {
        for (int i = 1; i < places.Length; i++)
        {
            if (places[i].IsBefore(places[i - 1])) return Text($"transaction {i + 1} of {places.Length} is in L1 block {places[i].Block.Number} before the one whose frames come first");
        }

        return facts.Between is { } between
            ? Text($"channel {between.Channel} begins in L1 block {between.Place.Block.Number}, between its frames in L1 blocks {places[0].Block.Number} to {places[^1].Block.Number}: one channel must end before the next begins")
            : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>One line for the log.</summary>
    public override string ToString() => Text($"channel {Channel} with L2 blocks {FirstBlock} to {LastBlock}{(Transaction is { } hash ? Text($", last frame in L1 transaction {hash}") : "")} had no effect ({Rule}): {Explanation}");
}
