using System.Text.RegularExpressions;
using Opal.Testing;

namespace Opal.Architecture.Tests;

/// <summary>docs/conformance.md lists the cases of derivation; every one has a test that names it, and no test names another.</summary>
public sealed partial class Casebook
{
    [Fact]
    public void Every_case_has_a_test_and_every_test_a_case()
    {
        HashSet<string> cases = Listed();
        Dictionary<string, List<string>> tests = TestsByCase.Read(static id => !id.StartsWith("S-", StringComparison.Ordinal));
        string[] untested = [.. cases.Where(id => !tests.ContainsKey(id)).Order(StringComparer.Ordinal)];
        string[] unknown = [.. tests.Where(entry => !cases.Contains(entry.Key)).Select(entry => $"{entry.Key} ({entry.Value[0]})").Order(StringComparer.Ordinal)];
        Assert.True(untested.Length == 0, $"cases of docs/conformance.md without a test: {string.Join(", ", untested)}");
        Assert.True(unknown.Length == 0, $"tests name cases that docs/conformance.md does not list: {string.Join(", ", unknown)}");
        Console.WriteLine($"[count] casebook: {cases.Count} cases, {cases.Count(tests.ContainsKey)} covered by {tests.Values.SelectMany(static names => names).Distinct().Count()} tests");
    }

    [Fact]
    public void The_list_is_whole()
    {
        // the numbers of a group have no holes, so that a row cannot fall out of the table unseen
        foreach (IGrouping<string, string> group in Listed().GroupBy(static id => id[..id.LastIndexOf('-')]))
        {
            int[] numbers = [.. group.Select(static id => int.Parse(id[(id.LastIndexOf('-') + 1)..])).Order()];
            Assert.Equal(Enumerable.Range(1, numbers.Length), numbers);
        }

        Assert.Equal(238, Listed().Count);
    }

    [GeneratedRegex(@"^\| ((?:D-[A-Z]{2}|V)-\d{2}) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    private static HashSet<string> Listed()
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        string page = File.ReadAllText(Path.Combine(Vectors.RepositoryRoot, "docs", "conformance.md"));
        foreach (Match row in Row().Matches(page)) Assert.True(ids.Add(row.Groups[1].Value), $"{row.Groups[1].Value} is listed twice");
        return ids;
    }
}
