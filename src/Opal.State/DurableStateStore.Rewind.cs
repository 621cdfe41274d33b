using Opal.State.Durable;
using Opal.Storage;

namespace Opal.State;

/// <content>Back to older blocks.</content>
public sealed partial class DurableStateStore
{
    /// <inheritdoc/>
    /// <exception cref="IOException">A write failed; the tables stand where they stood.</exception>
    public bool TryRewind(in BlockState block)
    {
        ulong number = block.Number;
        lock (_flushing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            bool inMemory;
            lock (_gate)
            {
                inMemory = _layers.ContainsKey(block.Hash);
                if (!inMemory && FindPersisted(block) is null) return false;
            }

            if (!inMemory && !TryUnwind((long)number)) return false;
            lock (_gate)
            {
                Drop(point => point.Block.Number > number);
                Remap();
            }
        }

        return true;
    }

    /// <summary>Takes the tables back to a block of the chain they are on, through both histories, in one transaction; false when these do not reach so far.</summary>
    private bool TryUnwind(long to)
    {
        BaseState held = _base;
        if (to == held.Number) return true;
        if (held.Block is not { } top || to < 0 || to > held.Number || !Reaches(FlatHistory, to) || !Reaches(TrieHistory, to)) return false;
        BlockState target;
        ulong timeline = held.Timeline + 1;
        lock (_gate)
        {
            if (BlockAt((ulong)to, top) is not { } there) return false;
            target = there;

            // told before anybody can see the tables of the new timeline
            _rewinds = [.. _rewinds.Where(mark => mark.Timeline != timeline), new RewindMark(timeline, to)];
        }

        ulong id;
        using (IWriteTransaction transaction = _store.BeginWrite())
        {
            new Unwinder(this, transaction).Run(top.Number, target.Number);
            Schema.WriteState(transaction, target, timeline);
            id = transaction.Commit();
        }

        _base = new BaseState(target, timeline, id);
        lock (_gate)
        {
            Drop(point => !Holds(point.Position!, timeline));
            Remap();
            Interlocked.Increment(ref _generation); // readers that took a snapshot before read again
            CutHistory(target.Number);
            Volatile.Write(ref _flatFloor, Math.Min(_flatFloor, target.Number + 1)); // what comes now is kept whole
            Volatile.Write(ref _trieFloor, Math.Min(_trieFloor, target.Number + 1));
        }

        return true;
    }

    private static bool Reaches(IHistoryLog log, long number) => log.First != log.Next && log.First <= (ulong)number + 1;
}
