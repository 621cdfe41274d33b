using Spectre.Console;

namespace Opal.Cli;

/// <summary>Tables for a file or another program: no colours, and lines as long as they need to be.</summary>
internal static class PlainOutput
{
    /// <summary>Sets the console so, where the output is no terminal.</summary>
    /// <param name="width">Columns of a line.</param>
    public static void WhereRedirected(int width)
    {
        if (!Console.IsOutputRedirected) return;
        AnsiConsole.Profile.Width = width;
        AnsiConsole.Profile.Capabilities.Ansi = false;
        AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
    }
}
