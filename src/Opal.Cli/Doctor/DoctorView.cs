using Spectre.Console;
using Spectre.Console.Rendering;

namespace Opal.Cli.Doctor;

/// <summary>Shows the results on a terminal: a line a check, by groups, and under it what to do.</summary>
internal static class DoctorView
{
    /// <param name="results">The results.</param>
    /// <param name="brief">Whether to show what needs a look alone.</param>
    /// <param name="took">How long all of it took.</param>
    public static IRenderable Render(IReadOnlyList<(Check Check, CheckResult Result)> results, bool brief, TimeSpan took)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("check").NoWrap()).AddColumn(new TableColumn("result").NoWrap()).AddColumn("what was found");
        string group = "";
        foreach ((Check check, CheckResult result) in results)
        {
            if (brief && (result.Status is CheckStatus.Ok or CheckStatus.NotChecked)) continue;
            if (group.Length > 0 && check.Group != group) table.AddEmptyRow();
            group = check.Group;
            (string colour, string word) = (ColourOf(result.Status), DoctorJson.WordFor(result.Status));
            IRenderable found = result.Fix.Length == 0
                ? new Markup(result.Status == CheckStatus.NotChecked ? $"[grey]{Markup.Escape(result.Finding)}[/]" : Markup.Escape(result.Finding))
                : new Rows(new Markup(Markup.Escape(result.Finding)), new Markup($"[bold]→[/] {Markup.Escape(result.Fix)}"));
            table.AddRow(new Markup($"{Markup.Escape(check.Id)}"), new Markup($"[{colour}]{word}[/]"), found);
        }

        var summary = new Markup(Summary(results, took));
        return table.Rows.Count == 0 ? summary : new Rows(table, summary);
    }

    private static string ColourOf(CheckStatus status) => status switch { CheckStatus.Ok => "green", CheckStatus.Warning => "yellow bold", CheckStatus.Failed => "red bold", _ => "grey" };

    /// <summary>The last line.</summary>
    public static string Summary(IReadOnlyList<(Check Check, CheckResult Result)> results, TimeSpan took)
    {
        int Count(CheckStatus status) => results.Count(result => result.Result.Status == status);
        string end = Count(CheckStatus.Failed) > 0 ? "[red bold]the node cannot work like this[/]"
            : Count(CheckStatus.Warning) > 0 ? "[yellow]it can work; see the warnings[/]"
            : "[green]all is well[/]";
        return $"{Count(CheckStatus.Failed)} failed, {Count(CheckStatus.Warning)} warning{(Count(CheckStatus.Warning) == 1 ? "" : "s")}, {Count(CheckStatus.Ok)} ok, {Count(CheckStatus.NotChecked)} not checked, in {took.TotalSeconds:0.0} s: {end}";
    }
}
