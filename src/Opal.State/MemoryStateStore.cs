using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.State;

/// <summary>The states after the newest blocks, in memory. States share what they have in common; those too old are dropped.</summary>
/// <remarks>
/// Any number of threads may read and compute; commits take turns. The empty state (<see cref="Hash256.EmptyTrie"/>) is always
/// there: genesis is a commit on top of it. Code is kept for ever.
/// </remarks>
public sealed class MemoryStateStore
{
    /// <summary>The number of newest block numbers whose states are kept, unless said otherwise.</summary>
    public const int DefaultKeptBlocks = 4096;

    private readonly Lock _gate = new();
    private readonly ulong _keptBlocks;
    private readonly Dictionary<Hash256, Entry> _byRoot = [];
    private readonly SortedDictionary<ulong, List<Hash256>> _rootsByNumber = [];
    private readonly ConcurrentDictionary<Hash256, byte[]> _codes = [];
    private readonly ConditionalWeakTable<StateDiff, Computed> _computed = [];
    private ulong _highest;

    /// <param name="World">The state.</param>
    /// <param name="Number">The highest block number that ends in it.</param>
    private readonly record struct Entry(WorldTrie World, ulong Number);

    private sealed record Computed(WorldTrie Before, WorldTrie After);

    /// <summary>A store that has the empty state only.</summary>
    /// <param name="keptBlocks">How many of the newest block numbers keep their states; at least 1.</param>
    public MemoryStateStore(int keptBlocks = DefaultKeptBlocks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keptBlocks, 1);
        _keptBlocks = (ulong)keptBlocks;
    }

    /// <summary>The number of states held (not counting the empty one).</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _byRoot.Count;
        }
    }

    /// <summary>The state of a root; null when it was never committed or is too old. A view stays good when the store drops its state.</summary>
    public IStateView? Open(in Hash256 stateRoot)
    {
        WorldTrie? world = Find(stateRoot);
        return world is null ? null : new View(this, world);
    }

    internal WorldTrie? Find(in Hash256 stateRoot)
    {
        if (stateRoot == Hash256.EmptyTrie) return WorldTrie.Empty;
        lock (_gate) return _byRoot.TryGetValue(stateRoot, out Entry entry) ? entry.World : null;
    }

    /// <summary>Makes the state after a block available.</summary>
    /// <param name="parentStateRoot">The state the block was executed on; it must be in the store.</param>
    /// <param name="diff">What the block changed.</param>
    /// <param name="newStateRoot">The root the header has; the diff must lead to it.</param>
    /// <param name="number">The block's number: states more than the kept number of blocks below the highest are dropped.</param>
    /// <exception cref="InvalidOperationException">The parent's state is gone, or the diff does not lead to that root.</exception>
    public void Commit(in Hash256 parentStateRoot, StateDiff diff, in Hash256 newStateRoot, ulong number)
    {
        WorldTrie before = Find(parentStateRoot) ?? throw new InvalidOperationException($"the state {parentStateRoot} is not in the store");
        WorldTrie after = Compute(before, diff);
        if (after.Root != newStateRoot) throw new InvalidOperationException($"the changes of block {number} lead to the state root {after.Root}, not to {newStateRoot}");
        foreach ((Hash256 hash, byte[] code) in diff.Codes) _codes.TryAdd(hash, code);
        lock (_gate)
        {
            if (newStateRoot != Hash256.EmptyTrie) Keep(newStateRoot, after, number);
            _highest = Math.Max(_highest, number);
            Prune();
        }

        _computed.Remove(diff); // somebody may hold on to the diff for long; the states before and after it must not live as long
    }

    private void Keep(in Hash256 root, WorldTrie world, ulong number)
    {
        bool known = _byRoot.TryGetValue(root, out Entry entry);
        if (known && entry.Number >= number) return;
        _byRoot[root] = new Entry(known ? entry.World : world, number);
        if (!_rootsByNumber.TryGetValue(number, out List<Hash256>? roots)) _rootsByNumber[number] = roots = [];
        roots.Add(root);
    }

    private void Prune()
    {
        while (_rootsByNumber.Count > 0)
        {
            (ulong number, List<Hash256> roots) = _rootsByNumber.First();
            if (_highest - number < _keptBlocks) return;
            foreach (Hash256 root in roots)
            {
                if (_byRoot[root].Number == number) _byRoot.Remove(root); // else a later block ends in the same state
            }

            _rootsByNumber.Remove(number);
        }
    }

    /// <summary>The state after <paramref name="diff"/>, computed once for a diff object and the state it belongs to.</summary>
    private WorldTrie Compute(WorldTrie before, StateDiff diff)
    {
        if (_computed.TryGetValue(diff, out Computed? known) && ReferenceEquals(known.Before, before)) return known.After;
        WorldTrie after = before.Apply(diff);
        _ = after.Root; // hashes all new nodes before anybody shares them
        _computed.AddOrUpdate(diff, new Computed(before, after));
        return after;
    }

    private ReadOnlyMemory<byte> GetCode(in Hash256 codeHash)
    {
        if (codeHash == Hash256.EmptyCode) return default;
        return _codes.TryGetValue(codeHash, out byte[]? code) ? code : throw new MissingStateException($"the code {codeHash} is not in the store");
    }

    private sealed class View(MemoryStateStore store, WorldTrie world) : IStateView
    {
        public Hash256 StateRoot => world.Root;

        public bool TryGetAccount(in Address address, out Account account)
        {
            bool found = world.TryGetAccount(address, out StateAccount leaf);
            account = found ? new Account(leaf.Nonce, leaf.Balance, leaf.CodeHash) : Account.Empty;
            return found;
        }

        public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => world.GetStorage(address, slot, out value);

        public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => store.GetCode(codeHash);

        public bool HasStorage(in Address address) => world.GetStorageRoot(address) != Hash256.EmptyTrie;

        public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf)
        {
            WorldTrie after = store.Compute(world, diff);
            return new StateRoots(after.Root, storageRootOf is { } address ? after.GetStorageRoot(address) : null);
        }

        public Hash256 GetStorageRoot(in Address address) => world.GetStorageRoot(address);

        public AccountProof GetProof(in Address address, IReadOnlyList<UInt256> slots) => world.GetProof(address, slots);
    }
}
