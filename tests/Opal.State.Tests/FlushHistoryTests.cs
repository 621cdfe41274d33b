using Opal.Evm;
using Opal.Primitives;
using Opal.Storage;

namespace Opal.State.Tests;

/// <summary>A flush reads what its blocks replaced in one pass over the tables: the history has to be what one look-up a key and block gives.</summary>
public sealed class FlushHistoryTests
{
    [Fact]
    public void History_in_one_pass_is_that_of_one_look_up_a_change()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            DurableFiles slow = DurableFiles.InMemory(), fast = DurableFiles.InMemory();
            Fill(slow, byLayer: true, new Random(seed));
            Fill(fast, byLayer: false, new Random(seed));
            Assert.Equal(slow.Flat.Next, fast.Flat.Next);
            Assert.True(fast.Flat.Next - fast.Flat.First > 20);
            for (ulong block = slow.Flat.First; block < slow.Flat.Next; block++)
            {
                Assert.Equal(slow.Flat.Label(block).ToArray(), fast.Flat.Label(block).ToArray());
                Assert.Equal(Text(slow.Flat, block), Text(fast.Flat, block));
                Assert.Equal(Text(slow.Trie, block), Text(fast.Trie, block));
            }
        }
    }

    private static List<string> Text(IHistoryLog log, ulong block) => [.. log.ReadBlock(block).Select(entry => $"{Hex.Encode(entry.Key.Span)} {Hex.Encode(entry.OldValue.Span)}")];

    /// <summary>Accounts with storage that stay, and others that come and go: what is wiped as a whole is written the slow way in any case.</summary>
    private static void Fill(DurableFiles files, bool byLayer, Random random)
    {
        using DurableStateStore store = DurableStateStore.Open(files.Store, files.Flat, files.Trie, new DurableStateOptions { MaxLayers = 1000, HistoryByLayer = byLayer });
        BlockState head = BlockState.Empty;
        for (int batch = 0; batch < 8; batch++)
        {
            var blocks = new List<BlockState>();
            for (int i = random.Next(1, 9); i > 0; i--)
            {
                StateDiff diff = RandomDiff(random);
                ulong number = head == BlockState.Empty ? 0 : head.Number + 1;
                var next = new BlockState(number, Keccak256.Hash(BitConverter.GetBytes(number)), store.Open(head)!.ComputeRoots(diff, null).StateRoot);
                store.Commit(head, diff, next);
                blocks.Add(head = next);
            }

            store.Advance(blocks);
            store.Flush();
        }

        StateRowCount rows = store.VerifyAll(null, default);
        Assert.True(rows.Accounts > 20 && rows.Slots > 50 && rows.Records > 20, $"{rows}");
    }

    private static StateDiff RandomDiff(Random random)
    {
        var changes = new SortedDictionary<Address, AccountChange>();
        for (int i = random.Next(2, 30); i > 0; i--)
        {
            int number = random.Next(60);
            Address address = ModelState.AddressOf(number);
            var account = new Account(1, (ulong)random.Next(3), Hash256.EmptyCode);
            if (number >= 20 && random.Next(3) == 0) changes[address] = new AccountChange { Address = address, Exists = false, Account = Account.Empty };
            else if (number >= 20) changes[address] = new AccountChange { Address = address, Exists = true, Account = account };
            else changes[address] = new AccountChange { Address = address, Exists = true, Account = account, Storage = RandomSlots(random) };
        }

        return new StateDiff { Accounts = [.. changes.Values], Codes = [] };
    }

    private static List<(UInt256 Slot, UInt256 Value)> RandomSlots(Random random)
    {
        var slots = new SortedDictionary<UInt256, UInt256>();
        for (int i = random.Next(10); i > 0; i--) slots[(ulong)random.Next(30)] = (ulong)random.Next(4);
        return [.. slots.Select(slot => (slot.Key, slot.Value))];
    }
}
