namespace Opal.Benchmarks;

/// <summary>Where a benchmark's report and its progress go.</summary>
/// <param name="text">The report.</param>
/// <param name="error">Progress and complaints.</param>
/// <param name="isTerminal">Whether somebody reads the report in a terminal.</param>
internal sealed class BenchOutput(TextWriter text, TextWriter error, bool isTerminal)
{
    private const double SilenceSeconds = 2;
    private long _lastTold = Clock.Now;

    public TextWriter Text => text;

    public TextWriter Error => error;

    public bool IsTerminal => isTerminal;

    /// <summary>The process's own output.</summary>
    public static BenchOutput OfConsole() => new(Console.Out, Console.Error, !Console.IsOutputRedirected);

    /// <summary>Says what is running, at most once in two seconds.</summary>
    public void Progress(int done, int of, string what)
    {
        if (Clock.Since(_lastTold) < SilenceSeconds) return;
        _lastTold = Clock.Now;
        error.WriteLine($"[bench] {done}/{of} {what}");
    }

    /// <summary>Says that something slow begins.</summary>
    public void Say(string what)
    {
        _lastTold = Clock.Now;
        error.WriteLine($"[bench] {what}");
    }
}
