using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Execution;

public sealed partial class JournalBlockStore
{
    /// <inheritdoc/>
    public void Add(ExecutedBlock block, bool sync)
    {
        _writer.Clear();
        BlockCodec.Write(_writer, block);
        FrameAddress address = _journal.Append(BlockFrame, _writer.Written);
        _unsynced = true;
        if (sync) Sync();
        _cache.Add(block, _writer.Length);
        _recent[block.Hash] = new RecentEntry(block.Number, block.Header.ParentHash, address);
        Forget(_side.Add(block));
    }

    /// <inheritdoc/>
    public void Sync()
    {
        if (!_unsynced) return;
        _journal.Sync();
        _unsynced = false;
    }

    private void Append(in StoredHeads heads)
    {
        Span<byte> payload = stackalloc byte[StoredHeads.Size];
        heads.WriteTo(payload);
        _journal.Append(HeadsFrame, payload);
        _heads = heads;
        _unsynced = true;
    }

    /// <inheritdoc/>
    public void WriteHeads(ChainHeads heads)
    {
        StoredHeads stored = StoredHeads.Of(heads);
        if (stored == _heads) return;
        Append(stored);
        Sync();
    }

    /// <inheritdoc/>
    public void MoveHead(ChainHeads heads, IReadOnlyList<ExecutedBlock> removed, IReadOnlyList<ExecutedBlock> added)
    {
        Append(StoredHeads.Of(heads)); // first, so that nothing is half done when the disk is full
        ulong first = heads.Head.Number + 1;
        if (removed.Count > 0)
        {
            first = removed[^1].Number;
            CutAfter(first - 1, removed);
        }

        foreach (ExecutedBlock block in added)
        {
            if (!_recent.TryGetValue(block.Hash, out RecentEntry entry)) throw new InvalidOperationException($"block {block.Hash} joins the chain and is not known as a recent one");
            _side.Remove(block);
            _canonical[block.Number] = new CanonicalEntry(block.Hash, entry.Address);
            _blooms[block.Number] = block.Header.LogsBloom;
            _transactions.Add(block);
            first = Math.Min(first, block.Number);
            _movesSinceCheckpoint++;
        }

        Volatile.Write(ref _head, heads.Head.Number);
        _dirtyFrom = Math.Min(_dirtyFrom, first);
        IndexOld(heads.Head.Number);
        _transactions.Advance(heads.Head.Number, FindCanonical);
        if (heads.Head.Number > _options.RecentBlocks) Forget(_side.TakeBelow(heads.Head.Number - _options.RecentBlocks));
        if (_movesSinceCheckpoint >= _options.CheckpointBlocks || _journal.Size - _sizeAtCheckpoint >= _options.CheckpointBytes) Checkpoint();
    }

    /// <summary>Takes the blocks above a number out of the canonical chain.</summary>
    private void CutAfter(ulong ancestor, IReadOnlyList<ExecutedBlock> removed)
    {
        List<(ExecutedBlock Block, CanonicalEntry Entry)> entries = new(removed.Count);
        foreach (ExecutedBlock block in removed)
        {
            if (!TryGetCanonical(block.Number, out CanonicalEntry entry)) throw new InvalidOperationException($"block {block.Number} leaves the chain and is not in it");
            entries.Add((block, entry));
        }

        Volatile.Write(ref _head, ancestor);
        if (_indexed > ancestor + 1)
        {
            _blockIndex.TruncateAfter(ancestor);
            _indexed = ancestor + 1;
        }

        _transactions.CutAfter(ancestor);
        foreach ((ExecutedBlock block, CanonicalEntry entry) in entries)
        {
            _canonical.TryRemove(block.Number, out _);
            _blooms.TryRemove(block.Number, out _);
            _transactions.Remove(block);
            _recent[block.Hash] = new RecentEntry(block.Number, block.Header.ParentHash, entry.Address);
            Forget(_side.Add(block));
        }
    }

    private void Forget(IReadOnlyList<Hash256> side)
    {
        foreach (Hash256 hash in side) _recent.TryRemove(hash, out _);
    }

