using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Storage;

namespace Opal.Execution;

public static partial class ChainDatabase
{
    /// <summary>What a data directory holds (<c>opal db stats</c>).</summary>
    /// <exception cref="ChainDatabaseException">The directory holds no chain, or is in use.</exception>
    /// <exception cref="StoreCorruptException">A file is damaged.</exception>
    public static DatabaseStatistics Statistics(string dataDirectory)
    {
        using OpenDatabase database = OpenDatabase.Open(dataDirectory, NullLogger.Instance);
        ChainFiles files = database.Files;
        return new DatabaseStatistics(
            database.Identity.ChainId, database.Identity.Schema, database.Heads.Head.Id, database.Heads.Safe?.Id, database.Heads.Finalized?.Id,
            database.States.Persisted is { } persisted ? new BlockId(persisted.Hash, persisted.Number) : null, database.States.OldestState, database.States.OldestProof,
            [
                ("state", ChainFiles.SizeOf(files.State)), ("journal", ChainFiles.SizeOf(files.Journal)), ("blocks", ChainFiles.SizeOf(files.Blocks)),
                ("history/flat", ChainFiles.SizeOf(files.FlatHistory)), ("history/trie", ChainFiles.SizeOf(files.TrieHistory)),
                ("index/block", ChainFiles.SizeOf(files.BlockIndex)), ("index/tx", ChainFiles.SizeOf(files.TransactionIndex)),
            ]);
    }

    /// <summary>Reads every canonical block and every row of the state, and checks that they fit together (<c>opal db verify</c>).</summary>
    /// <param name="dataDirectory">DATADIR.</param>
    /// <param name="progress">Told now and then.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ChainDatabaseException">The directory holds no chain, or is in use.</exception>
    /// <exception cref="StoreCorruptException">Something does not fit; the message says what, and what to do.</exception>
    public static VerifyProgress Verify(string dataDirectory, Action<VerifyProgress>? progress = null, CancellationToken cancellation = default)
    {
        using OpenDatabase database = OpenDatabase.Open(dataDirectory, NullLogger.Instance, checkFiles: true, cancellation: cancellation);
        JournalBlockStore blocks = database.Blocks;
        Hash256 parent = database.Genesis.Hash;
        var done = new VerifyProgress(0, database.Heads.Head.Number - database.Genesis.Number, 0);
        for (ulong number = database.Genesis.Number + 1; number <= database.Heads.Head.Number; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            ExecutedBlock block = blocks.FindCanonical(number) ?? throw Damaged($"block {number} is missing, and the head is {database.Heads.Head.Number}");
            if (block.Header.ParentHash != parent || block.Number != number) throw Damaged($"block {number} {block.Hash} does not follow {parent}");
            if (block.Receipts.Count != block.Transactions.Count) throw Damaged($"block {number} {block.Hash} has {block.Transactions.Count} transactions and {block.Receipts.Count} receipts");
            if (BodyRoots.OfTransactions(block.Block.Transactions) != block.Header.TransactionsRoot) throw Damaged($"the transactions of block {number} {block.Hash} are not those of its header");
            if (blocks.Find(block.Hash) is null) throw Damaged($"block {number} is not found by its hash {block.Hash}");
            parent = block.Hash;
            done = done with { Blocks = done.Blocks + 1 };
            if (done.Blocks % 1024 == 0) progress?.Invoke(done);
        }

        if (database.States.Persisted is { } persisted && blocks.FindCanonicalHeader(persisted.Number) is { } header && header.Hash == persisted.Hash && header.StateRoot != persisted.Root)
        {
            throw Damaged($"the state on disk has the root {persisted.Root}, and its block {persisted.Number} has {header.StateRoot}");
        }

        StateRowCount rows = database.States.VerifyAll(count => progress?.Invoke(done with { StateRows = count.Total }), cancellation);
        return done with { StateRows = rows.Total };
    }

    private static StoreCorruptException Damaged(string problem) => new($"{problem}; restore the data directory from a backup, or remove it with `opal geth removedb` and sync again");

