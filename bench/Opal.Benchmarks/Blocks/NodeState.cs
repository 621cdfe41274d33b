using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Benchmarks;

/// <summary>The node's own state with the genesis accounts and the fillers in it: the one place that knows how it is made and what it is called.</summary>
internal sealed class NodeState
{
    /// <summary>States of so many blocks are kept, so that every run can begin at genesis again.</summary>
    private const int KeptBlocks = 64;

    /// <summary>What reports say of it.</summary>
    public const string Kind = "in memory";

    private readonly MemoryStateStore _store = new(KeptBlocks);

    private NodeState()
    {
    }

    /// <summary>The root at genesis.</summary>
    public Hash256 GenesisRoot { get; private set; }

    /// <summary>How long making it took.</summary>
    public double BuildSeconds { get; private set; }

    /// <summary>The state with these accounts and so many fillers.</summary>
    public static NodeState Create(IReadOnlyList<WorkloadAccount> accounts, int fillers)
    {
        long begin = Clock.Now;
        var state = new NodeState();
        StateLoader loader = state._store.BeginLoad(MakeDiff(accounts, 0));
        for (int i = 0; i < fillers; i++) loader.Add(Fillers.AddressOf(i), new Account(0, Fillers.BalanceOf(i), Hash256.EmptyCode));
        state.GenesisRoot = loader.Commit(0);
        state.BuildSeconds = Clock.Since(begin);
        return state;
    }

    /// <summary>The state that a change of nothing makes; its accounts may be in any order.</summary>
    public static NodeState Create(StateDiff unsorted)
    {
        long begin = Clock.Now;
        var diff = new StateDiff { Accounts = unsorted.Accounts.OrderBy(change => change.Address).ToArray(), Codes = unsorted.Codes };
        var state = new NodeState();
        state.GenesisRoot = state._store.Open(Hash256.EmptyTrie)!.ComputeRoots(diff, null).StateRoot;
        state._store.Commit(Hash256.EmptyTrie, diff, state.GenesisRoot, 0);
        state.BuildSeconds = Clock.Since(begin);
        return state;
    }

    /// <summary>Accounts and fillers as a change of nothing, not in order.</summary>
    public static StateDiff MakeDiff(IReadOnlyList<WorkloadAccount> accounts, int fillers)
    {
        var genesis = new Genesis { Accounts = accounts.Select(a => new GenesisAccount(a.Address, a.Balance, a.Nonce, a.Code, a.Storage)).ToArray() };
        StateDiff small = genesis.ToDiff();
        var changes = new List<AccountChange>(small.Accounts.Count + fillers);
        changes.AddRange(small.Accounts);
        for (int i = 0; i < fillers; i++)
        {
            changes.Add(new AccountChange { Address = Fillers.AddressOf(i), Exists = true, Account = new Account(0, Fillers.BalanceOf(i), Hash256.EmptyCode) });
        }

        return new StateDiff { Accounts = changes, Codes = small.Codes };
    }

    /// <summary>The state of a root.</summary>
    /// <exception cref="InvalidOperationException">It is not kept.</exception>
    public TimedState Open(in Hash256 root) => new(_store.Open(root) ?? throw new InvalidOperationException($"the state {root} is not kept"));

    /// <summary>Keeps the state after a block.</summary>
    public void Commit(in Hash256 parentRoot, StateDiff diff, in Hash256 root, ulong number) => _store.Commit(parentRoot, diff, root, number);
}
