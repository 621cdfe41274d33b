namespace Opal.Cli.Doctor;

/// <summary>Values as sentences have them.</summary>
internal static class DoctorText
{
    /// <summary>A length of time in its two largest units.</summary>
    public static string Time(ulong seconds) => seconds switch
    {
        < 120 => $"{seconds} s",
        < 7_200 => $"{seconds / 60} min",
        < 172_800 => seconds % 3_600 < 60 ? $"{seconds / 3_600} h" : $"{seconds / 3_600} h {seconds % 3_600 / 60} min",
        _ => $"{seconds / 86_400} days",
    };

    /// <summary>A point of time in UTC.</summary>
    public static string At(ulong unixSeconds) =>
        unixSeconds <= 253_402_300_799 ? $"{DateTimeOffset.FromUnixTimeSeconds((long)unixSeconds):yyyy-MM-dd HH:mm:ss} UTC" : $"second {unixSeconds}";

    /// <summary>Bytes in the largest decimal unit.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1_000_000_000 => $"{bytes / 1_000_000_000.0:0.#} GB",
        _ => $"{bytes / 1_000_000} MB",
    };

    /// <summary>Seconds from one time to a later one; 0 when it is not later.</summary>
    public static ulong Since(ulong earlier, ulong later) => later > earlier ? later - earlier : 0;
}
