using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Opal.Cli.Flags;
using Opal.Cli.L1Services;
using Opal.JsonRpc;
using Opal.Primitives;
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
        using L1Account account = await L1Account.OpenAsync(host, endpoints, key, sending, ProposerVerb.Name, "Proposing");
        (RollupConfig rollup, EthClient l1, TransactionManager manager) = (account.Rollup, account.L1, account.Manager);
        ILogger logger = host.Loggers.CreateLogger("Opal.Proposer");
        using var nodes = new ActiveRollupNode([.. endpoints.Nodes.Select(static node => node.Rpc)], ServiceEndpoints.FollowingOf(host.Values), TimeProvider.System, logger);
        var node = new RollupNodeClient(nodes);
        var alarms = new OperatorAlarms(TimeProvider.System, logger);
        await using var runway = new RunwayWatch(l1, account.Address, ProposerVerb.Name, new RunwayOptions(), alarms, TimeProvider.System, logger) { Manager = manager };
        await using var proposer = new ProposerService(options with { JournalFile = JournalOf(host.Values, rollup, account.Address) }, l1, _ => ValueTask.FromResult(node), new ProposalSender(manager),
            TimeProvider.System, logger, endpoints.Verifiers);
        if (host.Values.Bool("doctor")) await CheckAsync(host, proposer, l1);
        host.ServiceHealth = () => proposer.Health;
        host.ServiceStatus = writer =>
        {
            WriteStatus(writer, proposer.Status, manager, rollup);
            writer.WriteString("following", nodes.Following);
            AccountStatus.WriteAlarms(writer, alarms, runway);
        };
        host.Serve(proposer.Register);
        host.Serve(manager.Register);
        proposer.Start();
        runway.Start();
        host.Logger.LogInformation("Ready: {Outputs} of L2 chain {L2} go to {Contract} on L1 chain {L1}{Stopped}", options.OutputOracle is null ? $"games of type {options.GameType} for the outputs" : "outputs",
            rollup.L2ChainId, (options.OutputOracle ?? options.GameFactory)!.Value.ToChecksumString(), rollup.L1ChainId, options.StartStopped ? ", once admin_startProposer is called" : "");
        await host.UntilStoppedAsync();
    }

    /// <summary>Whether the contract will take what this proposer proposes.</summary>
    private static Task CheckAsync(ServiceHost host, ProposerService proposer, EthClient l1) => host.Wait.AskAsync("L1 and the rollup node", "l1-eth-rpc and --rollup-rpc", [l1], async (_, stop) =>
    {
        try
        {
            await proposer.CheckAsync(stop);
            return true;
        }
        catch (Exception error) when (error is ProposerRefusedException or IOException)
        {
            throw new ServiceException(error.Message, error);
        }
    }, host.Stop);

    private static string JournalOf(FlagValues values, RollupConfig rollup, Address account)
    {
        string folder = ServiceFolder.Of(values, "proposer", rollup, account);
        try
        {
            return Path.Combine(Directory.CreateDirectory(folder).FullName, "proposal.json");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ServiceFolder.Unusable(folder, error);
        }
    }

    private static void WriteStatus(Utf8JsonWriter writer, ProposerStatus status, TransactionManager manager, RollupConfig rollup)
    {
        AccountStatus.Write(writer, manager, rollup);
        writer.WriteBoolean("running", status.Running);
        writer.WriteNumber("proposals", status.Proposals);
        writer.WriteNumber("failures", status.Failures);
        writer.WriteBoolean("in_flight", status.InFlight);
        Number("last_l2_block", status.LastL2Block);
        Number("last_l1_block", status.LastL1Block == 0 ? null : status.LastL1Block);
        writer.WriteString("last_game", status.LastGame?.ToChecksumString());
        Number("newest_l2_block", status.NewestL2Block);
        Number("next_l2_block", status.NextL2Block);
        writer.WriteString("next_at", status.NextAt?.ToString("u", CultureInfo.InvariantCulture));
        Number("lag_seconds", status.LagSeconds);
        writer.WriteString("warning", status.Warning);

        void Number(string name, ulong? value)
        {
            if (value is { } known) writer.WriteNumber(name, known);
            else writer.WriteNull(name);
        }
    }
}
