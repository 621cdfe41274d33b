using System.Diagnostics;
using System.Globalization;

namespace Opal.Benchmarks;

/// <summary>The most memory the process has held since the last reset.</summary>
internal static class PeakMemory
{
    /// <summary>Collects garbage and forgets the peak so far, where the system can (Linux: /proc/self/clear_refs).</summary>
    public static void Reset()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // the peak then counts from the start of the process
        }
    }

    /// <summary>MiB.</summary>
    public static double Megabytes()
    {
        const string Field = "VmHWM:";
        if (File.Exists("/proc/self/status"))
        {
            foreach (string line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith(Field, StringComparison.Ordinal)) return long.Parse(line.AsSpan(Field.Length).Trim(" \tkB"), CultureInfo.InvariantCulture) / 1024.0;
            }
        }

        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64 / (1024.0 * 1024.0);
    }
}
