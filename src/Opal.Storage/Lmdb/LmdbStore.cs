using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using static Opal.Storage.LmdbNative;

namespace Opal.Storage;

/// <summary>
/// The durable store: LMDB, a copy-on-write B-tree in one memory-mapped file (<c>data.mdb</c>, beside <c>lock.mdb</c>). Nothing has to be recovered after a
/// crash: the newest whole commit is what opens.
/// </summary>
/// <remarks>
/// A span that it yields points into the map: it dies with its snapshot or, in a transaction, with the next write. A write transaction ends on the thread
/// that began it. The file never shrinks; a snapshot held for long makes it grow.
/// </remarks>
public sealed unsafe partial class LmdbStore : IKeyValueStore
{
    private const uint FileMode = 0x1A4; // rw-r--r--
    private const long SmallestMap = 1L << 20;
    private const int CachedReaders = 64;

    private static readonly HashSet<string> OpenStores = []; // one process must not map a store twice: closing one would drop the other's locks

    private readonly string _folder;
    private readonly LmdbOptions _options;
    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly ConcurrentDictionary<string, StoreTable> _tables = new();
    private readonly LmdbReader?[] _idle = new LmdbReader?[CachedReaders];
    private nint _environment;
    private bool _unsynced;

    private LmdbStore(string folder, LmdbOptions options)
    {
        _folder = folder;
        _options = options;
    }

    /// <summary>The file that holds the data.</summary>
    public string DataFile => Path.Combine(_folder, "data.mdb");

    /// <summary>Bytes of the data file, free pages among them.</summary>
    public long Size => File.Exists(DataFile) ? new FileInfo(DataFile).Length : 0;

