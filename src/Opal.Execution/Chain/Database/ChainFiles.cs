using Microsoft.Extensions.Logging;
using Opal.State;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>Where things are in a client's directory, and how they are opened.</summary>
/// <param name="directory"><c>DATADIR/geth</c>.</param>
/// <param name="logger">Told what opening had to mend (the torn end of a log after a crash, say), and what fails in the background.</param>
internal sealed class ChainFiles(string directory, ILogger logger)
{
    private const long JournalFileSize = 256L << 20;

    /// <summary>The tables of the latest state.</summary>
    public string State => Path.Combine(directory, "state");

    /// <summary>Blocks and fork choices.</summary>
    public string Journal => Path.Combine(directory, "journal");

    /// <summary>Which blocks are canonical, and the log index.</summary>
    public string Blocks => Path.Combine(directory, "blocks");

    /// <summary>What accounts and slots held before.</summary>
    public string FlatHistory => Path.Combine(directory, "history", "flat");

    /// <summary>What branch records held before.</summary>
    public string TrieHistory => Path.Combine(directory, "history", "trie");

    /// <summary>Block hashes.</summary>
    public string BlockIndex => Path.Combine(directory, "index", "block");

    /// <summary>Transaction hashes.</summary>
    public string TransactionIndex => Path.Combine(directory, "index", "tx");

    /// <summary>How far the background check of the state is.</summary>
    public string StateCheckNote => Path.Combine(directory, "state.check");

    /// <summary>Opens the tables of the state, or makes them. A genesis state that was not written to its end is dropped: the client writes it again.</summary>
    public LmdbStore OpenState()
    {
        LmdbStore store = LmdbStore.Open(State);
        try
        {
            if (!DurableStateStore.IsHalfLoaded(store)) return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }

        store.Dispose();
        Report($"the genesis state in {State} was not written to its end; it is written anew");
        Directory.Delete(State, recursive: true);
        return LmdbStore.Open(State);
    }

    /// <summary>Opens the history of accounts and slots, or makes one.</summary>
    public IHistoryLog OpenFlatHistory() => FileHistoryLog.Open(FlatHistory, new FileHistoryOptions { Report = Report });

    /// <summary>Opens the history of branch records, or makes one. Nobody asks for a neighbour in it, so it keeps no order of keys; segments that do are good too.</summary>
    public IHistoryLog OpenTrieHistory() => FileHistoryLog.Open(TrieHistory, new FileHistoryOptions { Ordered = false, Report = Report });

    /// <summary>Tells the operator what a part of the store did about its files.</summary>
    public void Report(string sentence) => logger.LogWarning("Store: {What}", sentence);

    /// <summary>Opens the blocks, or makes an empty store.</summary>
    public JournalBlockStore OpenBlocks(JournalOptions options)
    {
        List<IDisposable> opened = [];
        T Own<T>(T part) where T : IDisposable
        {
            opened.Add(part);
            return part;
        }

        try
        {
            return new JournalBlockStore(
                Own(FileFrameLog.Open(Journal, new FileFrameLogOptions { MaxFileSize = JournalFileSize, Report = Report })), Own(LmdbStore.Open(Blocks)),
                Own(FileHashIndex.Open(BlockIndex, new FileHashIndexOptions { Report = Report })), Own(FileHashIndex.Open(TransactionIndex, new FileHashIndexOptions { Report = Report })),
                options, logger);
        }
        catch
        {
            foreach (IDisposable part in opened) part.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of all files below a path.</summary>
    public static long SizeOf(string path) => Directory.Exists(path) ? new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length) : 0;
}
