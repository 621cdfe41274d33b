using Microsoft.Extensions.Logging;
using Opal.Protocol;
using Opal.State;
using Opal.Storage;

namespace Opal.Execution;

internal sealed partial class ChainStorage
{
    /// <summary>Opens, or makes, the files of a client's directory, and locks it.</summary>
    /// <exception cref="ChainDatabaseException">It is in use, holds another chain, or cannot be written.</exception>
    /// <exception cref="StoreCorruptException">A file is damaged.</exception>
    public static ChainStorage Open(StorageOptions options, ChainSpec spec, BlockHeader genesis, ILogger logger)
    {
        List<IDisposable> opened = [];
        T Own<T>(T part) where T : IDisposable
        {
            opened.Add(part);
            return part;
        }

        try
        {
            Own(DirectoryLock.Take(options.Directory));
            var guard = new StorageGuard(options.Directory, options.MinFreeDisk, logger);
            guard.RequireWritable();
            DatabaseIdentity.Claim(options.Directory, spec.ChainId, genesis.Hash);
            var files = new ChainFiles(options.Directory, logger);
            LmdbStore store = Own(files.OpenState());
            IHistoryLog flat = Own(files.OpenFlatHistory()), trie = Own(files.OpenTrieHistory());
            var kept = new DurableStateOptions { StateHistory = options.StateHistory, ProofHistory = options.StateHistory, LayerBudget = options.LayerBudget, Report = files.Report };
            DurableStateStore states = Own(DurableStateStore.Open(store, flat, trie, kept));
            JournalBlockStore blocks = files.OpenBlocks(new JournalOptions { TransactionHistory = options.TransactionHistory });
            opened.Reverse();
            return new ChainStorage(states, blocks, guard, opened);
        }
        catch (Exception error)
        {
            opened.Reverse();
            foreach (IDisposable part in opened) part.Dispose();
            if (error is IOException or UnauthorizedAccessException)
            {
                throw new ChainDatabaseException($"the directory {options.Directory} cannot be opened: {error.Message}; check the disk, free some space, or choose another with --datadir", error);
            }

            throw;
        }
    }
}
