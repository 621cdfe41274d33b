namespace Opal.Cli.EvmTool;

/// <summary>Gathers what running test files gives.</summary>
public sealed class TestSink
{
    private readonly SortedDictionary<string, int> _notRun = new(StringComparer.Ordinal);

    /// <summary>The tests that ran, in order.</summary>
    public List<TestResult> Results { get; } = [];

    /// <summary>The files and tests that could not be read: which, and why.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>How many tests do not apply, by reason.</summary>
    public IReadOnlyDictionary<string, int> NotRun => _notRun;

    /// <summary>Counts tests that do not apply.</summary>
    public void Skip(string reason, int count = 1) => _notRun[reason] = _notRun.GetValueOrDefault(reason) + count;

    /// <summary>Adds what another gathered.</summary>
    public void Add(TestSink other)
    {
        Results.AddRange(other.Results);
        Problems.AddRange(other.Problems);
        foreach ((string reason, int count) in other.NotRun) Skip(reason, count);
    }
}
