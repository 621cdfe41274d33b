using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>Where canonical transactions are: those of the newest blocks in memory, older ones in an index on disk that keeps fingerprints. Whoever asks looks at the place.</summary>
/// <remarks>After a restart the index may lack its newest blocks; they are read again in the background, and whoever asks before waits for that.</remarks>
internal sealed class TransactionPlaces(IHashIndex index, ulong window, ulong history, ILogger logger) : IDisposable
{
    private readonly ConcurrentDictionary<Hash256, HashPlace> _recent = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _catchUp = Task.CompletedTask;
    private ulong _next; // canonical blocks below it are in the index, the others in memory

    /// <summary>Bytes on disk.</summary>
    public long Size => index.Size;

    /// <summary>Begins with a chain.</summary>
    /// <param name="first">The number of the first block that may have transactions.</param>
    /// <param name="head">The head's number.</param>
    /// <param name="same">The highest block that is certainly the one that was canonical when the index was written.</param>
    /// <param name="read">Reads a canonical block.</param>
    public void Open(ulong first, ulong head, ulong same, Func<ulong, ExecutedBlock?> read)
    {
        if (index.Next > same + 1) index.TruncateAfter(same);
        _next = Math.Max(index.Next, first);
        if (history != 0 && head > history) _next = Math.Max(_next, head - history);
        _catchUp = Task.Run(() => CatchUp(head, read));
    }

    private void CatchUp(ulong head, Func<ulong, ExecutedBlock?> read)
    {
        try
        {
            for (ulong number = _next; number <= head && !_stopping.IsCancellationRequested; number++)
            {
                if (read(number) is not { } block) return; // the chain was shortened meanwhile
                Add(block);
                Settle(head, read);
            }
        }
        catch (Exception error)
        {
            logger.LogError(error, "The index of transactions could not be brought up to date");
            throw;
        }
    }

    /// <summary>Notes the transactions of a block that became canonical.</summary>
    public void Add(ExecutedBlock block)
    {
        for (int i = 0; i < block.Transactions.Count; i++) _recent[block.Transactions[i].Hash] = new HashPlace(block.Number, (uint)i);
    }

    /// <summary>Forgets those of a block that is not canonical any more.</summary>
    public void Remove(ExecutedBlock block)
    {
        for (int i = 0; i < block.Transactions.Count; i++) _recent.TryRemove(new KeyValuePair<Hash256, HashPlace>(block.Transactions[i].Hash, new HashPlace(block.Number, (uint)i)));
    }

    /// <summary>The chain was cut behind a block: later ones leave the index.</summary>
    public void CutAfter(ulong number)
    {
        if (!_catchUp.IsCompleted) _catchUp.Wait();
        if (_next <= number + 1) return;
        index.TruncateAfter(number);
        _next = number + 1;
    }

    /// <summary>Moves blocks that are deep enough to the index.</summary>
    public void Advance(ulong head, Func<ulong, ExecutedBlock?> read)
    {
        if (_catchUp.IsCompleted) Settle(head, read);
    }

    private void Settle(ulong head, Func<ulong, ExecutedBlock?> read)
    {
        while (_next + window <= head)
        {
            if (read(_next) is not { } block) return;
            var hashes = new Hash256[block.Transactions.Count];
            for (int i = 0; i < hashes.Length; i++) hashes[i] = block.Transactions[i].Hash;
            index.Append(_next, hashes);
            Remove(block);
            _next++;
        }
    }

    /// <summary>Drops what is older than the history to keep.</summary>
    public void Prune(ulong head)
    {
        if (_catchUp.IsCompleted && history != 0 && head > history) index.PruneBefore(head - history);
    }

    /// <summary>A canonical transaction.</summary>
    /// <param name="hash">Its hash.</param>
    /// <param name="read">Reads a canonical block.</param>
    /// <param name="location">Where it is.</param>
    public bool TryFind(in Hash256 hash, Func<ulong, ExecutedBlock?> read, out TransactionLocation location)
    {
        if (_recent.TryGetValue(hash, out HashPlace place) && TryLook(hash, place, read, out location)) return true;
        if (!_catchUp.IsCompletedSuccessfully)
        {
            _catchUp.GetAwaiter().GetResult();
            if (_recent.TryGetValue(hash, out place) && TryLook(hash, place, read, out location)) return true;
        }

        List<HashPlace> places = [];
        index.Find(hash, places);
        foreach (HashPlace candidate in places)
        {
            if (TryLook(hash, candidate, read, out location)) return true;
        }

        // it may have moved from memory to the index, or by a reorg, between the two looks
        location = default;
        return _recent.TryGetValue(hash, out place) && TryLook(hash, place, read, out location);
    }

    private static bool TryLook(in Hash256 hash, HashPlace place, Func<ulong, ExecutedBlock?> read, out TransactionLocation location)
    {
        location = default;
        if (read(place.Block) is not { } block || place.Position >= (uint)block.Transactions.Count || block.Transactions[(int)place.Position].Hash != hash) return false;
        location = new TransactionLocation(block, (int)place.Position);
        return true;
    }

    public void Dispose()
    {
        _stopping.Cancel();
        ((IAsyncResult)_catchUp).AsyncWaitHandle.WaitOne();
        _stopping.Dispose();
        index.Dispose();
    }
}
