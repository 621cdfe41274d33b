using System.Text.Json;
using Microsoft.Extensions.Logging;
using Opal.Cli.Flags;
using Opal.Cli.L1Services;
using Opal.JsonRpc;
using Opal.Proposer;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Cli.Proposer;

/// <summary>Runs the proposer until a signal stops it.</summary>
internal static class ProposerRun
{
    public static async Task RunAsync(FlagValues values)
    {
        ProposerOptions options = ProposerSettings.Read(values);
        TxManagerOptions sending = SendSettings.Read(values);
        SignerSettings key = KeySettings.Read(values);
        using var endpoints = ServiceEndpoints.ForProposer(values);
        await ServiceHost.RunAsync(values, "proposer", host => ServeAsync(host, endpoints, key, sending, options));
    }

    private static async Task ServeAsync(ServiceHost host, ServiceEndpoints endpoints, SignerSettings key, TxManagerOptions sending, ProposerOptions options)
    {
        ISigner signer = await Signers.OpenAsync(key, host.Stop);
        host.Logger.LogInformation("Proposing as {Account}, by its {Key}", signer.Address.ToChecksumString(), key);
        RollupConfig rollup = await host.Wait.AskAsync("the rollup node", "rollup-rpc", endpoints.Nodes, static (node, stop) => node.RollupConfigAsync(stop), host.Stop);
        var checks = new ChainChecks(host.Wait, rollup);
        await checks.RequireChainsAsync(endpoints, host.Stop);
        EthClient l1 = endpoints.L1[0];
        ILogger logger = host.Loggers.CreateLogger("Opal.Proposer");
        using var nodes = new ActiveRollupNode([.. endpoints.Nodes.Select(static node => node.Rpc)], ServiceEndpoints.FollowingOf(host.Values), TimeProvider.System, logger);
        var node = new RollupNodeClient(nodes);
        if (options.OutputOracle is { } oracle && host.Values.Bool("doctor")) await checks.RequireProposerAsync(l1, oracle, signer.Address, host.Stop);
        if (host.Values.Bool("wait-node-sync")) await UntilSyncedAsync(host, node);

        var manager = new TransactionManager(l1, signer, sending, TimeProvider.System, host.Loggers.CreateLogger("Opal.TxManager"));
        await using var proposer = new ProposerService(options, l1, _ => ValueTask.FromResult(node), new ProposalSender(manager), TimeProvider.System, logger);
        using var meter = new ProposerMeter(rollup.L2ChainId, () => proposer.Status);
        host.ServiceHealth = () => new RpcHealth(!proposer.Status.Running || proposer.Status.Trouble.Length == 0, proposer.Status.Trouble);
        host.ServiceStatus = writer => WriteStatus(writer, proposer.Status, signer, rollup);
        host.Serve(proposer.Register);
        proposer.Start();
        host.Logger.LogInformation("Ready: {Outputs} of L2 chain {L2} go to {Contract} on L1 chain {L1}{Stopped}", options.OutputOracle is null ? $"games of type {options.GameType} for the outputs" : "outputs",
            rollup.L2ChainId, (options.OutputOracle ?? options.GameFactory)!.Value.ToChecksumString(), rollup.L1ChainId, options.StartStopped ? ", once admin_startProposer is called" : "");
        await host.UntilStoppedAsync();
    }

    /// <summary>Waits until the node has read L1 up to where its head is now.</summary>
    private static async Task UntilSyncedAsync(ServiceHost host, RollupNodeClient node)
    {
        ulong? target = null;
        for (int looks = 0; ; looks++)
        {
            SyncStatus status = await host.Wait.AskAsync("the rollup node", "rollup-rpc", [node], static (server, stop) => server.SyncStatusAsync(stop), host.Stop);
            target ??= status.HeadL1.Number > 0 ? status.HeadL1.Number : null;
            if (target is { } head && status.CurrentL1.Number >= head) return;
            if (looks % 30 == 0) host.Logger.LogInformation("Waiting for the rollup node to read L1 up to block {Target}; it is at {Current}", target, status.CurrentL1.Number);
            await Task.Delay(TimeSpan.FromSeconds(1), host.Stop);
        }
    }

    private static void WriteStatus(Utf8JsonWriter writer, ProposerStatus status, ISigner signer, RollupConfig rollup)
    {
        writer.WriteString("account", signer.Address.ToChecksumString());
        writer.WriteNumber("l1_chain_id", rollup.L1ChainId);
        writer.WriteNumber("l2_chain_id", rollup.L2ChainId);
        writer.WriteBoolean("running", status.Running);
        writer.WriteNumber("proposals", status.Proposals);
        writer.WritePropertyName("last");
        if (status.LastL2Block is not { } block)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("l2_block", block);
        writer.WriteString("output_root", status.LastOutputRoot.ToString());
        writer.WriteNumber("l1_block", status.LastL1Block);
        writer.WriteEndObject();
    }
}
