using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.State.Tests;

/// <summary>The slow twin: a map of accounts, copied for every block, whose root is rebuilt from nothing.</summary>
/// <param name="keys">How keys are hashed; null for keccak256.</param>
internal sealed class ModelState(IStateKeys? keys = null)
{
    private readonly SortedDictionary<Address, (Account Account, SortedDictionary<UInt256, UInt256> Storage)> _accounts = [];

    public static Address AddressOf(int number) => Address.FromNumber((ulong)(number * 7919) + 1);

    public static StateDiff OneAccount(Address address, Account account) =>
        new() { Accounts = [new AccountChange { Address = address, Exists = true, Account = account }], Codes = [] };

    private Hash256 KeyOf(Address address) => keys?.OfAccount(address) ?? address.Keccak();

    private Hash256 KeyOf(UInt256 slot) => keys?.OfSlot(slot) ?? Keccak256.Hash(slot.ToBigEndianArray());

    public (StateDiff Diff, ModelState Next) RandomBlock(Random random)
    {
        var next = new ModelState(keys);
        foreach ((Address address, (Account account, SortedDictionary<UInt256, UInt256> storage)) in _accounts) next._accounts[address] = (account, new SortedDictionary<UInt256, UInt256>(storage));
        var changes = new SortedDictionary<Address, AccountChange>();
        for (int i = random.Next(1, 7); i > 0; i--)
        {
            Address address = AddressOf(random.Next(12));
            if (changes.ContainsKey(address)) continue;
            bool existed = next._accounts.TryGetValue(address, out var old);
            if (existed && random.Next(4) == 0)
            {
                next._accounts.Remove(address);
                changes[address] = new AccountChange { Address = address, Exists = false, Account = Account.Empty, StorageCleared = true };
                continue;
            }

            var account = new Account((ulong)random.Next(1, 1000), random.Next(3) == 0 ? UInt256.MaxValue : (ulong)random.Next(5), Hash256.EmptyCode);
            bool cleared = existed && random.Next(6) == 0;
            SortedDictionary<UInt256, UInt256> storage = cleared || !existed ? [] : old.Storage;
            var slots = new SortedDictionary<UInt256, UInt256>();
            for (int s = random.Next(4); s > 0; s--)
            {
                UInt256 slot = (ulong)random.Next(6), value = random.Next(2) == 0 ? UInt256.Zero : random.Next(2) == 0 ? (ulong)random.Next(1, 300) : UInt256.MaxValue;
                if (value.IsZero) storage.Remove(slot);
                else storage[slot] = value;
                slots[slot] = value;
            }

            next._accounts[address] = (account, storage);
            changes[address] = new AccountChange { Address = address, Exists = true, Account = account, StorageCleared = cleared, Storage = slots.Select(s => (s.Key, s.Value)).ToList() };
        }

        return (new StateDiff { Accounts = changes.Values.ToList(), Codes = [] }, next);
    }

    public Hash256 StorageRoot(Address address) => _accounts.TryGetValue(address, out var entry) ? StorageTrie(entry.Storage).RootHash : Hash256.EmptyTrie;

    public Hash256 Root() => Trie().RootHash;

    private PatriciaTrie Trie()
    {
        PatriciaTrie trie = PatriciaTrie.Empty;
        foreach ((Address address, (Account account, SortedDictionary<UInt256, UInt256> storage)) in _accounts)
        {
            trie = trie.Set(KeyOf(address).ToArray(), new StateAccount(account.Nonce, account.Balance, StorageTrie(storage).RootHash, account.CodeHash).Encode());
        }

        return trie;
    }

    private PatriciaTrie StorageTrie(SortedDictionary<UInt256, UInt256> storage)
    {
        PatriciaTrie trie = PatriciaTrie.Empty;
        foreach ((UInt256 slot, UInt256 value) in storage) trie = trie.Set(KeyOf(slot).ToArray(), TrieBatch.EncodeSlotValue(value));
        return trie;
    }

