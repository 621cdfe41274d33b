using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Node;

/// <summary>
/// What a rollup node keeps on disk: safe heads by L1 block, and derivation snapshots. Written beside the driver's loop, which never waits for a disk;
/// a snapshot is written after the safe heads that belong to it, so that what a restart resumes from is never ahead of them.
/// </summary>
public sealed class NodeFiles : IAsyncDisposable
{
    private readonly FileStream _lock;
    private readonly LmdbStore _store;
    private readonly SafeHeadDatabase _safeHeads;
    private readonly SnapshotFolder _folder;
    private readonly ILogger _logger;
    private readonly Channel<DerivationSnapshot> _toWrite = Channel.CreateBounded<DerivationSnapshot>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly Task _writing;
    private bool _failed;
    private volatile bool _abandoned;

    private NodeFiles(FileStream exclusive, LmdbStore store, SnapshotFolder folder, ILogger logger)
    {
        (_lock, _store, _folder, _logger) = (exclusive, store, folder, logger);
        _safeHeads = new SafeHeadDatabase(store);
        Snapshots = new SnapshotHistory();
        Snapshots.Load(folder.Read());
        Snapshots.Recorded = snapshot => _toWrite.Writer.TryWrite(snapshot);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Safe heads by L1 block.</summary>
    public ISafeHeads SafeHeads => _safeHeads;

    /// <summary>Derivation snapshots.</summary>
    public SnapshotHistory Snapshots { get; }

    /// <summary>Opens the files, or makes them.</summary>
    /// <param name="directory">The node's folder.</param>
    /// <param name="safeHeadFolder">Where the safe heads lie; null is in the node's folder.</param>
    /// <param name="rollup">The rollup.</param>
    /// <param name="logger">Told of disks that fail.</param>
    /// <exception cref="IOException">The folder cannot be used, or another node uses it.</exception>
    /// <exception cref="StoreCorruptException">The safe heads are damaged.</exception>
    public static NodeFiles Open(string directory, string? safeHeadFolder, RollupConfig rollup, ILogger logger)
    {
        Directory.CreateDirectory(directory);
        FileStream exclusive = Lock(directory);
        LmdbStore? store = null;
        try
        {
            store = LmdbStore.Open(safeHeadFolder ?? Path.Combine(directory, "safeheads"), new LmdbOptions { MapSize = 1L << 34, MaxTables = 4 });
            return new NodeFiles(exclusive, store, new SnapshotFolder(Path.Combine(directory, "derivation"), rollup), logger);
        }
        catch
        {
            store?.Dispose();
            exclusive.Dispose();
            throw;
        }
    }

    private static FileStream Lock(string directory)
    {
        string path = Path.Combine(directory, "LOCK");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new IOException($"{directory} is used by another rollup node; stop it, or give this one a folder of its own (--datadir)", error);
        }
    }

    private async Task WriteAsync()
    {
        await foreach (DerivationSnapshot snapshot in _toWrite.Reader.ReadAllAsync())
        {
            Write(snapshot);
        }

        Write(null);
    }

    private void Write(DerivationSnapshot? snapshot)
    {
        if (_abandoned) return;
        try
        {
            _safeHeads.Commit();
            if (snapshot is not null) _folder.Write(snapshot);
            if (_failed) _logger.LogInformation("Safe heads and derivation snapshots can be written again");
            _failed = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // derivation does not need them: a restart will take longer, and safe heads are written as soon as the disk takes them
            if (!_failed) _logger.LogError("Safe heads and derivation snapshots cannot be written: {Reason}", error.Message);
            _failed = true;
        }
    }

    /// <summary>What is pending is never written: as if the process were killed now.</summary>
    internal void Abandon() => _abandoned = true;

    /// <summary>Writes what is pending, and closes the files. The driver must have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        _toWrite.Writer.TryComplete();
        await _writing;
        _store.Dispose();
        _lock.Dispose();
    }
}
