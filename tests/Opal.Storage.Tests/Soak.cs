namespace Opal.Storage.Tests;

/// <summary>Runs randomised tests: few times with fixed seeds, or as often as OPAL_SOAK_STORE says, with new ones.</summary>
internal static class Soak
{
    private static readonly int Times = int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_STORE"), out int times) ? times : 0;
    private static readonly int Base = Times > 0 ? Random.Shared.Next() : 0;

    /// <summary>Runs a test once a seed; where it fails, the seed is in the exception.</summary>
    /// <param name="quick">How often, unless the variable says otherwise.</param>
    /// <param name="test">Takes the seed.</param>
    public static void Run(int quick, Action<int> test)
    {
        int runs = Times > 0 ? Times : quick;
        for (int run = 0; run < runs; run++)
        {
            int seed = unchecked(Base + run);
            try
            {
                test(seed);
            }
            catch (Exception error) when (error is not StackOverflowException)
            {
                throw new InvalidOperationException($"seed {seed}", error);
            }
        }
    }
}