    /// <summary>Moves the hashes of blocks that are deep enough to the index.</summary>
    private void IndexOld(ulong head)
    {
        while (_indexed + _options.RecentBlocks <= head)
        {
            if (!TryGetCanonical(_indexed, out CanonicalEntry entry)) return;
            _blockIndex.Append(_indexed, [entry.Hash]);
            _recent.TryRemove(entry.Hash, out _);
            _indexed++;
        }
    }

    /// <inheritdoc/>
    public void Checkpoint()
    {
        Sync(); // the tables are durable when they are committed, and must not know more than the journal
        FrameAddress scan = _journal.End;
        ulong sections = Math.Min(_sections, _dirtyFrom / LogSections.Blocks);
        using (IWriteTransaction transaction = _tables.BeginWrite())
        {
            if (sections < _sections) ReopenSections(transaction, sections);
            for (ulong number = _dirtyFrom; number <= _head; number++)
            {
                _tables.PutCanonical(transaction, number, _canonical[number]);
                PutBloom(transaction, number, _blooms[number]);
            }

            for (ulong number = _head + 1; number <= _tablesTop; number++)
            {
                _tables.Delete(transaction, number);
            }

            while (((sections + 1) * LogSections.Blocks) + _options.SectionDepth <= _head) CompleteSection(transaction, sections++);
            _tables.ReplaceSide(transaction, _side.All.Select(hash => (hash, _recent[hash])));
            _tables.WriteCheckpoint(transaction, new TableCheckpoint(scan, _head, sections, _heads));
            transaction.Commit();
        }

        (_sections, _tablesTop, _dirtyFrom) = (sections, _head, _head + 1);
        _blooms.Clear();
        ulong keep = _head > _options.RecentBlocks ? _head - _options.RecentBlocks : 0;
        foreach (ulong number in _canonical.Keys)
        {
            if (number < keep) _canonical.TryRemove(number, out _);
        }

        _transactions.Prune(_head);
        (_movesSinceCheckpoint, _sizeAtCheckpoint) = (0, _journal.Size);
    }

    private void PutBloom(IWriteTransaction transaction, ulong number, Bloom bloom)
    {
        Span<byte> key = stackalloc byte[8];
        BlockTables.WriteKey(key, number);
        transaction.Put(_tables.Blooms, key, bloom.Equals(Bloom.Empty) ? default : bloom.Bytes);
    }

    /// <summary>Turns the filters of a section over.</summary>
    private void CompleteSection(IWriteTransaction transaction, ulong section)
    {
        var blooms = new Bloom?[LogSections.Blocks];
        Span<byte> key = stackalloc byte[8];
        for (int i = 0; i < blooms.Length; i++)
        {
            ulong number = (section * LogSections.Blocks) + (ulong)i;
            BlockTables.WriteKey(key, number);
            if (number < _genesis.Number) continue;
            if (number == _genesis.Number) blooms[i] = _genesis.Header.LogsBloom;
            else if (transaction.TryGet(_tables.Blooms, key, out ReadOnlySpan<byte> bytes)) blooms[i] = bytes.IsEmpty ? Bloom.Empty : Bloom.FromBytes(bytes);
            else blooms[i] = FindCanonicalHeader(number)?.LogsBloom ?? throw new InvalidOperationException($"block {number} is missing from a complete section");
            transaction.Delete(_tables.Blooms, key);
        }

        LogSections.Write(transaction, _tables.Bits, section, blooms);
    }

    /// <summary>A reorg reached into complete sections: their blocks below it get their filters back.</summary>
    private void ReopenSections(IWriteTransaction transaction, ulong section)
    {
        LogSections.DropFrom(transaction, _tables.Bits, section);
        for (ulong number = Math.Max(section * LogSections.Blocks, _genesis.Number + 1); number < _dirtyFrom && number <= _head; number++)
        {
            PutBloom(transaction, number, FindCanonicalHeader(number)!.LogsBloom);
        }
    }
}
