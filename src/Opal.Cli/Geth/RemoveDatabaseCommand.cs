using Opal.Cli.Flags;
using Opal.Execution;

namespace Opal.Cli.Geth;

/// <summary><c>removedb</c>: deletes the databases of a data directory.</summary>
internal static class RemoveDatabaseCommand
{
    public static Task<int> RunAsync(FlagValues values, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0) throw new FlagException($"removedb takes no arguments, and was given '{arguments[0]}'");
        string directory = DataDirectory.Of(values);
        string jwt = Path.Combine(ChainDatabase.DirectoryOf(directory), "jwtsecret");
        if (!Console.IsInputRedirected)
        {
            Console.Out.Write($"Delete the chain in {ChainDatabase.DirectoryOf(directory)}? [y/N] ");
            if (Console.In.ReadLine()?.Trim().ToLowerInvariant() is not ("y" or "yes")) throw new GethException("nothing was deleted");
        }

        try
        {
            byte[]? secret = File.Exists(jwt) ? File.ReadAllBytes(jwt) : null;
            bool removed = ChainDatabase.Remove(directory);
            Console.Out.WriteLine(removed ? $"deleted the chain in {directory}" : $"there is no chain in {directory}");
            if (removed && secret is not null && !File.Exists(jwt)) RestoreSecret(jwt, secret);
            return Task.FromResult(0);
        }
        catch (Exception error) when (error is ChainDatabaseException or IOException or UnauthorizedAccessException)
        {
            throw new GethException(error.Message, error);
        }
    }

    /// <summary>The secret is shared with the rollup node, and outlives the chain.</summary>
    private static void RestoreSecret(string path, byte[] secret)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(secret);
    }
}
