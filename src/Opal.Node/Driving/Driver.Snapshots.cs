using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// Goes on from a derivation snapshot, after a restart or an L1 reorg: exactly where derivation stood behind the newest L1 block that is still canonical. The walk
/// back of <see cref="Driver"/>'s resets is left for when no snapshot fits.
/// </summary>
/// <remarks>
/// A walk back reads a sequencing window of L1 again, and it judges old batches against a newer safe head: with an adversarial batcher it may end elsewhere
/// than a node that never stopped. A snapshot cannot.
/// </remarks>
public sealed partial class Driver
{
    private L1BlockRef? _resumedAt;
    private BlockId _snapshotOf;
    private bool _mustWalk;

    /// <summary>Takes a snapshot when an L1 block has been drained, once a block.</summary>
    private void RecordSnapshot()
    {
        if (_pipeline.Origin.Id == _snapshotOf || _pipeline.TakeSnapshot() is not { } snapshot) return;
        _snapshotOf = snapshot.Origin.Id;
        _snapshots.Record(snapshot);
    }

    /// <summary>A reset came before the pipeline moved on from a snapshot: the next start walks back instead.</summary>
    private void NoteFailedResume()
    {
        if (_resumedAt is { } at && DerivationOrigin() == at) _mustWalk = true;
        _resumedAt = null;
    }

    /// <summary>Goes on from the newest snapshot that fits L1 and the engine; false when there is none.</summary>
    private async Task<bool> TryResumeAsync(CancellationToken cancellation)
    {
        if (_mustWalk)
        {
            _mustWalk = false;
            return false;
        }

        if (await FindSnapshotAsync(cancellation) is not { } snapshot) return false;
        if (await LabelAsync(L2Label.Unsafe, cancellation) is not { } unsafeHead) return false;
        L2BlockRef? finalized = await LabelAsync(L2Label.Finalized, cancellation);
        if (finalized is { } final)
        {
            // whatever contradicts what is final is the walk's to judge
            if (final.Number > snapshot.Safe.Number) return false;
            if ((await _engine.BlockByNumberAsync(final.Number, cancellation))?.Hash != final.Hash) return false;
        }

        Block? genesis = finalized is null ? await _engine.BlockByNumberAsync(_config.GenesisL2.Number, cancellation) : null;
        if (finalized is null && (genesis is null || !L2References.TryCreate(genesis, _config, out L2BlockRef first, out _) || first.Hash != _config.GenesisL2.Hash)) return false;
        L2BlockRef finalHead = finalized ?? await ReferenceAsync(_config.GenesisL2.Number, cancellation) ?? default;
        L2BlockRef unsafeKept = await FindUnsafeAsync(snapshot.Safe, unsafeHead, cancellation);

        _heads.Reset(unsafeKept, snapshot.Safe, finalHead);
        _pipeline.Restore(snapshot);
        _finality.Clear();
        _finality.Record(snapshot.Origin, snapshot.Safe);
        SafeHeads.CutAfter(snapshot.Origin.Number);
        _snapshots.Cut(snapshot.Origin.Number + 1);
        _snapshotOf = snapshot.Origin.Id;
        _resumedAt = snapshot.Origin;
        _logger.LogInformation(
            "derivation goes on behind L1 block {L1}; unsafe {Unsafe}, safe {Safe}, finalized {Finalized}",
            snapshot.Origin.Number, unsafeKept.Number, snapshot.Safe.Number, finalHead.Number);
        return true;
    }

    /// <summary>The newest snapshot whose L1 block is canonical, as its safe head's L1 origin is, and whose safe head the engine has.</summary>
    private async Task<DerivationSnapshot?> FindSnapshotAsync(CancellationToken cancellation)
    {
        IReadOnlyList<DerivationSnapshot> items = _snapshots.Items;

        // if a block is canonical, so are those before it
        int low = 0, high = items.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            L1BlockRef origin = items[middle].Origin;
            BlockHeader? header = await _l1.HeaderByNumberAsync(origin.Number, cancellation);
            if (header?.Hash == origin.Hash) low = middle + 1;
            else high = middle;
        }

        for (int i = low - 1; i >= 0; i--)
        {
            if (await IsCanonicalAsync(items[i].Safe.L1Origin, cancellation) && await _engine.BlockByHashAsync(items[i].Safe.Hash, cancellation) is not null) return items[i];
        }

        return null;
    }

    /// <summary>Whether L1 has a block. That of a safe head may be above the L1 block that was read: a walk back keeps the safe head and reads a window again.</summary>
    private async Task<bool> IsCanonicalAsync(BlockId block, CancellationToken cancellation) => (await _l1.HeaderByNumberAsync(block.Number, cancellation))?.Hash == block.Hash;

    /// <summary>The highest block of the engine's chain above the safe head whose L1 origin is canonical, or not known to our L1 yet; the safe head when it is not in that chain.</summary>
    private async Task<L2BlockRef> FindUnsafeAsync(L2BlockRef safe, L2BlockRef head, CancellationToken cancellation)
    {
        if (head.Number <= safe.Number || (await _engine.BlockByNumberAsync(safe.Number, cancellation))?.Hash != safe.Hash) return safe;
        if (await IsPlausibleAsync(head, cancellation)) return head;

        // origins only grow along a chain: what is below a canonical one is canonical
        L2BlockRef best = safe;
        ulong low = safe.Number + 1, high = head.Number;
        while (low < high)
        {
            ulong middle = low + ((high - low) / 2);
            if (await ReferenceAsync(middle, cancellation) is { } reference && await IsPlausibleAsync(reference, cancellation)) (best, low) = (reference, middle + 1);
            else high = middle;
        }

        return best;
    }

    private async Task<bool> IsPlausibleAsync(L2BlockRef block, CancellationToken cancellation) =>
        await _l1.HeaderByNumberAsync(block.L1Origin.Number, cancellation) is not { } header || header.Hash == block.L1Origin.Hash;

    private async Task<L2BlockRef?> ReferenceAsync(ulong number, CancellationToken cancellation) =>
        await _engine.BlockByNumberAsync(number, cancellation) is { } block && L2References.TryCreate(block, _config, out L2BlockRef reference, out _) ? reference : null;
}
