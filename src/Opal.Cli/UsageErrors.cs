using System.CommandLine;
using System.CommandLine.Parsing;

namespace Opal.Cli;

/// <summary>Says what was wrong with a command line, naming the nearest known flag or verb.</summary>
internal static class UsageErrors
{
    public static int Report(ParseResult parsed, TextWriter error)
    {
        Command command = parsed.CommandResult.Command;
        string name = NameOf(parsed.CommandResult);
        bool explained = false;
        foreach (string token in parsed.UnmatchedTokens)
        {
            bool isFlag = token.StartsWith('-');
            string word = isFlag ? token.Split('=')[0] : token;
            IEnumerable<string> known = isFlag ? FlagsOf(command) : command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name);
            string? nearest = Nearest(word, known);
            string what = isFlag ? "unknown flag" : command.Subcommands.Count > 0 ? "unknown verb" : "unexpected argument";
            error.WriteLine($"{name}: {what} '{word}'{(nearest is null ? "" : $"; did you mean '{nearest}'?")}");
            explained = true;
            break;
        }

        if (!explained)
        {
            foreach (ParseError problem in parsed.Errors.Take(1)) error.WriteLine($"{name}: {problem.Message}");
        }

        error.WriteLine($"'{name} --help' lists what there is.");
        return 2;
    }

    private static string NameOf(CommandResult result)
    {
        var names = new List<string>();
        for (SymbolResult? at = result; at is CommandResult command; at = command.Parent) names.Insert(0, command.Command is RootCommand ? "opal" : command.Command.Name);
        return string.Join(' ', names);
    }

    private static IEnumerable<string> FlagsOf(Command command) =>
        command.Options.Where(o => !o.Hidden).SelectMany(o => o.Aliases.Append(o.Name)).Append("--help");

    /// <summary>The known word with the fewest edits, if that is close enough to be meant.</summary>
    internal static string? Nearest(string word, IEnumerable<string> known)
    {
        string? best = null;
        int bestDistance = Math.Max(2, word.Length / 3) + 1;
        foreach (string candidate in known)
        {
            int distance = Distance(word, candidate);
            if (distance < bestDistance) (best, bestDistance) = (candidate, distance);
        }

        return best;
    }

    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++) row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
