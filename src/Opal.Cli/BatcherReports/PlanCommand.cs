using Opal.Batcher;
using Opal.Cli.Flags;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Cli.BatcherReports;

/// <summary><c>opal batcher plan</c>: what each setting would cost at L1's recent prices, and how far the safe head would lag.</summary>
internal static class PlanCommand
{
    private const string About = """
        Encodes recent L2 blocks with every setting of batches, compression, blobs and channel duration, and prints what each
        would cost at the prices of recent L1 blocks, and how far the safe head would lag. Nothing is sent.
        With the batcher's own flags or variables the present setting is shown beside the one that is advised.
        """;

    /// <summary>The most L2 blocks that are read.</summary>
    private const ulong MostBlocks = 50_000;

    /// <summary>Runs it.</summary>
    /// <param name="arguments">The words after <c>plan</c>.</param>
    /// <inheritdoc cref="ReportRun.RunAsync" path="/returns"/>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments) => ReportRun.RunAsync(PlanFlags.Table, About, arguments, async (values, cancellation) =>
    {
        using HttpRpcClient l1 = ReportRun.Open(values, "l1-eth-rpc"), l2 = ReportRun.Open(values, "l2-eth-rpc"), node = ReportRun.Open(values, "rollup-rpc");
        Plan plan = await MakeAsync(values, l1, l2, node, cancellation);
        if (values.Bool("json"))
        {
            using Stream output = Console.OpenStandardOutput();
            PlanJson.Write(plan, output);
            output.WriteByte((byte)'\n');
        }
        else
        {
            new PlanText(plan, values.Bool("all"), Console.Out).Write();
        }
    });

    /// <summary>Reads the chains and makes the plan.</summary>
    /// <exception cref="FlagException">A flag is out of its range.</exception>
    /// <exception cref="ReportException">The chains do not go together, or have nothing to plan with.</exception>
    internal static async Task<Plan> MakeAsync(FlagValues values, IRpcClient l1, IRpcClient l2, IRpcClient node, CancellationToken cancellation)
    {
        ulong blocks = values.Number("blocks"), l1Blocks = values.Number("l1-blocks");
        if (blocks is 0 or > MostBlocks) throw new FlagException($"--blocks: between 1 and {MostBlocks}");
        if (l1Blocks is < 2 or > FeeWindow.MostBlocks) throw new FlagException($"--l1-blocks: between 2 and {FeeWindow.MostBlocks}");
        if (values.Duration("max-lag") <= TimeSpan.Zero) throw new FlagException("--max-lag: some time; 30m is usual");
        BatcherOptions options = PlanFlags.OptionsOf(values);
        PlanSetting? present = PlanFlags.PresentOf(values);
        ulong pace = PlanFlags.PaceOf(values);
        EthClient ethL1 = new(l1), ethL2 = new(l2);
        RollupConfig rollup = await new RollupNodeClient(node).RollupConfigAsync(cancellation);
        await CheckChainAsync(ethL1, "l1-eth-rpc", rollup.L1ChainId, cancellation);
        await CheckChainAsync(ethL2, "l2-eth-rpc", rollup.L2ChainId, cancellation);
        FeeWindow fees = await FeeWindow.ReadAsync(ethL1, l1Blocks, values.Gwei("txmgr.min-tip-cap"), cancellation);
        Sample sample = await Sample.ReadAsync(ethL2, rollup.GenesisL2.Number + 1, blocks, cancellation);
        return Plan.Make(rollup, sample, fees, options, pace, present, (ulong)values.Duration("max-lag").TotalSeconds, cancellation);
    }

    /// <summary>Another chain's answers would look right and be wrong.</summary>
    internal static async Task CheckChainAsync(EthClient client, string flag, ulong chainId, CancellationToken cancellation)
    {
        ulong actual = await client.ChainIdAsync(cancellation);
        if (actual != chainId) throw new ReportException($"--{flag}: {client.Rpc.Endpoint} serves chain {actual}, the rollup node speaks of chain {chainId}; give the URL of that chain");
    }
}
