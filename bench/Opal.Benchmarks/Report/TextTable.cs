using Spectre.Console;

namespace Opal.Benchmarks;

/// <summary>A table: drawn in a terminal, aligned text where the output is piped. The first column is a name, the others align right.</summary>
internal sealed class TextTable(string title, params string[] columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>A row; cells that are missing at its end stay empty.</summary>
    public void Add(params string[] cells)
    {
        var row = new string[columns.Length];
        for (int i = 0; i < row.Length; i++) row[i] = i < cells.Length ? cells[i] : "";
        _rows.Add(row);
    }

    /// <summary>Prints it, unless it has no rows.</summary>
    public void Write(BenchOutput output)
    {
        if (_rows.Count == 0) return;
        if (output.IsTerminal) Draw();
        else WritePlain(output.Text);
    }

    private void Draw()
    {
        var table = new Table { Title = new TableTitle(Markup.Escape(title)), Border = TableBorder.Rounded };
        for (int i = 0; i < columns.Length; i++)
        {
            var column = new TableColumn(Markup.Escape(columns[i])).NoWrap();
            table.AddColumn(i == 0 ? column : column.RightAligned());
        }

        foreach (string[] row in _rows) table.AddRow(row.Select(Style).ToArray());
        AnsiConsole.Write(table);
    }

    private static string Style(string cell) => cell switch
    {
        "yes" or "goal" => $"[green]{cell}[/]",
        "NO" => "[red]NO[/]",
        _ => Markup.Escape(cell),
    };

    private void WritePlain(TextWriter output)
    {
        int[] widths = columns.Select((name, i) => Math.Max(name.Length, _rows.Max(row => row[i].Length))).ToArray();
        output.WriteLine(title);
        Line(columns);
        foreach (string[] row in _rows) Line(row);
        output.WriteLine();

        void Line(string[] cells) =>
            output.WriteLine(string.Join("  ", cells.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
    }
}
