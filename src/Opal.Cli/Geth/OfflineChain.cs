using Microsoft.Extensions.Logging;
using Opal.Cli.Flags;
using Opal.Cli.Logs;
using Opal.Crypto;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Storage;

namespace Opal.Cli.Geth;

/// <summary>A data directory's chain opened for maintenance: no endpoint listens. Logs say warnings and worse.</summary>
internal static class OfflineChain
{
    /// <summary>Opens the chain, does the work, and closes it.</summary>
    /// <exception cref="GethException">The directory cannot be used, or a file of blocks is at fault.</exception>
    public static async Task<int> UseAsync(FlagValues values, Action<ExecutionClient, CancellationToken> work)
    {
        using var stop = new StopSignal();
        using ILoggerFactory loggers = LogSetup.Create(values, Console.Error, colour: !Console.IsErrorRedirected);
        ChainGenesis genesis = GenesisSource.Read(values);
        try
        {
            await using var client = new ExecutionClient(GethOptions.Of(values, genesis, [], sequencer: null), NativeCrypto.Instance, blobProofs: null, TimeProvider.System, loggers);
            work(client, stop.Token);
            return 0;
        }
        catch (Exception error) when (error is ChainDatabaseException or ChainFileException or StorageUnavailableException or StoreCorruptException or IOException or UnauthorizedAccessException)
        {
            throw new GethException(error.Message, error);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            throw new GethException("stopped; what was done so far is kept, run the same command again to go on");
        }
    }
}
