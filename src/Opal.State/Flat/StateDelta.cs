using Opal.Primitives;

namespace Opal.State.Flat;

/// <summary>The difference between two states: that of the account trie, and of the storage of each account in it.</summary>
internal sealed record StateDelta(TrieDelta Accounts, IReadOnlyDictionary<Hash256, StorageDelta> Storages);

/// <summary>The difference of one account's storage: either changes, or something else in its place as a whole.</summary>
internal readonly struct StorageDelta
{
    private StorageDelta(TrieDelta? changes, TrieTable? replacement) => (Changes, Replacement) = (changes, replacement);

    /// <summary>The changes; null when all of it is replaced.</summary>
    public TrieDelta? Changes { get; }

    /// <summary>What all of it is replaced by, and which nobody changes as long as this holds; null for nothing.</summary>
    public TrieTable? Replacement { get; }

    public static StorageDelta Of(TrieDelta changes) => new(changes, null);

    public static StorageDelta ReplaceBy(TrieTable? table) => new(null, table);
}
