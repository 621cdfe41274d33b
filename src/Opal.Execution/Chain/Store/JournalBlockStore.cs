using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>
/// Blocks on disk: an append-only journal of blocks and fork choices, tables that say which blocks are canonical, and indexes of block and
/// transaction hashes. Only the newest blocks' places, and a bounded number of decoded blocks, are in memory.
/// </summary>
/// <remarks>
/// The journal is the truth; the tables are brought up to date with it now and then (<see cref="Checkpoint"/>), and a restart reads only what was
/// written after that. A block is durable when <see cref="Add"/> returns, the safe and finalized heads when <see cref="WriteHeads"/> does; a move of
/// the head alone may be lost with the power, and then the head is an older one.
/// </remarks>
public sealed partial class JournalBlockStore : IBlockStore
{
    private const byte BlockFrame = 1, HeadsFrame = 2;

    private readonly IFrameLog _journal;
    private readonly BlockTables _tables;
    private readonly IHashIndex _blockIndex;
    private readonly TransactionPlaces _transactions;
    private readonly JournalOptions _options;
    private readonly ILogger _logger;
    private readonly BlockCache _cache;
    private readonly SideBlocks _side;
    private readonly RlpWriter _writer = new(1 << 16);

    /// <summary>Canonical entries that are not in the tables yet, and the newest ones that are.</summary>
    private readonly ConcurrentDictionary<ulong, CanonicalEntry> _canonical = new();

    /// <summary>All blocks not below <see cref="_indexed"/>, and those that are not canonical.</summary>
    private readonly ConcurrentDictionary<Hash256, RecentEntry> _recent = new();

    /// <summary>Log filters of canonical blocks that are not in the tables yet.</summary>
    private readonly ConcurrentDictionary<ulong, Bloom> _blooms = new();

    private ExecutedBlock _genesis = null!;
    private StoredHeads _heads;
    private ulong _head;        // no block above it is canonical, whatever the tables say
    private ulong _indexed;     // canonical blocks below it are found through the index
    private ulong _dirtyFrom;   // entries from here on are not in the tables
    private ulong _tablesTop;   // the highest number in the tables
    private ulong _sections;    // log sections below it are complete
    private bool _unsynced;
    private int _movesSinceCheckpoint;
    private long _sizeAtCheckpoint;

    /// <param name="journal">The journal.</param>
    /// <param name="tables">A store of its own for the tables.</param>
    /// <param name="blockIndex">Block hashes.</param>
    /// <param name="transactionIndex">Transaction hashes.</param>
    /// <param name="options">Limits.</param>
    /// <param name="logger">Where it says what it found at the start.</param>
    public JournalBlockStore(IFrameLog journal, IKeyValueStore tables, IHashIndex blockIndex, IHashIndex transactionIndex, JournalOptions options, ILogger logger)
    {
        _journal = journal;
        _tables = new BlockTables(tables);
        _blockIndex = blockIndex;
        _options = options;
        _logger = logger;
        _transactions = new TransactionPlaces(transactionIndex, options.RecentTransactionBlocks, options.TransactionHistory, logger);
        _cache = new BlockCache(options.CachedBlocks, options.CachedBytes);
        _side = new SideBlocks(options.MaxSideBlocks);
    }

    /// <inheritdoc/>
    public bool IsDurable => true;

    /// <inheritdoc/>
    public ulong OldestBlock => _genesis.Number;

    /// <summary>Bytes on disk: journal, index of blocks, index of transactions.</summary>
    public (long Journal, long BlockIndex, long TransactionIndex) Sizes => (_journal.Size, _blockIndex.Size, _transactions.Size);

    /// <inheritdoc/>
    public ExecutedBlock? Find(in Hash256 hash)
    {
        if (hash == _genesis.Hash) return _genesis;
        if (_cache.Find(hash) is { } cached) return cached;
        return TryLocate(hash, out FrameAddress address) ? Load(hash, address) : null;
    }

    /// <inheritdoc/>
    public BlockHeader? FindHeader(in Hash256 hash)
    {
        if (hash == _genesis.Hash) return _genesis.Header;
        if (_cache.Find(hash) is { } cached) return cached.Header;
        return TryLocate(hash, out FrameAddress address) ? BlockCodec.ReadHeader(_journal.Read(address), hash) : null;
    }

    private ExecutedBlock Load(in Hash256 hash, FrameAddress address)
    {
        Frame frame = _journal.Read(address);
        return _cache.Add(BlockCodec.Read(frame, hash), frame.Payload.Length);
    }

