namespace Opal.Cli.Batches;

/// <summary>A table of aligned text, the same on a terminal and in a pipe.</summary>
/// <param name="title">Its heading.</param>
/// <param name="columns">The columns' names; one that begins with &gt; is aligned to the right.</param>
internal sealed class AlignedTable(string title, params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Prints it; a column that is empty in every row is left out.</summary>
    public void Write(TextWriter output)
    {
        string[] names = [.. columns.Select(static name => name.TrimStart('>'))];
        int[] shown = [.. Enumerable.Range(0, names.Length).Where(i => _rows.Count == 0 || _rows.Exists(row => row[i].Length > 0))];
        int[] widths = [.. names.Select((name, i) => Math.Max(name.Length, _rows.Count == 0 ? 0 : _rows.Max(row => row[i].Length)))];
        output.WriteLine(title);
        if (_rows.Count > 0) Line(names);
        foreach (string[] row in _rows) Line(row);
        output.WriteLine();

        void Line(string[] cells) => output.WriteLine(
            ("  " + string.Join("  ", shown.Select(i => columns[i].StartsWith('>') ? cells[i].PadLeft(widths[i]) : cells[i].PadRight(widths[i])))).TrimEnd());
    }
}
