using Opal.Cli.Flags;

namespace Opal.Cli.Geth;

/// <summary>The places in the data directory.</summary>
internal static class DataDirectory
{
    /// <summary>The data directory, in full.</summary>
    public static string Of(FlagValues values) => Path.GetFullPath(Expand(values.Text("datadir")));

    /// <summary>The JWT secret: where the flag says, else in the client's own folder.</summary>
    public static string JwtSecret(FlagValues values) =>
        values.TextOrNull("authrpc.jwtsecret") is { } given ? Path.GetFullPath(Expand(given)) : Path.Combine(Of(values), "geth", "jwtsecret");

    /// <summary>The IPC socket: a plain name lies in the data directory; null when there is none.</summary>
    public static string? IpcSocket(FlagValues values)
    {
        if (values.Bool("ipcdisable") || values.TextOrNull("ipcpath") is not { } path) return null;
        path = Expand(path);
        return path.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? Path.GetFullPath(path) : Path.Combine(Of(values), path);
    }

    /// <summary>The journal of local transactions; null keeps none.</summary>
    public static string? Journal(FlagValues values) =>
        values.TextOrNull("txpool.journal") is { } path ? Path.Combine(Of(values), "geth", Expand(path)) : null;

    private static string Expand(string path) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..] : path;
}
