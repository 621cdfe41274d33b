using Microsoft.Extensions.Logging.Abstractions;
using Opal.Cli.Batches;
using Opal.Cli.Doctor;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Devnet;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Spectre.Console;

namespace Opal.Cli.BatcherReports;

/// <summary><c>opal batcher report</c>: what a batcher posted in a range of L1 blocks, what it cost, and what it brought.</summary>
internal static class ReportCommand
{
    private const string BatcherHash = "batcherHash()";

    private const string About = """
        Reads a batcher's transactions from L1 and prints what each cost and carried, and the sums: blob fill, compression, fees,
        cost per MB and per L2 transaction, delay, channels that were lost or came twice. It works for any make of batcher.
        """;

    /// <summary>Runs it.</summary>
    /// <param name="arguments">The words after <c>report</c>.</param>
    /// <inheritdoc cref="ReportRun.RunAsync" path="/returns"/>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments) => ReportRun.RunAsync(ReportFlags.Table, About, arguments, async (values, cancellation) =>
    {
        using HttpRpcClient l1 = ReportRun.Open(values, "l1-eth-rpc"), node = ReportRun.Open(values, "rollup-rpc");
        using BeaconClient? beacon = values.IsGiven("l1-beacon") ? BeaconOf(values) : null;
        var progress = new WorkProgress("reading L1:", Console.Error, !Console.IsErrorRedirected && AnsiConsole.Profile.Capabilities.Interactive, TimeProvider.System);
        PostedRange range = await ReadAsync(values, l1, node, beacon, progress, cancellation);
        progress.Clear();
        if (values.Bool("json"))
        {
            using Stream output = Console.OpenStandardOutput();
            PostedJson.Write(range, output);
            output.WriteByte((byte)'\n');
        }
        else
        {
            new PostedText(range, Console.Out).Write();
        }
    });

    /// <summary>Reads what was posted.</summary>
    /// <exception cref="FlagException">A flag is out of its range.</exception>
    /// <exception cref="ReportException">The chains do not go together, or the batcher's address is not known.</exception>
    internal static async Task<PostedRange> ReadAsync(FlagValues values, IRpcClient l1, IRpcClient node, BeaconClient? beacon, WorkProgress? progress, CancellationToken cancellation)
    {
        var client = new EthClient(l1);
        RollupConfig rollup = await new RollupNodeClient(node).RollupConfigAsync(cancellation);
        await PlanCommand.CheckChainAsync(client, "l1-eth-rpc", rollup.L1ChainId, cancellation);
        (ulong from, ulong to) = ReportFlags.RangeOf(values, await client.BlockNumberAsync(cancellation));
        Address batcher = values.AddressOrNull("batcher") ?? await BatcherOfAsync(l1, rollup, cancellation);
        using BeaconNodes? beacons = beacon is null ? null : new BeaconNodes([beacon], NativeBlobCommitments.Instance, rollup.L1ChainId, TimeProvider.System, NullLogger.Instance);
        var reader = new PostedReader(l1, beacons);
        return await reader.ReadAsync(KnownRollup.Of(rollup, batcher), from, to, number => progress?.Report((double)(number - from + 1) / (to - from + 1),
            elapsed => $"block {number} of {to}, {WorkProgress.Rate(number - from + 1, elapsed, "blocks")}"), cancellation);
    }

    /// <summary>The batcher that L1's SystemConfig names; it may have changed since genesis.</summary>
    private static async Task<Address> BatcherOfAsync(IRpcClient l1, RollupConfig rollup, CancellationToken cancellation)
    {
        if (rollup.L1SystemConfigAddress.IsZero) return rollup.GenesisSystemConfig.BatcherAddress;
        UInt256? word = (await L1Contract.ReadAsync(l1, rollup.L1SystemConfigAddress, cancellation, BatcherHash))[BatcherHash];
        return word is { } hash ? Address.FromUInt256(hash)
            : throw new ReportException($"the SystemConfig {rollup.L1SystemConfigAddress} on {l1.Endpoint} does not tell the batcher's address; give it with --batcher");
    }

    private static BeaconClient BeaconOf(FlagValues values)
    {
        Uri url = values.Url("l1-beacon")!;
        return url.Scheme is "http" or "https" ? new BeaconClient(url) : throw new FlagException("--l1-beacon: give an http or https URL");
    }
}
