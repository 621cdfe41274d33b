using Opal.State.Durable;
using Opal.Storage;

namespace Opal.State;

/// <content>Canonical layers go to disk.</content>
public sealed partial class DurableStateStore
{
    /// <summary>Held by the one who changes files; taken before <see cref="_gate"/>.</summary>
    private readonly Lock _flushing = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Thread _flusher;
    private volatile Exception? _fault;
    private long _canonicalBytes;

    private void ThrowFault()
    {
        switch (_fault)
        {
            case null: return;
            case StoreCorruptException fault: throw new StoreCorruptException(fault.Message, fault);
            case IOException fault: throw new IOException(fault.Message, fault);
            case { } fault: throw new InvalidOperationException($"the state could not be written: {fault.Message}", fault);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">A write failed before (a full disk). What is in memory and on disk is good; <see cref="Flush"/> tries again.</exception>
    /// <exception cref="InvalidOperationException">A block's state was not committed, or does not follow the one before.</exception>
    public void Advance(IReadOnlyList<BlockState> canonical)
    {
        ThrowFault();
        bool full;
        lock (_gate)
        {
            SetCanonical(canonical);
            if (_canonicalBytes < _options.LayerBudget && _canonical.Count < _options.MaxLayers) return;
            full = _canonicalBytes > 2 * _options.LayerBudget;
        }

        if (full) Flush();
        else if (_wake.CurrentCount == 0) _wake.Release();
    }

    private void SetCanonical(IReadOnlyList<BlockState> blocks)
    {
        int from = 0;
        if (_base.Block is { } top)
        {
            while (from < blocks.Count && blocks[from].Number <= top.Number && BlockAt(blocks[from].Number, top) is { } there && there.Hash == blocks[from].Hash) from++;
        }

        if (from == blocks.Count) return;
        int kept = 0;
        while (kept < _canonical.Count && _canonical[kept].Block.Number < blocks[from].Number) kept++;
        var next = _canonical.GetRange(0, kept);
        for (int i = from; i < blocks.Count; i++)
        {
            BlockState block = blocks[i];
            if (!_layers.TryGetValue(block.Hash, out StatePoint? point)) throw new InvalidOperationException($"the state of block {block.Number} ({block.Hash}) was not committed");
            Layer[] chain = point.Position!.Chain;
            if (chain.Length != next.Count + 1 || (next.Count > 0 && chain[^2] != next[^1].Layer)) throw new InvalidOperationException($"block {block.Number} ({block.Hash}) does not follow the canonical block before it");
            next.Add(point);
        }

        // between a flush of genesis and its leaving memory the layer is there, and so are the tables
        if (next[0].Position!.Anchor < 0 && _base.Block is { } held && BlockAt(next[0].Block.Number, held)?.Hash != next[0].Block.Hash) throw new InvalidOperationException("the store has another genesis block");
        _canonical.Clear();
        _canonical.AddRange(next);
        CountCanonical();
    }

    private void CountCanonical()
    {
        _canonicalBytes = 0;
        foreach (StatePoint point in _canonical) _canonicalBytes += point.Layer.Bytes;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">A write failed (a full disk). What is in memory and on disk is good, and the next call tries again.</exception>
    public void Flush()
    {
        lock (_flushing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            FlushAll();
        }
    }

    private void FlushAll()
    {
        try
        {
            while (TryFlushSome())
            {
                // the next transaction's worth
            }

            _fault = null;
        }
        catch (IOException fault)
        {
            _fault = new IOException($"the state of the blocks after {_base.Number} could not be written: {fault.Message}. Nothing is damaged: free space and start again, the blocks are executed again from the journal", fault);
            throw _fault;
        }
    }

    private void FlushLoop()
    {
        while (true)
        {
            _wake.Wait();
            if (_disposed) return;
            try
            {
                lock (_flushing)
                {
                    if (_disposed) return;
                    FlushAll();
                }
            }
            catch (Exception fault)
            {
                // whoever commits or advances next is told
                _fault ??= fault;
            }
        }
    }

    /// <summary>Writes some of the canonical layers; false when there are none.</summary>
    private bool TryFlushSome()
    {
        var batch = new List<StatePoint>();
        long anchor;
        lock (_gate)
        {
            if (_canonical.Count == 0) return false;
            anchor = _canonical[0].Position!.Anchor;
            long bytes = 0;
            foreach (StatePoint point in _canonical)
            {
                batch.Add(point);
                bytes += point.Layer.Bytes;
                if (anchor < 0 || bytes >= _options.TransactionBudget) break; // genesis has no history, so it goes alone
            }
        }

        if (anchor < _base.Number && !TryUnwind(anchor)) throw new StoreCorruptException($"block {batch[0].Block.Number} branches off below block {_base.Number}, and history does not reach back to there: remove the state directory and let the node build it again");
        Write(batch);
        return true;
    }

    private void Write(List<StatePoint> batch)
    {
        BaseState held = _base;
        var chain = new Layer[batch.Count];
        for (int i = 0; i < chain.Length; i++) chain[i] = batch[i].Layer;
        var writer = new FlushWriter(this, chain, held);
        BlockState top = batch[^1].Block;
        ulong id;
        try
        {
            if (held.Block is { } parent)
            {
                CutHistory(parent.Number); // what a failed attempt left
                if (_options.HistoryByLayer) writer.AppendHistoryByLayer(parent);
                else writer.AppendHistory(parent);
                FlatHistory.Sync();
                TrieHistory.Sync();
            }

            using IWriteTransaction transaction = _store.BeginWrite();
            writer.WriteTables(transaction);
            Schema.WriteState(transaction, top, held.Timeline);
            id = transaction.Commit();
        }
        catch (Exception)
        {
            if (held.Block is { } block) TryCutHistory(block.Number);
            throw;
        }

        _base = new BaseState(top, held.Timeline, id);
        lock (_gate) DropFlushed(chain, top);
        Prune(top.Number);
    }

    private void CutHistory(ulong number)
    {
        if (FlatHistory.First != FlatHistory.Next && FlatHistory.Next > number + 1) FlatHistory.TruncateAfter(number);
        if (TrieHistory.First != TrieHistory.Next && TrieHistory.Next > number + 1) TrieHistory.TruncateAfter(number);
    }

    private void TryCutHistory(ulong number)
    {
        try
        {
            CutHistory(number);
        }
        catch (IOException)
        {
            // the failure that led here is the one to tell; the next attempt, or the next start, cuts
        }
    }

    /// <summary>Moves the states of flushed layers, and of those above them, from memory to the tables. Under the gate.</summary>
    private void DropFlushed(Layer[] chain, in BlockState top)
    {
        ulong timeline = _base.Timeline;
        foreach (StatePoint point in _order)
        {
            Position position = point.Position!;
            int common = 0;
            while (common < chain.Length && common < position.Chain.Length && position.Chain[common] == chain[common]) common++;
            if (common > 0) point.Position = new Position(position.Chain[common..], (long)chain[common - 1].Block.Number, timeline);
        }

        _canonical.RemoveAll(point => !point.IsLayer); // it may have become another chain meanwhile
        foreach (Layer layer in chain)
        {
            _layers.TryRemove(layer.Block.Hash, out _);
            _codes.Remove(layer);
        }

        _order.RemoveAll(point => !point.IsLayer);
        DropForks(top.Number);
        Remap();
    }

    /// <summary>Drops branches that have long been left behind: a branch is all layers on the same lowest one. Under the gate.</summary>
    private void DropForks(ulong number)
    {
        var highest = new Dictionary<Layer, ulong>();
        foreach (StatePoint point in _order)
        {
            Layer lowest = point.Position!.Chain[0];
            ulong height = point.Sequence > _dropSequence ? ulong.MaxValue : point.Block.Number; // a branch that grows is not left behind
            highest[lowest] = Math.Max(highest.GetValueOrDefault(lowest), height);
        }

        _dropSequence = _sequence;

        foreach (StatePoint canonical in _canonical) highest[canonical.Position!.Chain[0]] = ulong.MaxValue;
        Drop(point => highest[point.Position!.Chain[0]] < number && number - highest[point.Position!.Chain[0]] >= _options.KeptForks);
    }

    /// <summary>Drops layers; the map must be made anew then. Under the gate.</summary>
    private void Drop(Predicate<StatePoint> which)
    {
        var dropped = new List<StatePoint>();
        foreach (StatePoint point in _order)
        {
            if (which(point)) dropped.Add(point);
        }

        if (dropped.Count == 0) return;
        foreach (StatePoint point in dropped)
        {
            Layer layer = point.Layer;
            point.Position = null;
            _layers.TryRemove(point.Block.Hash, out _);
            _codes.Remove(layer);
        }

        _order.RemoveAll(point => point.Position is null);
        _canonical.RemoveAll(point => point.Position is null);
    }

    /// <summary>Makes the version map of the layers that are left. Under the gate, after their positions were set.</summary>
    private void Remap()
    {
        var layers = new List<Layer>(_order.Count);
        long bytes = 0;
        foreach (StatePoint point in _order)
        {
            layers.Add(point.Layer);
            bytes += point.Layer.Bytes;
        }

        _map = VersionMap.Of(layers);
        Volatile.Write(ref _layerBytes, bytes);
        CountCanonical();
    }

    private void Prune(ulong number)
    {
        lock (_gate)
        {
            PruneHistory(FlatHistory, ref _flatFloor, number, _options.StateHistory);
            PruneHistory(TrieHistory, ref _trieFloor, number, _options.ProofHistory);
        }
    }

    private static void PruneHistory(IHistoryLog log, ref ulong floor, ulong number, ulong window)
    {
        if (window == 0 || number <= window) return;
        ulong lowest = number - window + 1;
        if (lowest <= log.First) return;
        Volatile.Write(ref floor, lowest);
        log.PruneBefore(lowest);
    }

    /// <summary>Writes what <see cref="Advance"/> was told, and ends. Views must not be read any more.</summary>
    /// <exception cref="IOException">The last write failed; what is on disk is good.</exception>
    public void Dispose()
    {
        lock (_flushing)
        {
            if (_disposed) return;
            try
            {
                FlushAll();
            }
            finally
            {
                _disposed = true;
            }
        }

        StopFlusher();
    }

    /// <summary>Ends as a crash would: nothing is written.</summary>
    internal void Abandon()
    {
        lock (_flushing) _disposed = true;
        StopFlusher();
    }

    private void StopFlusher()
    {
        _wake.Release();
        _flusher.Join();
        _wake.Dispose();
    }
}