    /// <summary>Opens a store, or makes one.</summary>
    /// <param name="folder">Made when there is none.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="StoreCorruptException">What is there is no store, or a damaged one.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="InvalidOperationException">This process has it open.</exception>
    public static LmdbStore Open(string folder, LmdbOptions? options = null)
    {
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        lock (OpenStores)
        {
            if (!OpenStores.Add(folder)) throw new InvalidOperationException($"{folder} is open in this process already");
        }

        var store = new LmdbStore(folder, options ?? new LmdbOptions());
        try
        {
            store.OpenEnvironment();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private void OpenEnvironment()
    {
        uint flags = NoTls;
        if (Size > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) flags |= NoReadAhead;
        byte[] path = Encoding.UTF8.GetBytes(_folder + '\0');
        for (_mapSize = Math.Max(_options.MapSize, SmallestMap); ; _mapSize /= 2)
        {
            nint environment;
            Check(mdb_env_create(&environment));
            _environment = environment;
            Check(mdb_env_set_maxdbs(environment, (uint)_options.MaxTables));
            Check(mdb_env_set_maxreaders(environment, (uint)_options.MaxSnapshots));
            Check(mdb_env_set_mapsize(environment, (nuint)_mapSize));
            int result;
            fixed (byte* name = path) result = mdb_env_open(environment, name, flags, FileMode);
            if (result == 0) break;
            mdb_env_close(environment); // also after a failed open, by its documentation
            _environment = 0;
            if (result != NoMemory || _mapSize / 2 < Math.Max(SmallestMap, Size)) Check(result);
        }

        _grows = _mapSize < LmdbOptions.LargestMap;
        int dead;
        Check(mdb_reader_check(_environment, &dead));
        FillUp();
    }

    // Pages beyond the end of the file (a file that was cut short) would kill the process when they are read; pages of zeros are an error with a name.
    private void FillUp()
    {
        EnvironmentInfo info;
        Statistics statistics;
        Check(mdb_env_info(_environment, &info));
        Check(mdb_env_stat(_environment, &statistics));
        _mapSize = (long)info.MapSize; // never below what the file needs
        long needed = ((long)info.LastPage + 1) * statistics.PageSize;
        if (Size >= needed) return;
        using FileStream file = new(DataFile, System.IO.FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(needed);
    }

    /// <inheritdoc/>
    public StoreTable Table(string name)
    {
        if (_tables.TryGetValue(name, out StoreTable known)) return known;
        _writer.Wait();
        try
        {
            if (_tables.TryGetValue(name, out known)) return known;
            ObjectDisposedException.ThrowIf(_environment == 0, this);
            nint transaction;
            Check(mdb_txn_begin(_environment, 0, 0, &transaction));
            uint handle;
            int result;
            fixed (byte* utf8 = Encoding.UTF8.GetBytes(name + '\0')) result = mdb_dbi_open(transaction, utf8, Create, &handle);
            if (result != 0)
            {
                mdb_txn_abort(transaction);
                Check(result);
            }

            Check(mdb_txn_commit(transaction));
            return _tables[name] = new StoreTable(handle);
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <inheritdoc/>
    public ISnapshot OpenSnapshot() => new LmdbSnapshot(this, Rent());

    /// <inheritdoc/>
    public IWriteTransaction BeginWrite()
    {
        _writer.Wait();
        try
        {
            ObjectDisposedException.ThrowIf(_environment == 0, this);
            if (_grows) GrowMap();
            nint transaction;
            Check(mdb_txn_begin(_environment, 0, 0, &transaction));
            return new LmdbTransaction(this, transaction);
        }
        catch
        {
            _writer.Release();
            throw;
        }
    }

    /// <summary>From now on commits are not synced: for bulk loads. A power cut before <see cref="EndUnsynced"/> may ruin the store, a crash of the process does not.</summary>
    public void BeginUnsynced() => SetUnsynced(true);

    /// <summary>Makes durable what was committed since <see cref="BeginUnsynced"/>; commits are synced again.</summary>
    public void EndUnsynced() => SetUnsynced(false);

    private void SetUnsynced(bool on)
    {
        _writer.Wait();
        try
        {
            ObjectDisposedException.ThrowIf(_environment == 0, this);
            if (!on) Check(mdb_env_sync(_environment, 1));
            Check(mdb_env_set_flags(_environment, NoSync, on ? 1 : 0));
            _unsynced = on;
        }
        finally
        {
            _writer.Release();
        }
    }

    internal void WriterIsDone() => _writer.Release();

    // ---- readers that wait for their next use ----

    private LmdbReader Rent()
    {
        ObjectDisposedException.ThrowIf(_environment == 0, this);
        if (_grows) EnterMap();
        try
        {
            int at = Thread.GetCurrentProcessorId() & (CachedReaders - 1);
            for (int i = 0; i < CachedReaders; i++, at = (at + 1) & (CachedReaders - 1))
            {
                if (_idle[at] is null || Interlocked.Exchange(ref _idle[at], null) is not { } idle) continue;
                idle.Renew();
                return idle;
            }

            nint transaction;
            Check(mdb_txn_begin(_environment, 0, ReadOnly, &transaction));
            return new LmdbReader(this, transaction);
        }
        catch
        {
            if (_grows) LeaveMap();
            throw;
        }
    }

    internal void Return(LmdbReader reader)
    {
        reader.Reset();
        if (_grows) LeaveMap();
        int at = Thread.GetCurrentProcessorId() & (CachedReaders - 1);
        for (int i = 0; i < CachedReaders; i++, at = (at + 1) & (CachedReaders - 1))
        {
            if (_idle[at] is null && Interlocked.CompareExchange(ref _idle[at], reader, null) is null) return;
        }

        reader.Close();
    }

    /// <summary>Closes the store; snapshots and the transaction have to be over.</summary>
    public void Dispose()
    {
        if (_environment != 0)
        {
            for (int i = 0; i < _idle.Length; i++) Interlocked.Exchange(ref _idle[i], null)?.Close();
            int result = _unsynced ? mdb_env_sync(_environment, 1) : 0;
            mdb_env_close(_environment);
            _environment = 0;
            _writer.Dispose();
            Forget();
            Check(result);
        }

        Forget();
    }

    private void Forget()
    {
        lock (OpenStores) OpenStores.Remove(_folder);
    }

    internal void Check(int result)
    {
        if (result != 0) Throw(result);
    }

    private void Throw(int result)
    {
        string words = $"{DataFile}: {Describe(result)}";
        throw result switch
        {
            MapFull => new IOException($"{words}: the address space set aside for the store ({_mapSize >> 20} MiB) is full; the transaction is undone, and the next one finds more"),
            NoSpace or QuotaExceeded => new IOException($"{words}: the disk is full; the transaction is undone and the store is as it was; make room"),
            IoError or FileTooBig => new IOException($"{words}: the write failed (a full disk, a limit on the size of files, or a failing disk); the transaction is undone and the store is as it was"),
            Panic => new IOException($"{words}: an earlier write failed half-way; start again, the newest whole commit is still there"),
            NoAccess or ReadOnlyFileSystem => new IOException($"{words}: the store has to be writable"),
            NoMemory => new IOException($"{words}: there is no address space left for the store; raise the limit (ulimit -v)"),
            Corrupted or PageNotFound => new StoreCorruptException($"{words}: the file is damaged; restore it from a backup, or remove the folder {_folder} and sync again"),
            Invalid => new StoreCorruptException($"{words}: this is no LMDB file, or its beginning is damaged; restore it from a backup, or remove the folder {_folder} and sync again"),
            VersionMismatch => new StoreCorruptException($"{words}: the file was written by another version of LMDB; use that one, or remove the folder {_folder} and sync again"),
            ReadersFull => new InvalidOperationException($"{words}: more than {_options.MaxSnapshots} snapshots are open at once"),
            TransactionFull => new InvalidOperationException($"{words}: the transaction changes too much; commit in smaller steps"),
            _ => result > 0 ? new IOException($"{words} ({result})") : new UnreachableException($"{words} ({result})"),
        };
    }
}
