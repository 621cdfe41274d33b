using System.Text.Json;
using Microsoft.Extensions.Logging;
using Opal.Batcher;
using Opal.Cli.Flags;
using Opal.Cli.L1Services;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Cli.Batcher;

/// <summary>Runs the batcher until a signal stops it.</summary>
internal static class BatcherRun
{
    public static async Task RunAsync(FlagValues values)
    {
        BatcherSettings.Check(values);
        ThrottleOptions throttling = ThrottleSettings.Read(values);
        TxManagerOptions sending = BatcherSettings.ReadSending(values);
        SignerSettings key = KeySettings.Read(values);
        using var endpoints = ServiceEndpoints.ForBatcher(values);
        await ServiceHost.RunAsync(values, "batcher", host => ServeAsync(host, endpoints, key, sending, throttling));
    }

    private static async Task ServeAsync(ServiceHost host, ServiceEndpoints endpoints, SignerSettings key, TxManagerOptions sending, ThrottleOptions throttling)
    {
        // it takes a second of processor time, which the first blobs would wait for; where it fails, they say so
        if (host.Values.Text("data-availability-type") != "calldata") _ = Task.Run(Kzg.Warm, CancellationToken.None);
        using L1Account account = await L1Account.OpenAsync(host, endpoints, key, sending, BatcherVerb.Name, "Posting");
        (RollupConfig rollup, EthClient l1, TransactionManager manager) = (account.Rollup, account.L1, account.Manager);
        var facts = new L1Facts(l1, account.Address, rollup.L1SystemConfigAddress);
        if (host.Values.Bool("doctor")) await account.Checks.RequireBatcherAsync(new BatcherIdentity(facts, rollup), host.Stop);

        BatcherOptions options = BatcherSettings.Read(host.Values, rollup, account.Address);
        bool couldUseBlobs = BatcherSettings.RequireBlobsAreRead(host.Values, rollup, (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        if (couldUseBlobs && options.DataAvailability == DataAvailabilityType.Calldata)
        {
            host.Logger.LogWarning("Batches go into calldata, and the rollup reads blobs, which are cheaper on most days: see 'opal batcher plan', or give --data-availability-type=auto");
        }

        ILogger logger = host.Loggers.CreateLogger("Opal.Batcher");
        var alarms = new OperatorAlarms(TimeProvider.System, logger);
        BatcherJournal journal = OpenJournal(options, rollup, account.Address, logger);
        IRpcClient[] executionClients = [.. endpoints.L2.Select(static l2 => l2.Rpc)];
        using var sequencers = new ActiveSequencer(
            executionClients, [.. endpoints.Nodes.Select(static node => node.Rpc)], ServiceEndpoints.FollowingOf(host.Values), TimeProvider.System, logger);
        await using var throttle = new SequencerThrottle(throttling, [.. executionClients, .. endpoints.Throttled], TimeProvider.System, logger, alarms);
        await using var watches = new BatcherWatches(l1, manager, rollup, facts, journal, NativeCrypto.Instance, alarms, TimeProvider.System, logger);
        await using var batcher = new BatcherService(
            options, sequencers, watches.Watching(new L1Submitter(manager, rollup.BatchInboxAddress)), new ChannelCodec(rollup, options), TimeProvider.System, logger, new CarrierChoice(l1), throttle,
            journal, facts);
        host.ServiceHealth = () => batcher.Health;
        host.ServiceStatus = writer =>
        {
            WriteStatus(writer, batcher.Status, manager, rollup);
            writer.WriteString("following", sequencers.Following);
            writer.WriteNumber("rival_transactions", watches.Rivals.Count);
            WriteThrottle(writer, throttle.Status);
            AccountStatus.WriteAlarms(writer, alarms, watches.Runway);
        };
        host.Serve(batcher.Register);
        host.Serve(manager.Register);
        host.Serve(throttle.Register);
        await host.Wait.AskAsync("L1", "l1-eth-rpc", [watches], async (all, stop) =>
        {
            await all.BeginAsync(stop);
            return true;
        }, host.Stop);
        batcher.Start();
        watches.Start();
        host.Logger.LogInformation("Ready: batches of L2 chain {L2} go to {Inbox} on L1 chain {L1}{Stopped}", rollup.L2ChainId, rollup.BatchInboxAddress.ToChecksumString(), rollup.L1ChainId,
            options.StartStopped ? ", once admin_startBatcher is called" : "");
        await host.UntilStoppedAsync();
    }

    private static BatcherJournal OpenJournal(BatcherOptions options, RollupConfig rollup, Address account, ILogger logger)
    {
        if (options.JournalDirectory is not { } folder)
        {
            logger.LogWarning("No journal is kept: if this batcher is killed, what is on its way then may be posted twice");
            return BatcherJournal.InMemory();
        }

        try
        {
            logger.LogInformation("The journal is in {Folder}", folder);
            return BatcherJournal.Open(folder, new JournalIdentity(rollup.L1ChainId, rollup.L2ChainId, rollup.BatchInboxAddress, account), TimeProvider.System, logger);
        }
        catch (BatcherJournalException error)
        {
            throw new ServiceException(error.Message, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ServiceFolder.Unusable(folder, error);
        }
    }

    private static void WriteStatus(Utf8JsonWriter writer, BatcherStatus status, TransactionManager manager, RollupConfig rollup)
    {
        AccountStatus.Write(writer, manager, rollup);
        writer.WriteBoolean("running", status.Running);
        writer.WriteNumber("safe_lag", status.SafeLag);
        writer.WriteNumber("pending_blocks", status.PendingBlocks);
        writer.WriteNumber("backlog_bytes", status.BacklogBytes);
        writer.WriteNumber("in_flight", status.InFlight);
        writer.WriteNumber("transactions", status.Transactions);
        writer.WriteNumber("journaled_channels", status.JournaledChannels);
        writer.WriteNumber("losses", status.Losses);
        if (status.LastLoss is { } loss) writer.WriteString("last_loss", loss.ToString());
        writer.WritePropertyName("last");
        if (status.LastL1Block is not { } block)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("l1_block", block);
        writer.WriteNumber("bytes", status.LastBytes);
        writer.WriteNumber("blobs", status.LastBlobs);
        writer.WriteNumber("fill_percent", Math.Round(status.LastFillPercent, 1));
        writer.WriteEndObject();
    }

    private static void WriteThrottle(Utf8JsonWriter writer, ThrottleStatus status)
    {
        writer.WriteStartObject("throttle");
        writer.WriteNumber("intensity", status.Limits.Intensity);
        writer.WriteNumber("block_limit", status.Limits.BlockBytes);
        writer.WriteNumber("transaction_limit", status.Limits.TransactionBytes);
        writer.WriteStartArray("problems");
        foreach (string problem in status.Problems) writer.WriteStringValue(problem);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
