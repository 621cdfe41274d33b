using System.Runtime.InteropServices;

namespace Opal.Cli.BatcherReports;

/// <summary>The processor time of the calling thread: what other work on the machine takes is not in it.</summary>
internal static partial class ThreadClock
{
    /// <summary>CLOCK_THREAD_CPUTIME_ID of Linux.</summary>
    private const int ThisThread = 3;

    /// <summary>What this thread has used so far.</summary>
    /// <exception cref="PlatformNotSupportedException">The system has no such clock.</exception>
    public static TimeSpan Used => clock_gettime(ThisThread, out Time time) == 0 ? TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
        : throw new PlatformNotSupportedException("the system does not tell a thread's processor time");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, out Time time);

    private readonly struct Time
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
