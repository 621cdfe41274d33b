using System.Globalization;

namespace Opal.Storage;

/// <summary>What of a process is in memory.</summary>
/// <param name="OwnBytes">Its own: heap, stacks, code made at run time. The system cannot take it back.</param>
/// <param name="MappedBytes">Pages of files: databases above all, and programs. The system takes them back when it needs room, and reads them again.</param>
public readonly record struct ProcessMemory(long OwnBytes, long MappedBytes)
{
    /// <summary>Both: the resident set.</summary>
    public long TotalBytes => OwnBytes + MappedBytes;

    /// <summary>This process now. Where the system does not tell the two apart, all counts as its own.</summary>
    public static ProcessMemory Current()
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status)) return new ProcessMemory(Environment.WorkingSet, 0);
        long own = 0, mapped = 0;
        foreach (string line in File.ReadLines(Status))
        {
            if (line.StartsWith("RssAnon:", StringComparison.Ordinal)) own += Kilobytes(line);
            else if (line.StartsWith("RssFile:", StringComparison.Ordinal) || line.StartsWith("RssShmem:", StringComparison.Ordinal)) mapped += Kilobytes(line);
        }

        return new ProcessMemory(own << 10, mapped << 10);
    }

    private static long Kilobytes(string line) => long.Parse(line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1).Trim(" \tkB"), CultureInfo.InvariantCulture);
}