    /// <summary>Drops history that is older than what is to be kept, by whole files: some more may stay (<c>opal db prune</c>).</summary>
    /// <param name="dataDirectory">DATADIR.</param>
    /// <param name="stateHistory">Blocks behind the state on disk whose state stays readable and provable; 0 keeps all.</param>
    /// <param name="transactionHistory">Blocks behind the head whose transactions stay found by hash; 0 keeps all.</param>
    /// <returns>Bytes that became free.</returns>
    /// <exception cref="ChainDatabaseException">The directory holds no chain, or is in use.</exception>
    public static long Prune(string dataDirectory, ulong stateHistory, ulong transactionHistory)
    {
        string directory = DirectoryOf(dataDirectory);
        long before = ChainFiles.SizeOf(directory);
        using (OpenDatabase database = OpenDatabase.Open(dataDirectory, NullLogger.Instance, transactionHistory))
        {
            if (stateHistory != 0 && database.States.Persisted is { } persisted && persisted.Number > stateHistory)
            {
                database.FlatHistory.PruneBefore(persisted.Number - stateHistory + 1);
                database.TrieHistory.PruneBefore(persisted.Number - stateHistory + 1);
            }

            database.Blocks.Checkpoint();
        }

        return Math.Max(0, before - ChainFiles.SizeOf(directory));
    }

    /// <summary>Number and timestamp of the head.</summary>
    private static (ulong Number, ulong Time) HeadOf(string directory, BlockHeader genesis)
    {
        var files = new ChainFiles(directory, NullLogger.Instance);
        if (!Directory.Exists(files.Journal)) return (genesis.Number, genesis.Timestamp);
        using JournalBlockStore blocks = files.OpenBlocks(new JournalOptions());
        BlockHeader head = blocks.Open(new ExecutedBlock(new Block { Header = genesis, Withdrawals = genesis.WithdrawalsRoot is null ? null : [] }, [])).Head.Header;
        return (head.Number, head.Timestamp);
    }

    /// <summary>A directory opened without a client.</summary>
    private sealed class OpenDatabase : IDisposable
    {
        private readonly List<IDisposable> _opened = [];

        public required DatabaseIdentity Identity { get; init; }

        public required ChainFiles Files { get; init; }

        public required ExecutedBlock Genesis { get; init; }

        public IHistoryLog FlatHistory { get; private set; } = null!;

        public IHistoryLog TrieHistory { get; private set; } = null!;

        public DurableStateStore States { get; private set; } = null!;

        public JournalBlockStore Blocks { get; private set; } = null!;

        public ChainHeads Heads { get; private set; } = null!;

        public static OpenDatabase Open(string dataDirectory, ILogger logger, ulong transactionHistory = 0, bool checkFiles = false, CancellationToken cancellation = default)
        {
            string directory = DirectoryOf(dataDirectory);
            if (!Directory.Exists(directory)) throw new ChainDatabaseException($"there is no chain in {dataDirectory}; give the directory with --datadir, or make one with `opal geth init`");
            DirectoryLock held = DirectoryLock.Take(directory);
            try
            {
                if (DatabaseIdentity.Read(directory) is not { } identity || !TryReadGenesis(dataDirectory, out byte[]? json))
                {
                    throw new ChainDatabaseException($"there is no chain in {directory}; give the directory with --datadir, or make one with `opal geth init`");
                }

                identity.RequireCurrentSchema(directory);
                ChainGenesis chain = GenesisFile.Parse(Path.Combine(directory, GenesisName), json);
                BlockHeader header = chain.Genesis.MakeHeader(chain.Spec);
                var database = new OpenDatabase
                {
                    Identity = identity,
                    Files = new ChainFiles(directory, logger),
                    Genesis = new ExecutedBlock(new Block { Header = header, Withdrawals = header.WithdrawalsRoot is null ? null : [] }, []),
                };
                database._opened.Add(held);
                if (checkFiles) database.CheckFiles(cancellation);
                database.OpenParts(transactionHistory);
                return database;
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }

        /// <summary>The databases trust their pages: they are checked before anything reads through them.</summary>
        private void CheckFiles(CancellationToken cancellation)
        {
            foreach (string folder in (string[])[Files.State, Files.Blocks])
            {
                if (Directory.Exists(folder)) LmdbFile.Verify(folder, cancellation);
            }
        }

        private void OpenParts(ulong transactionHistory)
        {
            try
            {
                LmdbStore store = Own(Files.OpenState());
                FlatHistory = Own(Files.OpenFlatHistory());
                TrieHistory = Own(Files.OpenTrieHistory());
                States = Own(DurableStateStore.Open(store, FlatHistory, TrieHistory, new DurableStateOptions { Report = Files.Report }));
                Blocks = Own(Files.OpenBlocks(new JournalOptions { TransactionHistory = transactionHistory }));
                Heads = Blocks.Open(Genesis);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        private T Own<T>(T part) where T : IDisposable
        {
            _opened.Add(part);
            return part;
        }

        public void Dispose()
        {
            for (int i = _opened.Count - 1; i >= 0; i--) _opened[i].Dispose();
            _opened.Clear();
        }
    }
}
