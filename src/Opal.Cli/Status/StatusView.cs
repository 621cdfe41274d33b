using Spectre.Console;
using Spectre.Console.Rendering;

namespace Opal.Cli.Status;

/// <summary>Shows a node's report on a terminal.</summary>
internal static class StatusView
{
    public static IRenderable Render(StatusReport report, string endpoint)
    {
        var rows = new List<IRenderable>
        {
            new Markup($"[bold]{Markup.Escape(report.Version)}[/] at {Markup.Escape(endpoint)}{(report.L2ChainId == 0 ? "" : $", L2 chain {report.L2ChainId} on L1 chain {report.L1ChainId}")}"),
        };
        if (report.Halted is { } halted) rows.Add(new Markup($"[red bold]stopped for good:[/] {Markup.Escape(halted)}"));
        rows.Add(Heads(report));
        rows.Add(L1(report));
        var facts = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        if (report.Sequencer.Length > 0) facts.AddRow("sequencer", Markup.Escape(report.Sequencer));
        if (report.L1Trouble is { } l1) facts.AddRow("[yellow]L1[/]", Markup.Escape(l1));
        if (report.EngineTrouble is { } engine) facts.AddRow("[yellow]engine[/]", Markup.Escape(engine));
        foreach (string channel in report.Channels) facts.AddRow("open channel", Markup.Escape(channel));
        foreach (string dropped in report.Dropped.Take(5)) facts.AddRow("[yellow]not used[/]", Markup.Escape(dropped));
        rows.Add(facts);
        return new Rows(rows);
    }

    private static Table Heads(StatusReport report)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("L2").AddColumn(new TableColumn("block").RightAligned())
            .AddColumn(new TableColumn("lag").RightAligned()).AddColumn(new TableColumn("age").RightAligned()).AddColumn("why it is no further");
        foreach (StatusHead head in report.L2)
        {
            table.AddRow($"[bold]{head.Name}[/]", $"{head.Number}", $"{head.Lag}", Age(head.AgeSeconds), Markup.Escape(head.Reason ?? ""));
        }

        return table;
    }

    private static Table L1(StatusReport report)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("L1").AddColumn(new TableColumn("block").RightAligned()).AddColumn(new TableColumn("age").RightAligned());
        foreach (StatusL1 block in report.L1) table.AddRow(block.Name == "current" ? "derivation is at" : block.Name, $"{block.Number}", Age(block.AgeSeconds));
        return table;
    }

    private static string Age(ulong seconds) => seconds switch
    {
        < 120 => $"{seconds} s",
        < 7200 => $"{seconds / 60} min",
        < 172_800 => $"{seconds / 3600} h",
        _ => $"{seconds / 86_400} d",
    };
}
