using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>Part 2 of the workloads: the lists of transactions in blocks, in every variant, on states of several sizes.</summary>
internal sealed class BlocksBench(string folder, BenchGenesis genesis, BlocksCommand.Options options, string? anvilProgram, BenchOutput output)
{
    /// <summary>Larger states than this are for B and C only, as the workloads' rules say; and flat tables of them would fill the memory.</summary>
    private const int MostFillersForAll = 1_000_000;

    private readonly List<BlockFigure> _figures = [];
    private int _done;
    private int _all;

    /// <summary>One state and what is done on it.</summary>
    private sealed record Step(BenchChain Chain, string Mode, int Fillers, BlockVariant[] Variants);

    public List<BlockFigure> Run()
    {
        TransactionList[] lists = TransactionList.Names.Where(Wants).Select(name => TransactionList.Load(folder, name, genesis.Expect)).ToArray();
        if (lists.Length == 0) return _figures;
        List<Step> plan = Plan();
        bool hasPeer = anvilProgram is not null && options.Fillers.Contains(0);
        _all = lists.Length * (plan.Sum(step => step.Variants.Length) + (hasPeer ? 1 : 0));
        if (hasPeer) RunAnvil(lists);
        foreach (Step step in plan) RunOn(step, lists);
        return _figures;
    }

    private List<Step> Plan()
    {
        var plan = new List<Step>();
        BlockVariant[] forLarge = options.Variants.Intersect([BlockVariant.ExecRoot, BlockVariant.Import]).ToArray();
        foreach (int fillers in options.Fillers)
        {
            bool isLarge = fillers > MostFillersForAll;
            if (isLarge && forLarge.Length < options.Variants.Length) output.Say($"A and D are for at most {MostFillersForAll:N0} fillers, not for {fillers:N0}");
            plan.Add(new Step(BenchChain.Ethereum, "L1", fillers, isLarge ? forLarge : options.Variants));
        }

        int least = options.Fillers.Min();
        if (least <= MostFillersForAll) plan.Add(new Step(BenchChain.Optimism, "OP", least, options.Variants.Intersect([BlockVariant.Import, BlockVariant.Build]).ToArray()));
        return plan.Where(step => step.Variants.Length > 0).ToList();
    }

    private bool Wants(string list) => list.Contains(options.Filter, StringComparison.OrdinalIgnoreCase);

    private void RunOn(Step step, TransactionList[] lists)
    {
        (BenchChain chain, string mode, int fillers, BlockVariant[] variants) = step;
        output.Say($"making the {mode} state with {fillers:N0} fillers");
        PeakMemory.Reset();
        NodeState state = NodeState.Create([.. genesis.Accounts, .. chain.Accounts], fillers);
        if (!chain.Rules.IsOptimism && genesis.RootWith(fillers) is { } root && root != state.GenesisRoot)
        {
            _figures.Add(Failed("genesis", "state", mode, fillers, $"state root {state.GenesisRoot}, expected {root}"));
            return;
        }

        output.Say($"made in {state.BuildSeconds:F1} s, {PeakMemory.Megabytes():F0} MiB at the most");
        FlatState? flat = variants.Contains(BlockVariant.Exec) ? genesis.MakeFlat(fillers) : null;
        foreach (TransactionList list in lists)
        {
            using var runner = new BlockRunner(chain, list, fillers, state, flat);
            foreach (BlockVariant variant in variants)
            {
                output.Progress(_done++, _all, $"{list.Name} {NameOf(variant)} {mode} {fillers:N0} fillers");
                _figures.Add(Measure(runner, list, variant, mode, fillers));
            }
        }
    }

    private BlockFigure Measure(BlockRunner runner, TransactionList list, BlockVariant variant, string mode, int fillers)
    {
        PeakMemory.Reset();
        var times = new List<BlockTime>();
        string? problem = runner.Run(variant, out _); // warms up, and is checked like the others
        for (int run = 0; run < options.Runs && problem is null; run++)
        {
            problem = runner.Run(variant, out List<BlockTime> more);
            times.AddRange(more);
        }

        return new BlockFigure
        {
            List = list.Name,
            Variant = NameOf(variant),
            Mode = mode,
            Fillers = fillers,
            TransactionsPerBlock = list.Blocks[0].Length,
            GasPerBlock = (double)runner.TotalGas / list.Blocks.Length,
            Times = times,
            LastRoot = runner.LastRoot,
            PeakMegabytes = PeakMemory.Megabytes(),
            Problem = problem,
        };
    }

    public static string NameOf(BlockVariant variant) => variant switch
    {
        BlockVariant.Exec => "A-exec",
        BlockVariant.ExecRoot => "B-exec+root",
        BlockVariant.Import => "C-import",
        _ => "D-build",
    };

    private static BlockFigure Failed(string list, string variant, string mode, int fillers, string problem) => new()
    {
        List = list,
        Variant = variant,
        Mode = mode,
        Fillers = fillers,
        TransactionsPerBlock = 0,
        GasPerBlock = 0,
        Times = [],
        LastRoot = Hash256.Zero,
        Problem = problem,
    };

    private void RunAnvil(TransactionList[] lists)
    {
        foreach (TransactionList list in lists)
        {
            output.Progress(_done++, _all, $"{list.Name} anvil");
            using Anvil anvil = Anvil.Start(anvilProgram!, "--hardfork", "prague", "--disable-min-priority-fee");
            anvil.Load(genesis.Accounts);
            var times = new List<BlockTime>();
            string? problem = AnvilBlocks.Run(anvil, list, times);
            if (problem is null) times.RemoveAt(0); // warm-up
            _figures.Add(new BlockFigure
            {
                List = list.Name,
                Variant = BlockFigure.PeerVariant,
                Mode = "L1",
                Fillers = 0,
                TransactionsPerBlock = list.Blocks[0].Length,
                GasPerBlock = list.GasUsed.Average(g => (double)g),
                Times = times,
                Problem = problem,
            });
        }
    }
}
