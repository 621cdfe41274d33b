namespace Opal.Architecture.Tests;

/// <summary>The core's IL holds nothing that the fault-proof VM has not (docs/architecture.md, rules of the core).</summary>
public sealed class CoreRules
{
    [Theory]
    [InlineData("Opal.Primitives"), InlineData("Opal.Trie"), InlineData("Opal.Evm"), InlineData("Opal.Protocol"), InlineData("Opal.Derivation")]
    public void The_core_holds_to_its_rules(string assembly)
    {
        IReadOnlyList<string> findings = CoreIlScanner.Scan(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
        Assert.True(findings.Count == 0, $"{findings.Count} findings in {assembly}:\n{string.Join('\n', findings)}");
    }

    [Fact]
    public void The_scanner_finds_what_it_looks_for()
    {
        IReadOnlyList<string> findings = CoreIlScanner.Scan(typeof(Offender).Assembly.Location);
        foreach (string rule in new[] { "catch", "float", "delegate", "iterator", "async", "text", "banned" })
        {
            Assert.Contains(findings, f => f.StartsWith("Offender", StringComparison.Ordinal) && f.Contains($": {rule}:", StringComparison.Ordinal)
                || f.Contains($": {rule}:", StringComparison.Ordinal) && f.Contains("<Offend", StringComparison.Ordinal));
        }
    }
}

/// <summary>Does, on purpose, everything the core may not do.</summary>
internal static class Offender
{
    public static double Float(int x) => x * 0.5;

    public static int Catch(string text)
    {
        try
        {
            return text.Length;
        }
        catch (NullReferenceException)
        {
            return 0;
        }
    }

    public static Func<int, int> Delegate(int y) => x => x + y;

    public static IEnumerable<int> OffendIterator()
    {
        yield return 1;
    }

    public static async Task OffendAsync() => await Task.Yield();

    public static string Text(int x) => $"x = {x}";

    public static long Banned() => DateTime.UtcNow.Ticks;
}
