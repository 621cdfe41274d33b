using System.Globalization;

namespace Opal.Storage.Tests;

/// <summary>How long randomised tests run: OPAL_SOAK_STORE, or little.</summary>
internal static class SoakCount
{
    public static int Or(int usual) => int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_STORE"), CultureInfo.InvariantCulture, out int count) ? count : usual;
}
