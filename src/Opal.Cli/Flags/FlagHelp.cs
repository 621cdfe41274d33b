using System.Text;

namespace Opal.Cli.Flags;

/// <summary>Writes a table of flags for people: for the terminal, and for the documentation.</summary>
internal static class FlagHelp
{
    private const int Column = 40, Width = 130;

    /// <summary>The flags by group, as <c>--help</c> shows them.</summary>
    public static string Text(FlagTable table)
    {
        var text = new StringBuilder();
        foreach (IGrouping<string, FlagDefinition> group in table.All.Where(static flag => !flag.IsHidden).GroupBy(flag => flag.Group))
        {
            text.Append('\n').Append(group.Key).Append('\n');
            foreach (FlagDefinition flag in group)
            {
                string head = $"  --{flag.Name}{(flag.MayBeBare ? "" : $" {Placeholder(flag)}")}";
                var words = $"{Explain(flag)} [{table.VariableOf(flag)}]".Split(' ').ToList();
                text.Append(head.Length < Column - 1 ? head.PadRight(Column) : head + "\n" + new string(' ', Column));
                int at = Column;
                foreach (string word in words)
                {
                    if (at + word.Length > Width && at > Column)
                    {
                        text.Append('\n').Append(' ', Column);
                        at = Column;
                    }

                    text.Append(word).Append(' ');
                    at += word.Length + 1;
                }

                text.Length--;
                text.Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>The flags by group, as Markdown tables.</summary>
    public static string Markdown(FlagTable table)
    {
        var text = new StringBuilder();
        foreach (IGrouping<string, FlagDefinition> group in table.All.GroupBy(flag => flag.Group))
        {
            text.Append($"\n### {group.Key[0]}{group.Key[1..].ToLowerInvariant()}\n\n| flag | default | what it does |\n|---|---|---|\n");
            foreach (FlagDefinition flag in group)
            {
                string aliases = flag.Aliases.Count == 0 ? "" : $" (also {string.Join(", ", flag.Aliases.Select(alias => $"`{alias}`"))})";
                string given = flag.Default.Length == 0 ? "" : $"`{flag.Default}`";
                text.Append($"| `{flag.Name}`{aliases} | {given} | {Sentence(flag)} |\n");
            }
        }

        return text.ToString();
    }

    private static string Explain(FlagDefinition flag)
    {
        string aliases = flag.Aliases.Count == 0 ? "" : $"; also --{string.Join(", --", flag.Aliases)}";
        string given = flag.Default.Length == 0 || flag.MayBeBare && flag.Default == "false" ? "" : $" (default {flag.Default})";
        return Sentence(flag) + given + aliases;
    }

    private static string Sentence(FlagDefinition flag)
    {
        string choices = flag.Kind == FlagKind.Choice ? $": {string.Join(", ", flag.Choices.Where(choice => choice.Length > 0))}" : "";
        return flag.Effect switch
        {
            FlagEffect.Hint => $"{flag.Help}{choices}; accepted, nothing to tune",
            FlagEffect.Ignored => $"{flag.Help}{choices}; no effect: {flag.Note}",
            FlagEffect.Refused => $"{flag.Help}{choices}; refused: {flag.Note}",
            _ => flag.Help + choices,
        };
    }

    private static string Placeholder(FlagDefinition flag) => flag.Kind switch
    {
        FlagKind.Number => "N",
        FlagKind.Wei => "WEI",
        FlagKind.Ether => "ETHER",
        FlagKind.Gwei => "GWEI",
        FlagKind.HexAddress => "ADDRESS",
        FlagKind.Duration => "DURATION",
        FlagKind.List => "A,B",
        FlagKind.FilePath => "PATH",
        FlagKind.Url => "URL",
        _ => "VALUE",
    };
}
