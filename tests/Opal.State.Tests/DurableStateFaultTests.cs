using Opal.Evm;
using Opal.Primitives;
using Opal.Storage;
using Opal.Trie;

namespace Opal.State.Tests;

/// <summary>What the durable store does when the disk, or what is on it, is not as it should be; and when many use it at once.</summary>
public class DurableStateFaultTests
{
    private static readonly DurableStateOptions Options = new();

    private static DurableHarness Filled(DurableFiles files, int blocks, Random random, DurableStateOptions? options = null)
    {
        var harness = new DurableHarness(files, options ?? Options, null, random);
        for (int i = 0; i < blocks; i++) harness.Head = harness.Commit(harness.Head);
        return harness;
    }

    [Fact]
    public void A_failed_flush_leaves_all_good_and_may_be_tried_again()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var failing = new FailingStore(new MemoryStore());
            var files = new DurableFiles(failing, new MemoryHistoryLog(), new MemoryHistoryLog());
            DurableHarness harness = Filled(files, 4, new Random(seed));
            harness.Advance(harness.Head);
            harness.Store.Flush();
            for (int i = 0; i < 5; i++) harness.Head = harness.Commit(harness.Head);
            BlockState? before = harness.Store.Persisted;
            harness.Advance(harness.Head);
            failing.Fails = true;
            Assert.Contains("free space", Assert.Throws<IOException>(harness.Store.Flush).Message, StringComparison.Ordinal);
            Assert.Throws<IOException>(() => harness.Commit(harness.Head));
            Assert.Throws<IOException>(() => harness.Advance(harness.Head));
            Assert.Equal(before, harness.Store.Persisted);
            Assert.Equal(before!.Value.Number + 1, files.Flat.Next);
            harness.Check();
            failing.Fails = false;
            if (seed % 2 == 0)
            {
                harness.Store.Flush();
                Assert.Equal(harness.Head.Block, harness.Store.Persisted);
            }
            else
            {
                harness.Crash();
                Assert.Equal(before, harness.Store.Persisted);
            }

