using Opal.Evm;
using Opal.Primitives;

namespace Opal.State.Tests;

public class StateLoaderTests
{
    private static List<(Address Address, Account Account)> Accounts(int count, Random random) =>
        Enumerable.Range(0, count).Select(i => (new Address(Keccak256.Hash([(byte)i, (byte)(i >> 8)]).ToArray().AsSpan(12)), new Account((ulong)random.Next(3), (ulong)random.Next(), Hash256.EmptyCode))).ToList();

    [Theory, InlineData(0), InlineData(1), InlineData(7), InlineData(3000)]
    public void A_loaded_state_is_the_one_a_commit_makes(int count)
    {
        var random = new Random(count);
        List<(Address Address, Account Account)> accounts = Accounts(count, random);
        (StateDiff first, _) = new ModelState().RandomBlock(random);
        var loaded = new MemoryStateStore();
        StateLoader loader = loaded.BeginLoad(first);
        foreach ((Address address, Account account) in accounts) loader.Add(address, account);
        Hash256 root = loader.Commit(3);

        var changes = first.Accounts.Concat(accounts.Select(a => new AccountChange { Address = a.Address, Exists = true, Account = a.Account })).OrderBy(c => c.Address).ToList();
        var all = new StateDiff { Accounts = changes, Codes = [] };
        var committed = new MemoryStateStore();
        Assert.Equal(committed.Open(Hash256.EmptyTrie)!.ComputeRoots(all, null).StateRoot, root);
        committed.Commit(Hash256.EmptyTrie, all, root, 3);

        IStateView view = loaded.Open(root)!, twin = committed.Open(root)!;
        foreach (AccountChange change in changes)
        {
            Assert.Equal(twin.TryGetAccount(change.Address, out Account expected), view.TryGetAccount(change.Address, out Account account));
            Assert.Equal(expected, account);
            Assert.True(view.GetProof(change.Address, [0UL, 1UL]).Verify(root));
        }

        // and it can be built on
        StateDiff next = ModelState.OneAccount(ModelState.AddressOf(1), new Account(9, 9, Hash256.EmptyCode));
        Hash256 after = twin.ComputeRoots(next, null).StateRoot;
        loaded.Commit(root, next, after, 4);
        Assert.True(loaded.Open(after)!.GetProof(ModelState.AddressOf(1), []).Verify(after));
        Assert.True(view.GetProof(ModelState.AddressOf(1), []).Verify(root));
    }

    [Fact]
    public void A_hundred_thousand_accounts_have_the_root_that_others_found()
    {
        // fillers of the benchmark workloads: address keccak256("opbench-filler-i"), balance i + 1
        StateLoader loader = new MemoryStateStore().BeginLoad(StateDiff.Empty);
        for (int i = 0; i < 100_000; i++)
        {
            byte[] name = System.Text.Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"opbench-filler-{i}"));
            loader.Add(new Address(Keccak256.Hash(name).ToArray().AsSpan(12)), new Account(0, (ulong)i + 1, Hash256.EmptyCode));
        }

        Assert.Equal(Hash256.Parse("0xe3c2d967be2d0cd0556eda9511dd173ab9a2a5508f18459967fdd11f928ad938"), loader.Commit(0));
    }

    [Fact]
    public void An_account_added_twice_is_a_bug_of_the_caller()
    {
        StateLoader loader = new MemoryStateStore().BeginLoad(ModelState.OneAccount(ModelState.AddressOf(2), new Account(1, 1, Hash256.EmptyCode)));
        loader.Add(ModelState.AddressOf(2), new Account(1, 1, Hash256.EmptyCode));
        Assert.Throws<ArgumentException>(() => loader.Commit(0));
        loader = new MemoryStateStore().BeginLoad(StateDiff.Empty);
        loader.Add(ModelState.AddressOf(2), new Account(1, 1, Hash256.EmptyCode));
        loader.Add(ModelState.AddressOf(2), new Account(2, 1, Hash256.EmptyCode));
        Assert.Throws<ArgumentException>(() => loader.Commit(0));
        Assert.Throws<ObjectDisposedException>(() => loader.Commit(0));
    }
}
