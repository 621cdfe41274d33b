namespace Opal.TxManager.Tests;

/// <summary>Random histories of an account: kills, transactions given up and resumed, reorgs, dropped transactions, strangers, empty purses, fee storms and moody endpoints.</summary>
public class HistoryTests
{
    private static readonly int Count = int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_TXMANAGER"), out int soak) ? soak : 300;

    [Fact]
    public void Every_candidate_is_mined_exactly_once_whatever_happens()
    {
        int from = int.TryParse(Environment.GetEnvironmentVariable("OPAL_TXMANAGER_SEED"), out int seed) ? seed : 1;
        var failures = new List<string>();
        for (int i = from; i < from + Count && failures.Count < 3; i++)
        {
            using var history = new History(i);
            try
            {
                TestLoop.Run(history.RunAsync);
            }
            catch (InvalidOperationException failure)
            {
                failures.Add(failure.Message);
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }
}
