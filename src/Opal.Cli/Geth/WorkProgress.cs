using Spectre.Console;

namespace Opal.Cli.Geth;

/// <summary>Shows how far long work is, with rate and time left: a bar on a terminal, a line every few seconds elsewhere, nothing in the first two seconds.</summary>
internal sealed class WorkProgress
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2), LineInterval = TimeSpan.FromSeconds(8), DrawInterval = TimeSpan.FromMilliseconds(200);

    private readonly string _what;
    private readonly bool _terminal;
    private readonly TextWriter _output;
    private readonly TimeProvider _time;
    private readonly long _started;
    private TimeSpan _next = Quiet;
    private bool _drawn;

    /// <param name="what">What is being done: <c>importing</c>.</param>
    /// <param name="output">Where to write.</param>
    /// <param name="terminal">Whether that is a terminal.</param>
    /// <param name="time">The clock.</param>
    public WorkProgress(string what, TextWriter output, bool terminal, TimeProvider time)
    {
        (_what, _output, _terminal, _time) = (what, output, terminal, time);
        _started = time.GetTimestamp();
    }

    /// <summary>Progress on the console.</summary>
    public static WorkProgress OnConsole(string what) => new(what, Console.Out, !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive, TimeProvider.System);

    /// <summary>Says how far the work is.</summary>
    /// <param name="fraction">From 0 to 1.</param>
    /// <param name="detail">The rates: <c>1,250 blocks/s</c>; made only when it is shown.</param>
    public void Report(double fraction, Func<TimeSpan, string> detail)
    {
        TimeSpan elapsed = _time.GetElapsedTime(_started);
        if (elapsed < _next) return;
        _next = elapsed + (_terminal ? DrawInterval : LineInterval);
        fraction = double.IsFinite(fraction) ? Math.Clamp(fraction, 0, 1) : 0;
        string left = fraction > 0.001 ? $", {Brief(elapsed * ((1 - fraction) / fraction))} left" : "";
        string text = $"{_what} {fraction,4:P0}, {detail(elapsed)}{left}";
        if (!_terminal)
        {
            _output.WriteLine(text);
            return;
        }

        const int Cells = 24;
        int full = (int)(fraction * Cells);
        _output.Write($"\r\e[2K[{new string('=', full)}{new string(' ', Cells - full)}] {text}");
        _drawn = true;
    }

    /// <summary>Takes the bar away.</summary>
    public void Clear()
    {
        if (_drawn) _output.Write("\r\e[2K");
        _drawn = false;
    }

    /// <summary>Ends it with a last line.</summary>
    public void Finish(Func<TimeSpan, string> summary)
    {
        Clear();
        _output.WriteLine(summary(_time.GetElapsedTime(_started)));
    }

    /// <summary>A duration in its two greatest units: 2h05m, 3m20s, 12s.</summary>
    internal static string Brief(TimeSpan time) => time switch
    {
        { TotalHours: >= 1 } => $"{(long)time.TotalHours}h{time.Minutes:00}m",
        { TotalMinutes: >= 1 } => $"{time.Minutes}m{time.Seconds:00}s",
        _ => $"{time.TotalSeconds:F0}s",
    };

    /// <summary>Work a second, for people.</summary>
    internal static string Rate(double amount, TimeSpan elapsed, string unit) => $"{amount / Math.Max(elapsed.TotalSeconds, 1e-6):N0} {unit}/s";
}
