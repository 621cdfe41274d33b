using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Opal.Cli.Doctor;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Cli.Logs;
using Opal.Cli.Metering;
using Opal.Crypto;
using Opal.Devnet;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Cli.Node;

/// <summary>Runs the rollup node until a signal stops it.</summary>
internal static class NodeRun
{
    public static async Task<int> RunAsync(FlagValues values)
    {
        using var stop = new StopSignal();
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(Math.Max(workers, 8), ports); // on few cores: checking a block's blobs must not keep the next block's timer waiting for a thread
        using ILoggerFactory loggers = LogSetup.CreateForService(values, Console.Error, isTerminal: !Console.IsErrorRedirected, out LogLevels levels);
        ILogger logger = loggers.CreateLogger("Opal.Cli");
        Announce(logger, values);
        try
        {
            return await ServeAsync(values, loggers, levels, logger, stop);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            logger.LogInformation("Stopped before the start was complete");
            return 0;
        }
    }

    private static async Task<int> ServeAsync(FlagValues values, ILoggerFactory loggers, LogLevels levels, ILogger logger, StopSignal signal)
    {
        CancellationToken stop = signal.Token;
        RollupConfig rollup = RollupSource.Read(values);
        string directory = NodeSettings.DataDirectoryOf(values, rollup);
        BlobSchedule? blobs = RollupSource.L1Blobs(values, rollup);
        if (blobs is null)
        {
            logger.LogWarning(
                "L1 chain {ChainId} is not a known one: blob fees are computed as Cancun has them; if it has Prague or later upgrades, give --rollup.l1-chain-config", rollup.L1ChainId);
            blobs = new BlobSchedule(new BlobSchedule.Entry(0, BlobParameters.Cancun));
        }

        NodeConnectionOptions connect = NodeSettings.ConnectionsOf(values);
        RollupNodeOptions options = NodeSettings.NodeOf(values, rollup, blobs, RollupSource.Upgrades(values, directory));
        await using NodeBlobArchive? archive = await NodeBlobArchive.StartAsync(values, rollup, loggers, stop);
        using var connections = new NodeConnections(connect, rollup, NativeBlobCommitments.Instance, TimeProvider.System, loggers, archive?.Archive);
        if (connect.Beacons.Count == 0 && archive is null && !values.Bool("l1.beacon.ignore") && rollup.Forks.Ecotone is not null)
        {
            logger.LogWarning("No Beacon API is given: the node stops reading L1 at the first batch in a blob; give --l1.beacon, or --l1.beacon.ignore where batches come as calldata");
        }

        string? wrong = values.Bool("doctor") ? await StartChecks.FindFaultAsync(values, rollup, connect.JwtSecret, stop) : await connections.FindWrongChainAsync(stop);
        if (wrong is not null) throw new NodeException(wrong);
        await using MetricsServer? metrics = values.Bool("metrics.enabled") || MetricsServer.HasCollector
            ? await MetricsServer.StartAsync("opal-node", values.Bool("metrics.enabled") ? values.Text("metrics.addr") : null, values.Port("metrics.port"), loggers, stop) : null;
        await using NodeFiles files = OpenFiles(values, directory, rollup, loggers);
        using HttpRpcClient? followed = NodeSettings.FollowedBy(values);
        if (followed is not null) options = options with { Follow = new RpcUnsafeSource(followed) };
        using HttpRpcClient? conductor = NodeSettings.ConductorOf(values);
        if (conductor is not null) options = options with { Conductor = new RpcConductor(conductor) };
        using HttpRpcClient? fed = NodeSettings.FedBy(values);
        if (fed is not null)
        {
            var signers = new BlockSigners(connections.UnsafeBlockSignerAsync, values.Duration("l1.runtime-config-reload-interval"), TimeProvider.System);
            options = options with { Follow = new FeedUnsafeSource(fed, signers, rollup, NativeCrypto.Instance, options.Feed) };
        }

        var clock = new Stopwatch();
        string? halted;
        await using (var node = CreateNode(options with { Files = files, SetLogLevel = levels.TrySet }, connections, loggers))
        {
            await node.StartAsync(stop);
            logger.LogInformation("Ready: following L1 chain {L1} for L2 chain {L2}{Sequencing}", rollup.L1ChainId, rollup.L2ChainId, options.Sequencer.Enabled ? ", making blocks" : "");
            Task stopped = Task.Delay(Timeout.Infinite, stop);
            await Task.WhenAny(stopped, node.Completion);
            halted = node.Driver.HaltReason;
            logger.LogInformation("Stopping; a second signal ends the program at once");
            clock.Start();
        }

        logger.LogInformation("Stopped in {Milliseconds} ms", clock.ElapsedMilliseconds);
        return halted is null ? 0 : throw new NodeException(halted);
    }

    private static RollupNode CreateNode(RollupNodeOptions options, NodeConnections connections, ILoggerFactory loggers)
    {
        try
        {
            return new RollupNode(options, connections.Ports, NativeCrypto.Instance, TimeProvider.System, loggers);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NodeException(error.Message, error); // rpc.admin-state
        }
    }

    private static NodeFiles OpenFiles(FlagValues values, string directory, RollupConfig rollup, ILoggerFactory loggers)
    {
        try
        {
            return NodeFiles.Open(directory, values.TextOrNull("safedb.path"), rollup, loggers.CreateLogger("Opal.Node.Files"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StoreCorruptException)
        {
            throw new NodeException(error.Message, error);
        }
    }

    /// <summary>Writes who starts, with which configuration, and what of it has no effect.</summary>
    private static void Announce(ILogger logger, FlagValues values)
    {
        logger.LogInformation("Opal rollup node {Version}", VersionText.Version);
        foreach (string group in values.Table.All.Select(flag => flag.Group).Distinct())
        {
            string described = group == NodeFlags.Misc ? "" : values.Describe(group);
            if (described.Length > 0) logger.LogInformation("Configuration, {Group}: {Values}", group.ToLowerInvariant(), described);
        }

        foreach (string warning in values.Warnings) logger.LogWarning("{Warning}", warning);
    }
}