    /// <summary>Finds a block's frame. The index answers candidates; the canonical entry of each says whether it is the one.</summary>
    private bool TryLocate(in Hash256 hash, out FrameAddress address)
    {
        address = default;
        if (_recent.TryGetValue(hash, out RecentEntry recent))
        {
            address = recent.Address;
            return true;
        }

        List<HashPlace> places = [];
        _blockIndex.Find(hash, places);
        foreach (HashPlace place in places)
        {
            if (!TryGetCanonical(place.Block, out CanonicalEntry entry) || entry.Hash != hash) continue;
            address = entry.Address;
            return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public bool TryGetParent(in Hash256 hash, out Hash256 parent)
    {
        bool found = _recent.TryGetValue(hash, out RecentEntry entry);
        parent = found ? entry.Parent : default;
        return found;
    }

    /// <summary>An entry of the canonical chain above genesis.</summary>
    private bool TryGetCanonical(ulong number, out CanonicalEntry entry)
    {
        entry = default;
        if (number <= _genesis.Number || number > Volatile.Read(ref _head)) return false;
        return _canonical.TryGetValue(number, out entry) || _tables.TryGetCanonical(number, out entry);
    }

    /// <inheritdoc/>
    public ExecutedBlock? FindCanonical(ulong number)
    {
        if (number == _genesis.Number) return _genesis;
        if (!TryGetCanonical(number, out CanonicalEntry entry)) return null;
        return _cache.Find(entry.Hash) ?? Load(entry.Hash, entry.Address);
    }

    /// <inheritdoc/>
    public BlockHeader? FindCanonicalHeader(ulong number)
    {
        if (number == _genesis.Number) return _genesis.Header;
        if (!TryGetCanonical(number, out CanonicalEntry entry)) return null;
        return _cache.Find(entry.Hash)?.Header ?? BlockCodec.ReadHeader(_journal.Read(entry.Address), entry.Hash);
    }

    /// <inheritdoc/>
    public bool TryGetCanonicalHash(ulong number, out Hash256 hash)
    {
        if (number == _genesis.Number)
        {
            hash = _genesis.Hash;
            return true;
        }

        bool found = TryGetCanonical(number, out CanonicalEntry entry);
        hash = entry.Hash;
        return found;
    }

    /// <inheritdoc/>
    public bool TryFindTransaction(in Hash256 hash, out TransactionLocation location) => _transactions.TryFind(hash, FindCanonical, out location);

    /// <inheritdoc/>
    public IEnumerable<ulong> BlocksThatMayMatch(ulong from, ulong to, LogCriteria criteria)
    {
        BloomQuery query = BloomQuery.Of(criteria);
        to = Math.Min(to, Volatile.Read(ref _head));
        for (ulong number = Math.Max(from, _genesis.Number); number <= to;)
        {
            // one short snapshot a section: the caller may take long between two blocks
            ulong section = number / LogSections.Blocks, end = Math.Min(to, (section * LogSections.Blocks) + (LogSections.Blocks - 1));
            foreach (ulong candidate in MatchSection(section, number, end, query, criteria)) yield return candidate;
            number = end + 1;
        }
    }

    private List<ulong> MatchSection(ulong section, ulong from, ulong to, BloomQuery query, LogCriteria criteria)
    {
        List<ulong> found = [];
        using ISnapshot snapshot = _tables.OpenSnapshot();
        bool complete = _tables.ReadCheckpoint(snapshot) is { } checkpoint && section < checkpoint.Sections;
        ulong[] bits = complete ? LogSections.Match(snapshot, _tables.Bits, section, query) : [];
        Span<byte> key = stackalloc byte[8];
        for (ulong number = from; number <= to; number++)
        {
            bool may;
            if (_blooms.TryGetValue(number, out Bloom? bloom))
            {
                may = criteria.MayMatch(bloom);
            }
            else if (complete)
            {
                int at = (int)(number % LogSections.Blocks);
                may = (bits[at >> 6] & (1UL << (at & 63))) != 0;
            }
            else
            {
                // without a filter the block itself is looked at
                BlockTables.WriteKey(key, number);
                may = !snapshot.TryGet(_tables.Blooms, key, out ReadOnlySpan<byte> stored) || criteria.MayMatch(stored.IsEmpty ? Bloom.Empty : Bloom.FromBytes(stored));
            }

            if (may) found.Add(number);
        }

        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _transactions.Dispose();
        _blockIndex.Dispose();
        _journal.Dispose();
        _tables.Dispose();
    }
}