    /// <summary>Compares every account and slot, and checks one proof.</summary>
    public void AssertSame(IStateView view, Random random)
    {
        for (int number = 0; number < 12; number++)
        {
            Address address = AddressOf(number);
            bool exists = _accounts.TryGetValue(address, out var entry);
            Assert.Equal(exists, view.TryGetAccount(address, out Account account));
            Assert.Equal(exists ? entry.Account : Account.Empty, account);
            Assert.Equal(exists && entry.Storage.Count > 0, view.HasStorage(address));
            for (ulong slot = 0; slot < 6; slot++)
            {
                view.GetStorage(address, slot, out UInt256 value);
                Assert.Equal(exists ? entry.Storage.GetValueOrDefault(slot) : UInt256.Zero, value);
            }
        }

        Address proven = AddressOf(random.Next(14));
        AccountProof proof = view.GetProof(proven, [(ulong)random.Next(6), 99UL]);
        Assert.Equal(_accounts.ContainsKey(proven), proof.Exists);
        if (view is WitnessState) Assert.Throws<MissingStateException>(() => view.ListAccounts(default, 1));
        else AssertListsSame(view, random);
        if (keys is not null) return; // the view itself checks what it proves
        Assert.True(proof.Verify(view.StateRoot));
        Assert.False((proof with { Account = proof.Account with { Nonce = proof.Account.Nonce + 1 } }).Verify(view.StateRoot) && proof.Exists);
        Assert.False((proof with { Exists = !proof.Exists }).Verify(view.StateRoot));
    }

    /// <summary>Lists accounts and the slots of one, from a random key on, in pages of a random size.</summary>
    private void AssertListsSame(IStateView view, Random random)
    {
        List<StateAccountEntry> accounts = _accounts.Select(a => new StateAccountEntry(KeyOf(a.Key), a.Value.Account, StorageTrie(a.Value.Storage).RootHash)).OrderBy(static a => a.Key).ToList();
        Hash256 start = RandomStart(random, accounts.Select(static a => a.Key).ToList());
        AssertPages(accounts, static a => a.Key, start, random.Next(8), view.ListAccounts);

        Address address = AddressOf(random.Next(14));
        Hash256 owner = KeyOf(address);
        List<StateSlotEntry> slots = _accounts.TryGetValue(address, out var entry) ? entry.Storage.Select(s => new StateSlotEntry(KeyOf(s.Key), s.Value)).OrderBy(static s => s.Key).ToList() : [];
        start = RandomStart(random, slots.Select(static s => s.Key).ToList());
        AssertPages(slots, static s => s.Key, start, random.Next(5), (in Hash256 from, int limit) => view.ListSlots(owner, from, limit));
    }

    private delegate StatePage<T> Lister<T>(in Hash256 start, int limit);

    /// <summary>The lowest or highest key, any, one that is there, or one beside it that shares its first digits.</summary>
    private static Hash256 RandomStart(Random random, List<Hash256> known)
    {
        byte[] bytes = new byte[32];
        int kind = random.Next(5);
        if (kind == 0) return Hash256.Zero;
        if (kind == 1 && random.Next(3) == 0) return new Hash256(Enumerable.Repeat((byte)0xff, 32).ToArray());
        random.NextBytes(bytes);
        if (kind == 1 || known.Count == 0) return new Hash256(bytes);
        Hash256 there = known[random.Next(known.Count)];
        return kind < 4 ? there : there.WithDigit(random.Next(64), random.Next(16));
    }

    private static void AssertPages<T>(List<T> all, Func<T, Hash256> keyOf, Hash256 start, int limit, Lister<T> list)
    {
        List<T> expected = all.Where(e => keyOf(e) >= start).ToList();
        for (int at = 0; ;)
        {
            StatePage<T> page = list(start, limit);
            Assert.Equal(expected.Skip(at).Take(limit), page.Entries);
            at += page.Entries.Count;
            Assert.Equal(at < expected.Count ? keyOf(expected[at]) : null, page.Next);
            if (page.Next is not { } next || limit == 0) return;
            start = next;
        }
    }

    /// <summary>Pre-images that are enough to read everything, and to change some of it.</summary>
    public PreimageBag Witness(IStateView view)
    {
        var bag = new PreimageBag();
        for (int number = 0; number < 12; number++)
        {
            AccountProof proof = view.GetProof(AddressOf(number), Enumerable.Range(0, 6).Select(s => (UInt256)(ulong)s).ToList());
            foreach (byte[] node in proof.Nodes) bag.Add(node);
            foreach (StorageProof slot in proof.Storage)
            {
                foreach (byte[] node in slot.Nodes) bag.Add(node);
            }
        }

        return bag;
    }
}
