using Opal.Cli.Geth;
using Opal.Cli.Status;
using Opal.JsonRpc;
using Opal.Protocol;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>The rollup node itself, where one runs already at the RPC address of the flags.</summary>
internal static class NodeChecks
{
    public static IEnumerable<Check> All =>
    [
        new("node.rollup", "the running node is of this rollup", CheckStatus.Failed, CheckNeeds.Rollup | CheckNeeds.Node, RollupAsync),
        new("node.halted", "it has not stopped for good", CheckStatus.Failed, CheckNeeds.Node, HaltedAsync),
        new("node.trouble", "it has no trouble with L1 or the engine", CheckStatus.Warning, CheckNeeds.Node, TroubleAsync),
        new("node.l1-lag", "derivation keeps up with L1", CheckStatus.Warning, CheckNeeds.Node, L1LagAsync),
        new("node.version", "it is of this program's version", CheckStatus.Warning, CheckNeeds.Node, VersionAsync),
    ];

    private static async Task<CheckResult> RollupAsync(Examined x, CancellationToken cancellation)
    {
        RollupConfig running = await new RollupNodeClient(x.To.Node).RollupConfigAsync(cancellation), own = x.Rollup;
        if (running.L2ChainId != own.L2ChainId || running.GenesisL2 != own.GenesisL2 || running.GenesisL1 != own.GenesisL1)
            return Failed($"{x.To.Node.Endpoint} is a node of L2 chain {running.L2ChainId} with the first block {running.GenesisL2.Hash}",
                "give this node a port of its own (--rpc.port), or the other rollup's --rollup.config");
        return running.Forks == own.Forks ? Ok(x.To.Node.Endpoint)
            : Warning("it runs with other fork times than rollup.json and the flags have now", "restart it to take them, or set them back");
    }

    private static async Task<StatusReport> ReportAsync(Examined x, CancellationToken cancellation)
    {
        try
        {
            return await x.To.Node.CallAsync("opal_status", null, StatusReport.Read, cancellation);
        }
        catch (RpcCallException error) when (error.Error.Code == RpcErrorCode.MethodNotFound)
        {
            throw new NotCheckedException("this node does not say (it has no opal_status)");
        }
    }

    private static async Task<CheckResult> HaltedAsync(Examined x, CancellationToken cancellation) => (await ReportAsync(x, cancellation)).Halted is { } reason
        ? Failed($"it has stopped: {reason}", "mend what it names, and restart it") : Ok("it has not stopped");

    private static async Task<CheckResult> TroubleAsync(Examined x, CancellationToken cancellation)
    {
        StatusReport report = await ReportAsync(x, cancellation);
        string[] troubles = [.. new[] { report.L1Trouble, report.EngineTrouble }.OfType<string>()];
        return troubles.Length == 0 ? Ok("it reports no trouble") : Warning(string.Join("; ", troubles), "it tries again by itself; see the checks of what it names");
    }

    private static async Task<CheckResult> L1LagAsync(Examined x, CancellationToken cancellation)
    {
        SyncStatus status = await new RollupNodeClient(x.To.Node).SyncStatusAsync(cancellation);
        ulong behind = DoctorText.Since(status.CurrentL1.Number, status.HeadL1.Number);
        return behind <= 100 ? Ok($"at L1 block {status.CurrentL1.Number}, {behind} behind the head")
            : Warning($"derivation is at L1 block {status.CurrentL1.Number}, {behind} behind the head", "it is catching up, or held up: 'opal status' says by what");
    }

    private static async Task<CheckResult> VersionAsync(Examined x, CancellationToken cancellation)
    {
        string running = await x.NodeVersionAsync(cancellation);
        if (!running.StartsWith("Opal/", StringComparison.Ordinal)) return NotChecked(running == "opal" ? "it is part of a larger program, and states none" : $"it is another make: {running}");
        return running.Contains(VersionText.Version, StringComparison.Ordinal) ? Ok(running)
            : Warning($"it is {running}, and this program is {VersionText.Version}", "restart it, if it was to be updated");
    }
}
