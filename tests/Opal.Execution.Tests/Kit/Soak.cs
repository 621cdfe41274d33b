using System.Globalization;

namespace Opal.Execution.Tests;

/// <summary>How long randomised tests run: their usual count, or what an environment variable says.</summary>
internal static class Soak
{
    public static int Count(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : otherwise;

    /// <summary>The first seed: fixed, but for long runs, which take it from OPAL_SOAK_SEED or the clock and say so in failures.</summary>
    public static int Seed(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is null ? otherwise : Count("OPAL_SOAK_SEED", Environment.TickCount & 0xffffff);
}
