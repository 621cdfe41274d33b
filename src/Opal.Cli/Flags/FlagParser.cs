namespace Opal.Cli.Flags;

/// <summary>Reads flags from a command line and the environment, in the forms Go's programs accept.</summary>
/// <remarks>
/// <c>--name value</c>, <c>--name=value</c>, one dash or two; a boolean stands bare or with <c>=</c>; lists repeat or hold commas; <c>--</c> ends the flags.
/// Flags may stand before and after the command. Strength: command line, environment, configuration file, default.
/// </remarks>
internal static class FlagParser
{
    /// <summary>Reads all but the configuration file.</summary>
    /// <param name="table">The flags there are.</param>
    /// <param name="arguments">The words after the role's own.</param>
    /// <param name="environment">The environment's variables.</param>
    /// <exception cref="FlagException">A flag is unknown, lacks its value, has a wrong one, or is one that must not be left out silently.</exception>
    public static FlagValues Parse(FlagTable table, IReadOnlyList<string> arguments, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var values = new FlagValues(table);
        values.Words = ReadArguments(values, arguments);
        ReadEnvironment(values, environment);
        return values;
    }

    private static List<string> ReadArguments(FlagValues values, IReadOnlyList<string> arguments)
    {
        var words = new List<string>();
        bool ended = false;
        for (int i = 0; i < arguments.Count; i++)
        {
            string token = arguments[i];
            if (!ended && token == "--")
            {
                ended = true;
                continue;
            }

            if (ended || token.Length < 2 || token[0] != '-')
            {
                words.Add(token);
                continue;
            }

            int equals = token.IndexOf('=', StringComparison.Ordinal);
            string dashed = equals < 0 ? token : token[..equals], name = dashed.StartsWith("--", StringComparison.Ordinal) ? dashed[2..] : dashed[1..];
            FlagDefinition flag = values.Table.Find(name) ?? throw Unknown(values.Table, dashed, name);
            string text;
            if (equals >= 0) text = token[(equals + 1)..];
            else if (flag.Kind == FlagKind.BoolOrAddress && i + 1 < arguments.Count && FlagText.TryAddress(arguments[i + 1], out _, out _)) text = arguments[++i];
            else if (flag.MayBeBare) text = "true";
            else if (i + 1 < arguments.Count && !IsFlag(values.Table, arguments[i + 1])) text = arguments[++i];
            else throw new FlagException($"flag {dashed} needs a value: {dashed}=VALUE");
            Take(values, flag, text, FlagSource.CommandLine, dashed);
        }

        return words;
    }

    private static bool IsFlag(FlagTable table, string token)
    {
        if (!token.StartsWith("--", StringComparison.Ordinal)) return false;
        int equals = token.IndexOf('=', StringComparison.Ordinal);
        return table.Find(equals < 0 ? token[2..] : token[2..equals]) is not null;
    }

    private static FlagException Unknown(FlagTable table, string dashed, string name)
    {
        string? nearest = UsageErrors.Nearest(name, table.Names);
        return new FlagException($"unknown flag '{dashed}'{(nearest is null ? "" : $"; did you mean '--{nearest}'?")}");
    }

    private static void ReadEnvironment(FlagValues values, IEnumerable<KeyValuePair<string, string>> environment)
    {
        foreach ((string variable, string text) in environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!variable.StartsWith(values.Table.Prefix, StringComparison.Ordinal)) continue;
            if (values.Table.FindVariable(variable) is { } flag)
            {
                if (text.Length == 0 && flag.Kind is not (FlagKind.Text or FlagKind.List or FlagKind.FilePath)) continue; // set to nothing: not set
                Take(values, flag, text, FlagSource.Environment, variable);
                continue;
            }

            string? nearest = UsageErrors.Nearest(variable, values.Table.All.Select(values.Table.VariableOf));
            values.Warnings.Add($"the environment variable {variable} sets no flag{(nearest is null ? "" : $"; did you mean {nearest}?")}");
        }
    }

    /// <summary>Sets a value, with the warning or refusal that goes with the flag.</summary>
    internal static void Take(FlagValues values, FlagDefinition flag, string text, FlagSource source, string named)
    {
        values.Set(flag, text, source, named);
        if (FlagText.TryBool(text, out bool on) && !on && flag.MayBeBare) return; // switching off what is off
        if (flag.Effect == FlagEffect.Refused) throw new FlagException($"{named}: {flag.Note}");
        if (flag.Effect != FlagEffect.Ignored) return;
        string warning = $"{named} is accepted and has no effect: {flag.Note}";
        if (!values.Warnings.Contains(warning)) values.Warnings.Add(warning);
    }
}
