namespace Opal.Benchmarks;

/// <summary>Averages.</summary>
internal static class Means
{
    /// <summary>The geometric mean of positive numbers; null of none.</summary>
    public static double? Geometric(IEnumerable<double> values)
    {
        double logarithms = 0;
        int count = 0;
        foreach (double value in values)
        {
            logarithms += Math.Log(value);
            count++;
        }

        return count == 0 ? null : Math.Exp(logarithms / count);
    }
}
