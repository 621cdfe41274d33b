using System.Text.RegularExpressions;
using Opal.Testing;

namespace Opal.Architecture.Tests;

/// <summary>docs/conformance.md lists the scenarios (S-…) with the test classes that play them; the list and the ids on the tests say the same.</summary>
public sealed partial class ScenarioIndex
{
    private const string ProofProgram = "*proof program*";
    private const string Open = "*open*";

    [Fact]
    public void Rows_and_tests_say_the_same()
    {
        Dictionary<string, string> rows = Listed();
        Dictionary<string, List<string>> tests = TestsByCase.Read(static id => id.StartsWith("S-", StringComparison.Ordinal));
        var faults = new List<string>();
        foreach ((string id, string cell) in rows)
        {
            string expected = tests.TryGetValue(id, out List<string>? names)
                ? string.Join(", ", names.Select(static name => name[..name.IndexOf('.', StringComparison.Ordinal)]).Distinct().Order(StringComparer.Ordinal))
                : cell is ProofProgram or Open ? cell : "no test";
            string said = cell is ProofProgram or Open ? cell : string.Join(", ", Name().Matches(cell).Select(static match => match.Groups[1].Value).Order(StringComparer.Ordinal));
            if (expected != said) faults.Add($"{id}: the page says {said}, the tests {expected}");
        }

        faults.AddRange(tests.Where(entry => !rows.ContainsKey(entry.Key)).Select(static entry => $"{entry.Key} is not listed, but {entry.Value[0]} carries it"));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Console.WriteLine(
            $"[count] scenarios: {rows.Count} listed, {rows.Keys.Count(tests.ContainsKey)} played by {tests.Values.SelectMany(static names => names).Distinct().Count()} tests, "
            + $"{rows.Values.Count(static cell => cell == ProofProgram)} wait for the proof program, {rows.Values.Count(static cell => cell == Open)} open");
    }

    [Fact]
    public void The_list_is_whole()
    {
        // the numbers of a group have no holes, so that a row cannot fall out of a table unseen
        foreach (IGrouping<string, string> group in Listed().Keys.GroupBy(static id => id[..id.LastIndexOf('-')]))
        {
            int[] numbers = [.. group.Select(static id => int.Parse(id[(id.LastIndexOf('-') + 1)..])).Order()];
            Assert.Equal(Enumerable.Range(1, numbers.Length), numbers);
        }

        Assert.Equal(159, Listed().Count);
    }

    [GeneratedRegex(@"^\| (S-[A-Z]{2}-\d{2}) \| [^|]+ \| ([^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Za-z0-9_]+)`")]
    private static partial Regex Name();

    /// <summary>The rows of the page: id, and what stands in the last column.</summary>
    private static Dictionary<string, string> Listed()
    {
        var rows = new Dictionary<string, string>(StringComparer.Ordinal);
        string page = File.ReadAllText(Path.Combine(Vectors.RepositoryRoot, "docs", "conformance.md"));
        foreach (Match row in Row().Matches(page)) Assert.True(rows.TryAdd(row.Groups[1].Value, row.Groups[2].Value), $"{row.Groups[1].Value} is listed twice");
        return rows;
    }
}
