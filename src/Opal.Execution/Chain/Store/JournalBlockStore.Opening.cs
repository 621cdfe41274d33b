using Microsoft.Extensions.Logging;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Execution;

public sealed partial class JournalBlockStore
{
    /// <inheritdoc/>
    public ChainHeads Open(ExecutedBlock genesis)
    {
        _genesis = genesis;
        var none = new StoredHeads(genesis.Id, null, null);
        TableCheckpoint checkpoint = _tables.ReadCheckpoint() ?? new TableCheckpoint(_journal.Begin, genesis.Number, genesis.Number / LogSections.Blocks, none);
        if (checkpoint.Scan.Value > _journal.End.Value)
        {
            throw new StoreCorruptException(
                $"the journal ends in file {_journal.End.File} at {_journal.End.Offset}, before what the block tables know ({checkpoint.Scan.File}, {checkpoint.Scan.Offset}): files of it are missing; restore the data directory from a backup, or remove it and sync again");
        }

        (_heads, _head, _tablesTop, _sections) = (checkpoint.Heads, checkpoint.Top, checkpoint.Top, checkpoint.Sections);
        (_dirtyFrom, _sizeAtCheckpoint) = (checkpoint.Top + 1, _journal.Size);
        LoadRecent(checkpoint.Top);
        List<StoredHeads> choices = Scan(checkpoint, none);
        ChainHeads heads = Connect(choices, checkpoint.Top, out ulong same);
        _movesSinceCheckpoint = (int)Math.Min(int.MaxValue, _head - Math.Min(_head, checkpoint.Top));
        IndexOld(_head);
        _transactions.Open(genesis.Number + 1, _head, same, FindCanonical);
        return heads;
    }

    /// <summary>The newest canonical blocks of the tables, the blocks the index lacks, and the side blocks.</summary>
    private void LoadRecent(ulong top)
    {
        ulong from = _genesis.Number + 1, lowest = top > _options.RecentBlocks ? top - _options.RecentBlocks : 0;
        if (_blockIndex.Next > top + 1) _blockIndex.TruncateAfter(top);
        _indexed = Math.Max(_blockIndex.Next, from);
        from = Math.Max(from, Math.Min(_indexed, lowest));
        if (from > top) return;
        Hash256 parent = from == _genesis.Number + 1 ? _genesis.Hash : _tables.TryGetCanonical(from - 1, out CanonicalEntry before) ? before.Hash : default;
        List<CanonicalEntry> entries = _tables.ReadCanonical(from, top);
        if ((ulong)entries.Count != top - from + 1) throw new StoreCorruptException($"the block tables lack block {from + (ulong)entries.Count}, and the head is above it; restore the data directory from a backup, or remove it and sync again");
        for (int i = 0; i < entries.Count; i++)
        {
            ulong number = from + (ulong)i;
            if (number >= lowest) _canonical[number] = entries[i];
            if (number >= _indexed) _recent[entries[i].Hash] = new RecentEntry(number, parent, entries[i].Address);
            parent = entries[i].Hash;
        }

        foreach ((Hash256 hash, RecentEntry entry) in _tables.ReadSide())
        {
            _recent[hash] = entry;
            _side.Add(entry.Number, hash);
        }
    }

    /// <summary>Reads what the tables do not have yet. Answers the fork choices, the newest last.</summary>
    private List<StoredHeads> Scan(in TableCheckpoint checkpoint, in StoredHeads none)
    {
        List<StoredHeads> choices = [none, checkpoint.Heads];
        foreach (Frame frame in _journal.ReadFrom(checkpoint.Scan))
        {
            switch (frame.Type)
            {
                case BlockFrame:
                    BlockFrameStart start = BlockCodec.ReadStart(frame);
                    if (_recent.TryAdd(start.Hash, new RecentEntry(start.Number, start.Parent, frame.Address))) _side.Add(start.Number, start.Hash);
                    break;
                case HeadsFrame when StoredHeads.TryRead(frame.Payload.Span, out StoredHeads heads):
                    choices.Add(heads);
                    break;
                default:
                    throw new StoreCorruptException($"journal file {frame.Address.File}, offset {frame.Address.Offset}: a frame of unknown type {frame.Type}; use the version of the program that wrote it, or remove the data directory and sync again");
            }
        }

        return choices;
    }

