using Opal.Cli.Flags;

namespace Opal.Cli.Geth;

/// <summary><c>dumpconfig</c>: prints the effective configuration as TOML.</summary>
internal static class DumpConfigCommand
{
    public static async Task<int> RunAsync(FlagValues values, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 1) throw new FlagException($"dumpconfig takes one file at most, and was given '{arguments[1]}' too");
        string text = TomlConfig.Write(values);
        if (arguments.Count == 0)
        {
            await Console.Out.WriteAsync(text);
            return 0;
        }

        try
        {
            await File.WriteAllTextAsync(arguments[0], text);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GethException($"{arguments[0]} cannot be written: {error.Message}", error);
        }

        return 0;
    }
}
