using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Opal.Evm;
using Opal.Primitives;
using Opal.State;

namespace Opal.Execution;

/// <summary>Puts the genesis state into an empty state store.</summary>
internal static class GenesisState
{
    /// <summary>Accounts from which on they are written part by part.</summary>
    public const int Large = 100_000;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(8);

    /// <summary>Writes the state; durable, on a durable store, when it returns.</summary>
    /// <param name="states">Has no state.</param>
    /// <param name="alloc">The accounts.</param>
    /// <param name="genesis">The block, with its state root.</param>
    /// <param name="large">Accounts from which on a durable store is filled part by part: working memory is some 45 bytes an account then. Where that is cut short, the next start begins again.</param>
    /// <param name="logger">Told how far it is.</param>
    /// <exception cref="ChainDatabaseException">The accounts do not lead to the block's state root.</exception>
    public static void Write(IStateStore states, StateDiff alloc, in BlockState genesis, int large, ILogger logger)
    {
        if (states is DurableStateStore durable && alloc.Accounts.Count >= large)
        {
            Load(durable, alloc, genesis, logger);
            return;
        }

        states.Commit(BlockState.Empty, alloc, genesis);
        states.Advance([genesis]);
        states.Flush();
    }

    private static void Load(DurableStateStore states, StateDiff alloc, in BlockState genesis, ILogger logger)
    {
        logger.LogInformation("Writing the genesis state: {Accounts} accounts", alloc.Accounts.Count);
        long begin = Stopwatch.GetTimestamp();
        TimeSpan next = ProgressInterval;
        DurableStateLoader loader = states.BeginLoad(new StateDiff { Accounts = [.. alloc.Accounts.Where(static account => account.Storage.Count > 0)], Codes = alloc.Codes });
        foreach (AccountChange account in alloc.Accounts)
        {
            if (account.Storage.Count == 0) loader.Add(account.Address, account.Account);
        }

        Hash256 root = loader.Write(fraction =>
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(begin);
            if (elapsed < next) return;
            next = elapsed + ProgressInterval;
            logger.LogInformation("Writing the genesis state: {Percent:F0} %, {Seconds:F0} s left", 100 * fraction, elapsed.TotalSeconds * (1 - fraction) / fraction);
        });
        if (root != genesis.Root) throw new ChainDatabaseException($"the accounts of the genesis lead to the state root {root}, and its block has {genesis.Root}; give the genesis file that belongs to the chain");
        loader.Commit(genesis);
        logger.LogInformation("Wrote the genesis state in {Seconds:F1} s", Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }
}