    /// <summary>Makes the newest fork choice whose chain is whole the canonical chain.</summary>
    private ChainHeads Connect(List<StoredHeads> choices, ulong top, out ulong same)
    {
        for (int i = choices.Count - 1; i >= 0; i--)
        {
            StoredHeads choice = choices[i];
            if (!TryPathTo(choice.Head, top, out List<(Hash256 Hash, RecentEntry Entry)> path, out ulong ancestor, out string problem))
            {
                _logger.LogError("The fork choice naming block {Number} {Hash} cannot be restored: {Problem}; an older one is taken", choice.Head.Number, choice.Head.Hash, problem);
                continue;
            }

            same = Math.Max(ancestor, path.Count > 0 && ancestor == top ? choice.Head.Number : ancestor);
            Adopt(path, ancestor, top);
            (_head, _heads) = (choice.Head.Number, choice);
            ExecutedBlock? safe = Resolve(choice.Safe, "safe"), finalized = Resolve(choice.Finalized, "finalized");
            return new ChainHeads(FindCanonical(choice.Head.Number)!, safe, finalized);
        }

        throw new StoreCorruptException("no head of the journal can be restored; restore the data directory from a backup, or remove it and sync again");
    }

    private ExecutedBlock? Resolve(BlockId? id, string name)
    {
        if (id is not { } known) return null;
        if (TryGetCanonicalHash(known.Number, out Hash256 hash) && hash == known.Hash) return FindCanonical(known.Number);
        _logger.LogError("The {Name} head was block {Number} {Hash}, which is not in the canonical chain that could be restored; it has to be named again", name, known.Number, known.Hash);
        return null;
    }

    /// <summary>The blocks from the tables' canonical chain (above <paramref name="ancestor"/>) up to a head, highest first.</summary>
    private bool TryPathTo(BlockId head, ulong top, out List<(Hash256 Hash, RecentEntry Entry)> path, out ulong ancestor, out string problem)
    {
        path = [];
        problem = "";
        (ulong number, Hash256 hash) = (head.Number, head.Hash);
        while (true)
        {
            ancestor = number;
            if (number == _genesis.Number)
            {
                if (hash == _genesis.Hash) return true;
                problem = $"it descends from {hash} instead of genesis";
                return false;
            }

            if (number <= top && (_canonical.TryGetValue(number, out CanonicalEntry entry) || _tables.TryGetCanonical(number, out entry)) && entry.Hash == hash) return true;
            if (!_recent.TryGetValue(hash, out RecentEntry recent) || recent.Number != number)
            {
                problem = $"block {number} {hash} is not in the journal";
                return false;
            }

            path.Add((hash, recent));
            (number, hash) = (number - 1, recent.Parent);
        }
    }

    private void Adopt(List<(Hash256 Hash, RecentEntry Entry)> path, ulong ancestor, ulong top)
    {
        for (ulong number = ancestor + 1; number <= top; number++)
        {
            if (!_canonical.TryRemove(number, out CanonicalEntry old) && !_tables.TryGetCanonical(number, out old)) continue;
            if (!_recent.TryGetValue(old.Hash, out RecentEntry entry))
            {
                BlockFrameStart start = BlockCodec.ReadStart(_journal.Read(old.Address));
                entry = new RecentEntry(start.Number, start.Parent, old.Address);
            }

            _recent[old.Hash] = entry;
            _side.Add(number, old.Hash);
        }

        if (_indexed > ancestor + 1)
        {
            _blockIndex.TruncateAfter(ancestor);
            _indexed = ancestor + 1;
        }

        foreach ((Hash256 hash, RecentEntry entry) in path)
        {
            _canonical[entry.Number] = new CanonicalEntry(hash, entry.Address);
            _side.Remove(entry.Number, hash);
            _blooms[entry.Number] = BlockCodec.ReadHeader(_journal.Read(entry.Address), hash).LogsBloom;
        }

        _dirtyFrom = Math.Min(_dirtyFrom, ancestor + 1);
    }
}
