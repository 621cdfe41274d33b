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
        ISigner signer = await Signers.OpenAsync(key, host.Stop);
        host.Logger.LogInformation("Proposing as {Account}, by its {Key}", signer.Address.ToChecksumString(), key);
        RollupConfig rollup = await host.Wait.AskAsync("the rollup node", "rollup-rpc", endpoints.Nodes, static (node, stop) => node.RollupConfigAsync(stop), host.Stop);
        var checks = new ChainChecks(host.Wait, rollup);
        await checks.RequireChainsAsync(endpoints, host.Stop);
        EthClient l1 = endpoints.L1[0];
        ILogger logger = host.Loggers.CreateLogger("Opal.Proposer");
        using var nodes = new ActiveRollupNode([.. endpoints.Nodes.Select(static node => node.Rpc)], ServiceEndpoints.FollowingOf(host.Values), TimeProvider.System, logger);
        var node = new RollupNodeClient(nodes);
        var manager = new TransactionManager(l1, signer, sending, TimeProvider.System, host.Loggers.CreateLogger("Opal.TxManager"));
        await using var proposer = new ProposerService(options with { JournalFile = JournalOf(host.Values, rollup, signer.Address) }, l1, _ => ValueTask.FromResult(node), new ProposalSender(manager),
            TimeProvider.System, logger, endpoints.Verifiers);
        if (host.Values.Bool("doctor")) await CheckAsync(host, proposer, l1);
        host.ServiceHealth = () => proposer.Health;
        host.ServiceStatus = writer => WriteStatus(writer, proposer.Status, signer, rollup);
        host.Serve(proposer.Register);
        proposer.Start();
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
            throw new ServiceException($"the journal cannot be kept in {folder} ({error.Message}); give a folder that can be written: --journal.dir=DIR", error);
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
