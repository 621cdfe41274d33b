using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.Deployer.L2;

/// <summary>The roots of a state that is given whole.</summary>
internal static class AllocRoots
{
    /// <summary>The state root, and the storage root of one account (the empty trie's where it has none).</summary>
    public static (Hash256 StateRoot, Hash256 StorageRoot) Compute(StateDiff alloc, in Address storageRootOf)
    {
        var state = new TrieBatch();
        Hash256 wanted = Hash256.EmptyTrie;
        IReadOnlyList<(UInt256 Slot, UInt256 Value)> lastStorage = [];
        Hash256 lastRoot = Hash256.EmptyTrie;
        foreach (AccountChange account in alloc.Accounts)
        {
            // 2028 proxies in a row have the same storage
            if (!account.Storage.SequenceEqual(lastStorage)) (lastStorage, lastRoot) = (account.Storage, StorageRoot(account.Storage));
            if (account.Address == storageRootOf) wanted = lastRoot;
            state.Add(account.Address.Keccak(), new StateAccount(account.Account.Nonce, account.Account.Balance, lastRoot, account.Account.CodeHash).Encode());
        }

        return (RootOf(state), wanted);
    }

    private static Hash256 StorageRoot(IReadOnlyList<(UInt256 Slot, UInt256 Value)> storage)
    {
        var batch = new TrieBatch();
        foreach ((UInt256 slot, UInt256 value) in storage) batch.AddSlot(slot, value);
        return RootOf(batch);
    }

    private static Hash256 RootOf(TrieBatch batch)
    {
        TrieStatus status = batch.TryApply(PatriciaTrie.Empty, out PatriciaTrie trie);
        return status == TrieStatus.Ok ? trie.RootHash : throw new InvalidOperationException($"a trie held in memory cannot be built: {status}");
    }
}
