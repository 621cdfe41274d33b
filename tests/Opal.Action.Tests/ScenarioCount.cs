using System.Reflection;
using Opal.Testing;
using Xunit.Sdk;

namespace Opal.ActionTests;

/// <summary>How many scenarios of docs/conformance.md this suite plays, and in how many tests: a scenario over five forks is five tests.</summary>
public sealed class ScenarioCount
{
    [Fact]
    public void Scenarios_are_counted_by_their_ids()
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        int tests = 0, methods = 0;
        foreach (MethodInfo method in typeof(ScenarioCount).Assembly.GetTypes().SelectMany(static type => type.GetMethods()))
        {
            if (method.GetCustomAttribute<FactAttribute>() is not { Skip: null }) continue;
            string[] own = [.. (method.GetCustomAttribute<CaseAttribute>()?.Ids ?? "").Split(' ').Where(static id => id.StartsWith("S-", StringComparison.Ordinal))];
            if (own.Length == 0) continue;
            ids.UnionWith(own);
            methods++;
            DataAttribute[] data = [.. method.GetCustomAttributes<DataAttribute>()];
            tests += data.Length == 0 ? 1 : data.Sum(rows => rows.GetData(method).Count());
        }

        Assert.NotEmpty(ids);
        Console.WriteLine($"[count] scenarios: {ids.Count}, in {tests} tests of {methods} methods (forks and forms counted)");
    }
}
