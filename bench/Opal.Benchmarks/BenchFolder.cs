namespace Opal.Benchmarks;

/// <summary>Finds the workloads, and the repository this program was built in.</summary>
internal static class BenchFolder
{
    /// <summary>The folder OPAL_BENCH, else ../shared/bench beside the repository.</summary>
    /// <param name="file">A file that must be in it, relative to the folder.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="problem">What to set, when there is no such folder or the file is not in it.</param>
    public static bool TryFind(string file, out string folder, out string problem)
    {
        string? named = Environment.GetEnvironmentVariable("OPAL_BENCH");
        string? candidate = named is { Length: > 0 } ? named : Repository() is { } root ? Path.GetFullPath(Path.Combine(root, "..", "shared", "bench")) : null;
        folder = candidate ?? "";
        problem = "";
        if (candidate is not null && File.Exists(Path.Combine(candidate, file))) return true;
        string where = candidate is null ? "no folder was found beside the repository" : $"there is no {Path.Combine(candidate, file)}";
        problem = $"no workloads: {where}; set OPAL_BENCH to the folder that holds {file}";
        return false;
    }

    /// <summary>The repository's root: the nearest folder above the program that holds Opal.slnx; null when the program was moved.</summary>
    public static string? Repository()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Opal.slnx"))) return at.FullName;
        }

        return null;
    }
}
