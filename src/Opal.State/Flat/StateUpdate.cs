using Opal.Primitives;

namespace Opal.State.Flat;

/// <summary>What a block's changes lead to.</summary>
/// <param name="Root">The root of the account trie.</param>
/// <param name="Accounts">The changes of the account trie.</param>
/// <param name="Storages">The changes of storage tries, by hashed address.</param>
/// <param name="StorageRoots">The storage roots of the changed accounts, by hashed address; the empty trie's for those that do not exist.</param>
internal sealed record StateUpdate(Hash256 Root, TrieDelta Accounts, IReadOnlyDictionary<Hash256, StorageUpdate> Storages, IReadOnlyDictionary<Hash256, Hash256> StorageRoots);

/// <summary>What becomes of one account's storage.</summary>
/// <param name="Fresh">Whether nothing of the storage before stays.</param>
/// <param name="HadStorage">Whether there was storage before.</param>
/// <param name="Changes">The changes, or all of the new storage when it is fresh; null for nothing.</param>
internal readonly record struct StorageUpdate(bool Fresh, bool HadStorage, TrieDelta? Changes);
