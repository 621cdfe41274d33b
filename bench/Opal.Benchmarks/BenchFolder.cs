namespace Opal.Benchmarks;

/// <summary>Finds the workloads.</summary>
internal static class BenchFolder
{
    /// <summary>OPAL_BENCH, else ../shared/bench beside the repository; null when there is none.</summary>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable("OPAL_BENCH") is { Length: > 0 } named) return Directory.Exists(named) ? named : null;
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (!File.Exists(Path.Combine(at.FullName, "Opal.slnx"))) continue;
            string beside = Path.GetFullPath(Path.Combine(at.FullName, "..", "shared", "bench"));
            return Directory.Exists(beside) ? beside : null;
        }

        return null;
    }
}
