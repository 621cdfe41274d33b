using System.Globalization;
using Opal.Evm;
using Opal.Primitives;
using Opal.Storage;

namespace Opal.State.Tests;

/// <summary>The durable store against whole states in plain maps, over random scripts.</summary>
public class DurableStateStoreTests
{
    /// <summary>How many random steps to take, if not the usual number.</summary>
    private const string StepsVariable = "OPAL_SOAK_STATE";

    /// <summary>The first seed, to see a failure again.</summary>
    private const string SeedVariable = "OPAL_STATE_SEED";

    private static int Number(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : otherwise;

    private static int Steps => Number(StepsVariable, 4000);

    [Fact]
    public void Every_state_is_right_over_forks_flushes_crashes_and_rewinds()
    {
        int done = 0, flushes = 0, rewinds = 0, crashes = 0;
        for (int seed = Number(SeedVariable, 0); done < Steps; seed++)
        {
            var random = new Random(seed);
            ulong kept = seed % 3 == 2 ? 12UL : 0;
            var options = new DurableStateOptions { StateHistory = kept, ProofHistory = kept, MaxLayers = seed % 2 == 0 ? 4 : 1000, KeptForks = 3, TransactionBudget = seed % 5 == 0 ? 1 : 64 << 20 };
            var harness = new DurableHarness(DurableFiles.InMemory(), options, seed % 2 == 0 ? new CrowdedKeys(seed / 2) : null, random);
            for (int step = 0; step < 100; step++, done++)
            {
                try
                {
                    harness.Settle();
                    switch (random.Next(12))
                    {
                        case 0:
                            harness.Store.Flush();
                            flushes++;
                            break;
                        case 1 or 2:
                            harness.Advance(harness.Head);
                            break;
                        case 3 when random.Next(3) == 0:
                            harness.Crash();
                            crashes++;
                            break;
                        case 3 when random.Next(3) == 0:
                            harness.Store.Dispose();
                            harness.Reopen();
                            break;
                        case 4 when random.Next(2) == 0:
                            List<DurableHarness.Node> chain = harness.Head.Chain();
                            if (chain.Count == 0) break;
                            DurableHarness.Node target = chain[Math.Max(0, chain.Count - 1 - random.Next(8))];
                            if (harness.Store.Open(target.Block) is null) break;
                            Assert.True(harness.Store.TryRewind(target.Block));
                            harness.Head = target;
                            rewinds++;
                            break;
                        case 5 or 6:
                            // a fork from some block below the head becomes the chain
                            List<DurableHarness.Node> all = harness.Head.Chain();
                            if (all.Count < 2) break;
                            DurableHarness.Node fork = all[Math.Max(0, all.Count - 2 - random.Next(5))];
                            if (harness.Store.Open(fork.Block) is null) break;
                            for (int n = random.Next(1, 4); n > 0; n--) fork = harness.Commit(fork);
                            if (random.Next(2) == 0) harness.Head = fork;
                            break;
                        default:
                            harness.Head = harness.Commit(harness.Head);
                            break;
                    }

                    harness.Check();
                }
                catch (Exception fault) when (fault is not Xunit.Sdk.XunitException { Data.Count: > 0 })
                {
                    throw new Xunit.Sdk.XunitException($"seed {seed}, step {step}: {fault}");
                }
            }

            harness.Store.Abandon();
        }

        Assert.True(flushes > 50 && rewinds > 20 && crashes > 10);
    }
}
