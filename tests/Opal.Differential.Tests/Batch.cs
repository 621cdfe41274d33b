using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>Runs cases on both sides and compares.</summary>
internal sealed class Batch(FuzzFork fork, OpalRunner opal)
{
    /// <summary>What a run showed.</summary>
    public sealed record Report(AnvilRunner.Result Anvil, OpalRunner.Result Opal, List<Difference> Differences);

    /// <summary>The fork.</summary>
    public FuzzFork Fork => fork;

    /// <summary>Runs the cases in a block of their own.</summary>
    public async Task<Report> RunAsync(IReadOnlyList<FuzzProgram> programs, int outputs)
    {
        await using AnvilProcess anvil = await AnvilProcess.StartAsync(fork, AnvilRunner.GenesisOf(fork, programs)).ConfigureAwait(false);
        return await RunOnAsync(anvil, programs, outputs).ConfigureAwait(false);
    }

    /// <summary>Runs one case and looks at everything: state account by account, and the steps.</summary>
    /// <returns>The report, what differs in the state, and the first step that differs (null: none).</returns>
    public async Task<(Report Report, List<Difference> State, string? Step)> RunInDetailAsync(FuzzProgram program)
    {
        await using AnvilProcess anvil = await AnvilProcess.StartAsync(fork, AnvilRunner.GenesisOf(fork, [program]), tracesSteps: true).ConfigureAwait(false);
        Report report = await RunOnAsync(anvil, [program], outputs: 1).ConfigureAwait(false);
        List<Difference> state = StateComparison.Compare(report.Anvil, report.Opal);
        if (report.Anvil.Blocks[^1].Transactions[0].Refusal is not null) return (report, state, null);
        List<TraceLine> theirs = await StepTrace.FetchAsync(anvil, program.Transaction.Hash).ConfigureAwait(false);
        var ours = new StepTrace.Collector();
        opal.Run(report.Anvil.Script, tracerFor: _ => ours);
        return (report, state, StepTrace.FirstDifference(theirs, ours.Lines));
    }

    private async Task<Report> RunOnAsync(AnvilProcess anvil, IReadOnlyList<FuzzProgram> programs, int outputs)
    {
        AnvilRunner.Result theirs = await AnvilRunner.RunAsync(anvil, fork, programs, outputs).ConfigureAwait(false);
        OpalRunner.Result ours = opal.Run(theirs.Script);
        return new Report(theirs, ours, Comparison.Compare(theirs.Blocks, ours.Blocks, theirs.Order));
    }
}
