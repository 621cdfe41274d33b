using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Opal.Cli.Logs;

/// <summary>Which events are written: geth's verbosity, and its exceptions by category.</summary>
internal sealed class LogLevels
{
    private volatile int _verbosity;
    private volatile int _changes;
    private readonly (string Category, int Verbosity)[] _exceptions;

    private LogLevels(int verbosity, (string Category, int Verbosity)[] exceptions) => (_verbosity, _exceptions) = (verbosity, exceptions);

    /// <summary>Reads the two flags.</summary>
    /// <param name="verbosity">0 to 5.</param>
    /// <param name="modules">Items <c>CATEGORY=N</c>; a category's name or the end of one, with <c>*</c> and <c>/</c> around it allowed as in Go.</param>
    /// <param name="levels">The result.</param>
    /// <param name="fault">The item that cannot be read.</param>
    public static bool TryParse(int verbosity, IEnumerable<string> modules, out LogLevels levels, out string fault)
    {
        var exceptions = new List<(string, int)>();
        (levels, fault) = (new LogLevels(verbosity, []), "");
        foreach (string module in modules)
        {
            string[] parts = module.Split('=');
            if (parts.Length != 2 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int own) || own > 5)
            {
                fault = module;
                return false;
            }

            exceptions.Add((parts[0].Trim('*', '/', ' '), own));
        }

        levels = new LogLevels(verbosity, [.. exceptions]);
        return true;
    }

    /// <summary>Grows with every <see cref="Set"/>: what was read before holds no more.</summary>
    public int Changes => _changes;

    /// <summary>Changes the verbosity, for all categories that have no exception of their own. Takes effect at once; safe at any time.</summary>
    /// <param name="verbosity">0 to 5.</param>
    public void Set(int verbosity)
    {
        _verbosity = verbosity;
        Interlocked.Increment(ref _changes);
    }

    /// <summary>Changes it by name: trace, debug, info, warn, error or crit. False: it is none of these.</summary>
    public bool TrySet(string name)
    {
        int verbosity = Array.IndexOf(Names, name.ToLowerInvariant());
        if (verbosity >= 0) Set(verbosity);
        return verbosity >= 0;
    }

    /// <summary>The names of the verbosities 0 to 5.</summary>
    public static string[] Names { get; } = ["crit", "error", "warn", "info", "debug", "trace"];

    /// <summary>The least level of a category that is written. What the web server says of itself counts one less than our own.</summary>
    public LogLevel Lowest(string category)
    {
        foreach ((string name, int own) in _exceptions)
        {
            if (name.Length > 0 && category.Contains(name, StringComparison.OrdinalIgnoreCase)) return Of(own);
        }

        return Of(category.StartsWith("Opal", StringComparison.Ordinal) ? _verbosity : Math.Max(0, _verbosity - 1));
    }

    private static LogLevel Of(int verbosity) => verbosity switch
    {
        0 => LogLevel.Critical, 1 => LogLevel.Error, 2 => LogLevel.Warning, 3 => LogLevel.Information, 4 => LogLevel.Debug, _ => LogLevel.Trace,
    };
}
