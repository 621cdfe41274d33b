using System.Globalization;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>The state root of filler accounts, from nothing and after changes, by the node's own state.</summary>
internal static class TriePrimitives
{
    private const int UpdatedFillers = 1_000_000;
    private const int Stride = 97;

    /// <param name="genesis">The expectations.</param>
    /// <param name="fillers">How many accounts to build a root of.</param>
    public static IEnumerable<Primitive> All(BenchGenesis genesis, IReadOnlyList<int> fillers)
    {
        foreach (int count in fillers) yield return Building(genesis, count);
        NodeState? shared = null;
        foreach (int changed in (int[])[1_000, 10_000])
        {
            yield return new Primitive($"trie_update_{changed}", "trie", () => Updating(genesis, shared ??= NodeState.Create([], UpdatedFillers), changed));
        }
    }

    private static Primitive Building(BenchGenesis genesis, int count) => new($"trie_build_{Short(count)}", "trie", () =>
    {
        StateDiff diff = NodeState.MakeDiff([], count);
        Hash256? expected = BenchGenesis.RootsByFillers(genesis.Expect.GetProperty("fillersOnly")).TryGetValue(count, out Hash256 known) ? known : null;
        Hash256 root = default;
        return new PreparedPrimitive
        {
            Run = () => root = NodeState.Create(diff).GenesisRoot,
            Amount = count,
            Unit = "accounts",
            IsLong = true,
            Check = () => expected is null || expected == root ? null : $"root {root}, expected {expected}",
        };
    });

    private static PreparedPrimitive Updating(BenchGenesis genesis, NodeState state, int changed)
    {
        string key = string.Create(CultureInfo.InvariantCulture, $"{UpdatedFillers} fillers, {changed} accounts changed");
        Hash256 expected = Hash256.Parse(genesis.Expect.GetProperty("trieUpdate").GetProperty(key).GetString());
        StateDiff diff = StateDiff.Empty;
        Hash256 root = default;
        return new PreparedPrimitive
        {
            BeforeRun = () => diff = MakeUpdate(changed), // a new object each time: the state may keep what it computed for one
            Run = () => root = state.Open(state.GenesisRoot).ComputeRoots(diff, null).StateRoot,
            Amount = changed,
            Unit = "accounts",
            Check = () => expected == root ? null : $"root {root}, expected {expected}",
        };
    }

    private static StateDiff MakeUpdate(int changed)
    {
        var changes = new AccountChange[changed];
        for (int i = 0; i < changed; i++)
        {
            int filler = i * Stride;
            changes[i] = new AccountChange { Address = Fillers.AddressOf(filler), Exists = true, Account = new Account(0, Fillers.BalanceOf(filler) + UInt256.One, Hash256.EmptyCode) };
        }

        Array.Sort(changes, static (a, b) => a.Address.CompareTo(b.Address));
        return new StateDiff { Accounts = changes, Codes = [] };
    }

    private static string Short(int count) => count switch
    {
        >= 1_000_000 when count % 1_000_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{count / 1_000_000}M"),
        >= 1_000 when count % 1_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{count / 1_000}k"),
        _ => count.ToString(CultureInfo.InvariantCulture),
    };
}
