using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Opal.Cli.Flags;
using Opal.Cli.Logs;
using Opal.Cli.Metering;
using Opal.Crypto;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Cli.Geth;

/// <summary>Runs the execution client until a signal stops it.</summary>
internal static class GethRun
{
    public static async Task<int> RunAsync(FlagValues values)
    {
        using var stop = new StopSignal();
        using ILoggerFactory loggers = LogSetup.Create(values, Console.Error, colour: !Console.IsErrorRedirected);
        ILogger logger = loggers.CreateLogger("Opal.Cli");
        Announce(logger, values);
        try
        {
            return await ServeAsync(values, loggers, logger, stop);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            logger.LogInformation("Stopped before the start was complete");
            return 0;
        }
        catch (Exception error) when (error is ChainDatabaseException or StorageUnavailableException or StoreCorruptException)
        {
            throw new GethException(error.Message, error);
        }
    }

    private static async Task<int> ServeAsync(FlagValues values, ILoggerFactory loggers, ILogger logger, StopSignal signal)
    {
        CancellationToken stop = signal.Token;
        ChainGenesis genesis = GenesisSource.Read(values);
        byte[] secret = JwtSecretFile.ReadOrCreate(DataDirectory.JwtSecret(values));
        using HttpRpcClient? sequencer = GethOptions.SequencerOf(values);
        using HttpRpcClient? historical = GethOptions.HistoricalOf(values);
        ExecutionClientOptions options = GethOptions.Of(values, genesis, GethEndpoints.Of(values, secret), sequencer, historical);
        if (historical is not null && options.GenesisHeader.Number == 0) logger.LogWarning("--rollup.historicalrpc has no effect: this chain begins with block 0");
        if (Networks.TryFind(options.Spec.ChainId, options.GenesisHeader.Hash, out Network? network)) logger.LogInformation("Network {Title}", network!.Title);
        var clock = new Stopwatch();
        StorageUnavailableException? failure = null;
        await using (var client = new ExecutionClient(options, NativeCrypto.Instance, blobProofs: null, TimeProvider.System, loggers))
        {
            client.Engine.HaltRequested += reason =>
            {
                logger.LogCritical("Stopping: {Reason}", reason);
                signal.Stop();
            };
            await using MetricsServer? metrics = await StartMetricsAsync(values, loggers, stop);
            await using IpcRpcServer? ipc = StartIpc(values, client, loggers);
            await client.StartAsync(stop);
            logger.LogInformation("Ready: head is block {Number} {Hash}", client.Chain.Head.Number, client.Chain.Head.Hash);
            Task stopped = Task.Delay(Timeout.Infinite, stop);
            if (await Task.WhenAny(stopped, client.Failed) == client.Failed) failure = await client.Failed;
            logger.LogInformation("Stopping; a second signal ends the program at once");
            clock.Start();
        }

        logger.LogInformation("Stopped in {Milliseconds} ms", clock.ElapsedMilliseconds);
        if (failure is not null) throw new GethException(failure.Message, failure);
        return 0;
    }

    /// <summary>Writes who starts, with which configuration, and what of it has no effect.</summary>
    private static void Announce(ILogger logger, FlagValues values)
    {
        logger.LogInformation("Opal execution client {Version}, data in {Directory}", VersionText.Version, DataDirectory.Of(values));
        foreach (string group in values.Table.All.Select(flag => flag.Group).Distinct())
        {
            string described = group == GethFlags.Misc ? "" : values.Describe(group);
            if (described.Length > 0) logger.LogInformation("Configuration, {Group}: {Values}", group.ToLowerInvariant(), described);
        }

        foreach (string warning in values.Warnings) logger.LogWarning("{Warning}", warning);
    }

    private static async Task<MetricsServer?> StartMetricsAsync(FlagValues values, ILoggerFactory loggers, CancellationToken stop)
    {
        bool serve = values.Bool("metrics");
        if (!serve && !MetricsServer.HasCollector) return null;
        string host = values.Text("metrics.addr");
        int port = values.Port("metrics.port");
        if (FlagText.TryAddress(values.Text("metrics"), out string givenHost, out int givenPort)) (host, port) = (givenHost.Length == 0 ? "*" : givenHost, givenPort);
        return await MetricsServer.StartAsync("opal-geth", serve ? host : null, port, loggers, stop);
    }

    private static IpcRpcServer? StartIpc(FlagValues values, ExecutionClient client, ILoggerFactory loggers)
    {
        if (DataDirectory.IpcSocket(values) is not { } path) return null;
        var rules = new RpcEndpoint
        {
            Name = "ipc",
            MaxBatchItems = values.Int("rpc.batch-request-limit"),
            MaxBatchResponseBytes = values.Int("rpc.batch-response-max-size"),
        };
        return IpcRpcServer.Start(client.Registry, path, rules, loggers);
    }
}