            harness.Head = harness.Commit(harness.Head);
            harness.Check();
            harness.Store.Dispose();
        }
    }

    [Fact]
    public void History_that_is_ahead_of_the_tables_is_cut_and_one_that_is_behind_is_refused()
    {
        var failing = new FailingStore(new MemoryStore());
        var files = new DurableFiles(failing, new MemoryHistoryLog(), new MemoryHistoryLog());
        DurableHarness harness = Filled(files, 6, new Random(1));
        harness.Advance(harness.Head);
        harness.Store.Dispose();
        ulong next = files.Flat.Next;
        files.Flat.Append(next, new byte[128], []); // as a crash before the commit leaves it
        harness.Reopen();
        Assert.Equal(next, files.Flat.Next);
        harness.Check();
        harness.Store.Abandon();
        files.Trie.TruncateAfter(next - 3);
        Assert.Contains("trie history", Assert.Throws<StoreCorruptException>(harness.Reopen).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_of_any_row_is_found_and_named()
    {
        int found = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var files = DurableFiles.InMemory();
            DurableHarness harness = Filled(files, 12, random);
            harness.Advance(harness.Head);
            harness.Store.Flush();
            StateRowCount rows = harness.Store.VerifyAll(null, default);
            Assert.Equal(harness.Store.GetStatistics().Rows, rows);
            string name = new[] { "account", "slot", "trieA", "trieS" }[seed % 4];
            StoreTable table = files.Store.Table(name);
            var keys = new List<byte[]>();
            using (ISnapshot snapshot = files.Store.OpenSnapshot())
            {
                ICursor cursor = snapshot.OpenCursor(table);
                while (cursor.MoveNext()) keys.Add(cursor.Key.ToArray());
            }

            if (keys.Count == 0) continue;
            byte[] key = keys[random.Next(keys.Count)];
            using (IWriteTransaction transaction = files.Store.BeginWrite())
            {
                transaction.TryGet(table, key, out ReadOnlySpan<byte> value);
                byte[] changed = value.ToArray();
                int what = random.Next(3);
                if (what == 0) transaction.Delete(table, key);
                else if (what == 1) changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
                else key[^1] ^= (byte)(name.StartsWith("trie", StringComparison.Ordinal) ? 1 : 0x80); // a row that belongs to nothing
                if (what > 0) transaction.Put(table, key, changed);
                transaction.Commit();
            }

            Assert.Contains("table", Assert.Throws<StoreCorruptException>(() => harness.Store.VerifyAll(null, default)).Message, StringComparison.Ordinal);
            bool inParts = false;
            for (int part = 0; part < DurableStateStore.VerifyParts; part++)
            {
                try
                {
                    harness.Store.VerifyPart(part);
                }
                catch (StoreCorruptException)
                {
                    inParts = true;
                    break;
                }
            }

            if (inParts) found++;
            harness.Store.Abandon();
        }

        Assert.True(found > 40, $"{found}");
    }

    [Fact]
    public void A_part_with_much_storage_is_checked_in_steps()
    {
        const int Slots = 40_000;
        Address owner = ModelState.AddressOf(1);
        var memory = new MemoryStore();
        using var store = DurableStateStore.Open(memory, new MemoryHistoryLog(), new MemoryHistoryLog(), Options);
        var slots = new List<(UInt256 Slot, UInt256 Value)>();
        for (int i = 0; i < Slots; i++) slots.Add((new UInt256((ulong)i), new UInt256((ulong)i + 1)));
        DurableStateLoader loader = store.BeginLoad(new StateDiff { Accounts = [new AccountChange { Address = owner, Exists = true, Account = new Account(1, 1, Hash256.EmptyCode), Storage = slots }], Codes = [] });
        for (int i = 0; i < 200; i++) loader.Add(new Address(Keccak256.Hash(BitConverter.GetBytes(i)).ToArray().AsSpan(12)), new Account(0, (ulong)i + 1, Hash256.EmptyCode));
        loader.Commit(new BlockState(0, Keccak256.Hash([1]), loader.Write()));

        Hash256 key = owner.Keccak();
        int part = (key.DigitAt(0) << 8) | (key.DigitAt(1) << 4) | key.DigitAt(2), waits = 0;
        StateRowCount rows = store.VerifyPart(part, () => waits++);
        Assert.Equal(Slots, rows.Slots);
        Assert.Equal(256, waits);

        StoreTable table = memory.Table("slot");
        byte[] row = [.. key.ToArray(), .. StateKeys.OfSlot(new UInt256(12_345)).ToArray()];
        using (IWriteTransaction transaction = memory.BeginWrite())
        {
            transaction.Put(table, row, [0x30, 0x3b]); // one bit of 12,346
            transaction.Commit();
        }

        Assert.Contains($"table slot, key {Hex.Encode(row)}", Assert.Throws<StoreCorruptException>(() => store.VerifyPart(part)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_parts_are_the_whole()
    {
        var random = new Random(4);
        var store = DurableStateStore.Open(new MemoryStore(), new MemoryHistoryLog(), new MemoryHistoryLog(), Options);
        DurableStateLoader loader = store.BeginLoad(ModelState.OneAccount(ModelState.AddressOf(1), new Account(1, 1, Hash256.EmptyCode)));
        for (int i = 0; i < 5000; i++) loader.Add(new Address(Keccak256.Hash(BitConverter.GetBytes(i)).ToArray().AsSpan(12)), new Account(0, (ulong)i + 1, Hash256.EmptyCode));
        store_Finish(store, loader);
        StateRowCount all = store.VerifyAll(null, default);
        long accounts = 0;
        for (int part = 0; part < DurableStateStore.VerifyParts; part++) accounts += store.VerifyPart(part).Accounts;
        Assert.Equal(5001, all.Accounts);
        Assert.True(accounts >= all.Accounts); // a leaf above three digits is in no part of its own
        store.Dispose();

        static void store_Finish(DurableStateStore store, DurableStateLoader loader)
        {
            Hash256 root = loader.Write();
            loader.Commit(new BlockState(0, Keccak256.Hash([1]), root));
        }
    }

    [Fact]
    public void A_changed_leaf_that_is_not_what_the_trie_says_is_noticed_when_it_is_touched()
    {
        int noticed = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            var files = DurableFiles.InMemory();
            DurableHarness harness = Filled(files, 10, new Random(seed));
            harness.Advance(harness.Head);
            harness.Store.Flush();
            StoreTable table = files.Store.Table("account");
            using (IWriteTransaction transaction = files.Store.BeginWrite())
            {
                var rows = new List<(byte[] Key, byte[] Value)>();
                ICursor cursor = transaction.OpenCursor(table);
                while (cursor.MoveNext()) rows.Add((cursor.Key.ToArray(), cursor.Value.ToArray()));
                foreach ((byte[] key, byte[] value) in rows)
                {
                    value[2] ^= 1; // the nonce
                    transaction.Put(table, key, value);
                }

                transaction.Commit();
            }

            IStateView view = harness.Store.Open(harness.Head.Block)!;
            for (int i = 0; i < 12; i++)
            {
                if (!view.TryGetAccount(ModelState.AddressOf(i), out Account account)) continue;
                try
                {
                    view.ComputeRoots(ModelState.OneAccount(ModelState.AddressOf(i), account with { Balance = 5 }), null);
                }
                catch (StoreCorruptException fault)
                {
                    Assert.Contains("table account", fault.Message, StringComparison.Ordinal);
                    noticed++;
                }
            }

            harness.Store.Abandon();
        }

        Assert.True(noticed > 20, $"{noticed}");
    }

    [Theory, InlineData(0), InlineData(1), InlineData(7), InlineData(3000)]
    public void A_loaded_genesis_is_the_one_a_commit_makes(int count)
    {
        var random = new Random(count);
        (StateDiff first, _) = new ModelState().RandomBlock(random);
        var files = DurableFiles.InMemory();
        var store = DurableStateStore.Open(files.Store, files.Flat, files.Trie, Options);
        DurableStateLoader loader = store.BeginLoad(first);
        var memory = new MemoryStateStore();
        StateLoader twin = memory.BeginLoad(first);
        for (int i = 0; i < count; i++)
        {
            var address = new Address(Keccak256.Hash(BitConverter.GetBytes(i)).ToArray().AsSpan(12));
            var account = new Account((ulong)random.Next(3), (ulong)random.Next(), Hash256.EmptyCode);
            loader.Add(address, account);
            twin.Add(address, account);
        }

        Hash256 root = loader.Write();
        Assert.Equal(twin.Commit(3), root);
        var genesis = new BlockState(3, Keccak256.Hash([3]), root);
        if (count == 7)
        {
            // cut short: nobody takes it for whole
            Assert.Throws<StoreCorruptException>(() => DurableStateStore.Open(files.Store, files.Flat, files.Trie, Options));
        }

        loader.Commit(genesis);
        StateRowCount rows = store.VerifyAll(null, default);
        Assert.Equal(count + first.Accounts.Count(a => a.Exists), rows.Accounts);
        store.Dispose();
        store = DurableStateStore.Open(files.Store, files.Flat, files.Trie, Options);
        Assert.Equal(genesis, store.Persisted);
        IStateView view = store.Open(genesis)!, expected = memory.Open(root)!;
        for (int i = 0; i < 20; i++)
        {
            Address address = i < 10 ? ModelState.AddressOf(i) : new Address(Keccak256.Hash(BitConverter.GetBytes(i)).ToArray().AsSpan(12));
            Assert.Equal(expected.TryGetAccount(address, out Account wanted), view.TryGetAccount(address, out Account account));
            Assert.Equal(wanted, account);
            Assert.True(view.GetProof(address, [0UL, 1UL]).Verify(root));
        }

        StateDiff next = ModelState.OneAccount(ModelState.AddressOf(1), new Account(9, 9, Hash256.EmptyCode));
        var block = new BlockState(4, Keccak256.Hash([4]), expected.ComputeRoots(next, null).StateRoot);
        store.Commit(genesis, next, block);
        store.Advance([block]);
        store.Flush();
        store.VerifyAll(null, default);
        Assert.True(view.GetProof(ModelState.AddressOf(1), []).Verify(root));
        store.Dispose();
    }

    [Fact]
    public void A_storage_of_many_slots_goes_and_comes_back()
    {
        var files = DurableFiles.InMemory();
        var store = DurableStateStore.Open(files.Store, files.Flat, files.Trie, Options);
        Address address = ModelState.AddressOf(1);
        StateDiff full = new()
        {
            Accounts = [new AccountChange { Address = address, Exists = true, Account = new Account(1, 1, Hash256.EmptyCode), Storage = Enumerable.Range(0, 9000).Select(i => ((UInt256)(ulong)i, (UInt256)(ulong)(i + 1))).ToList() }],
            Codes = [],
        };
        StateDiff gone = new() { Accounts = [new AccountChange { Address = address, Exists = false, Account = Account.Empty, StorageCleared = true }], Codes = [] };
        StateDiff again = new() { Accounts = [new AccountChange { Address = address, Exists = true, Account = new Account(2, 1, Hash256.EmptyCode), StorageCleared = true, Storage = [(5UL, 7UL)] }], Codes = [] };
        BlockState last = BlockState.Empty;
        var blocks = new List<BlockState>();
        foreach (StateDiff diff in new[] { full, gone, again })
        {
            var block = new BlockState((ulong)blocks.Count, Keccak256.Hash([(byte)blocks.Count]), store.Open(last)!.ComputeRoots(diff, null).StateRoot);
            store.Commit(last, diff, block);
            blocks.Add(last = block);
        }

        store.Advance(blocks);
        store.Flush();
        Assert.Equal(1, store.VerifyAll(null, default).Slots);
        IStateView before = store.Open(blocks[0])!;
        for (ulong i = 0; i < 9000; i += 97)
        {
            before.GetStorage(address, i, out UInt256 value);
            Assert.Equal(i + 1, value);
            Assert.True(before.GetProof(address, [i]).Verify(blocks[0].Root));
        }

        Assert.False(store.Open(blocks[1])!.HasStorage(address));
        Assert.True(store.TryRewind(blocks[0]));
        Assert.Equal(9000, store.VerifyAll(null, default).Slots);
        Assert.Null(store.Open(blocks[1]));
        store.Dispose();
    }

    [Fact]
    public void Code_is_found_in_layers_and_in_the_table()
    {
        var files = DurableFiles.InMemory();
        var store = DurableStateStore.Open(files.Store, files.Flat, files.Trie, Options);
        byte[] code = [0x60, 0x00];
        Hash256 hash = Keccak256.Hash(code);
        var diff = new StateDiff { Accounts = ModelState.OneAccount(ModelState.AddressOf(3), new Account(1, 0, hash)).Accounts, Codes = [(hash, code)] };
        var block = new BlockState(0, Keccak256.Hash([1]), store.Open(BlockState.Empty)!.ComputeRoots(diff, null).StateRoot);
        store.Commit(BlockState.Empty, diff, block);
        Assert.Equal(code, store.Open(block)!.GetCode(hash).ToArray());
        store.Advance([block]);
        store.Dispose();
        store = DurableStateStore.Open(files.Store, files.Flat, files.Trie, Options);
        IStateView view = store.Open(block)!;
        Assert.Equal(code, view.GetCode(hash).ToArray());
        Assert.True(view.GetCode(Hash256.EmptyCode).IsEmpty);
        Assert.Throws<MissingStateException>(() => view.GetCode(Keccak256.Hash([7])));
        Assert.True(store.TryGetCode(hash, out ReadOnlyMemory<byte> found) && found.Span.SequenceEqual(code));
        store.Dispose();
    }

    [Fact]
    public void What_is_older_than_history_is_refused_with_the_range_that_is_kept()
    {
        var options = new DurableStateOptions { StateHistory = 8, ProofHistory = 4 };
        DurableHarness harness = Filled(DurableFiles.InMemory(), 30, new Random(2), options);
        harness.Advance(harness.Head);
        harness.Store.Flush();
        List<DurableHarness.Node> chain = harness.Head.Chain();
        ulong top = harness.Head.Block.Number;
        Assert.Equal(top - 8, harness.Store.OldestState);
        Assert.Equal(top - 4, harness.Store.OldestProof);
        foreach (DurableHarness.Node node in chain)
        {
            IStateView? view = harness.Store.Open(node.Block);
            Assert.Equal(node.Block.Number >= top - 8, view is not null);
            if (view is null) continue;
            view.TryGetAccount(ModelState.AddressOf(1), out _);
            if (node.Block.Number >= top - 4) Assert.True(view.GetProof(ModelState.AddressOf(1), []).Verify(node.Block.Root));
            else if (node.Block.Root != Hash256.EmptyTrie) Assert.Contains($"proofs from block {top - 4} on", Assert.Throws<MissingStateException>(() => view.GetProof(ModelState.AddressOf(1), [])).Message, StringComparison.Ordinal);
        }

        harness.Store.Dispose();
    }

    [Fact]
    public async Task Readers_of_all_states_are_right_while_blocks_are_flushed_and_chains_replaced()
    {
        var random = new Random(6);
        var harness = new DurableHarness(DurableFiles.InMemory(), new DurableStateOptions { MaxLayers = 3, KeptForks = 1000 }, null, random);
        var held = new List<(DurableHarness.Node Node, IStateView View)>();
        var gate = new Lock();
        using var stop = new CancellationTokenSource();
        long gone = 0, right = 0;
        Task[] readers = Enumerable.Range(0, 3).Select(n => Task.Factory.StartNew(() =>
        {
            var mine = new Random(n);
            while (!stop.IsCancellationRequested)
            {
                (DurableHarness.Node Node, IStateView View) any;
                lock (gate)
                {
                    if (held.Count == 0) continue;
                    any = held[mine.Next(held.Count)];
                }

                try
                {
                    any.Node.Model.AssertSame(any.View, mine);
                    Interlocked.Increment(ref right);
                }
                catch (MissingStateException)
                {
                    Interlocked.Increment(ref gone); // its block was replaced below the persisted one
                    lock (gate) held.Remove(any);
                }
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < 250 || (Volatile.Read(ref right) <= 100 && clock.Elapsed < TimeSpan.FromSeconds(30)); i++)
        {
            DurableHarness.Node parent = harness.Head;
            for (int back = i % 40 == 39 ? random.Next(6) : 0; back > 0 && parent.Parent?.Parent is not null; back--) parent = parent.Parent;
            if (harness.Store.Open(parent.Block) is null) continue;
            harness.Head = harness.Commit(parent);
            lock (gate) held.Add((harness.Head, harness.Store.Open(harness.Head.Block)!));
            if (i % 3 == 0) harness.Advance(harness.Head);
            if (i % 50 == 49) harness.Store.Flush();
            foreach (Task reader in readers) Assert.False(reader.IsFaulted, reader.Exception?.ToString());
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.True(right > 100, $"{right} right, {gone} gone");
        harness.Store.VerifyAll(null, default);
        harness.Store.Dispose();
    }
}
