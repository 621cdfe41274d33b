using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Trie;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests.TracingTests;

/// <summary>Whole tries, walked by hash alone as a fault proof does.</summary>
public sealed class NodeWalkTests : IDisposable
{
    private static readonly byte[] StoreAnywhere = Hex.Decode("0x67602035600035550060005260086018f3");

    private readonly string _directory = Directory.CreateTempSubdirectory("opal-walk-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private TestRollup Start(bool onDisk) => new(OptimismFork.Isthmus, o => onDisk ? o with { Storage = new StorageOptions { Directory = ChainDatabase.DirectoryOf(_directory), MinFreeDisk = 0 } } : o);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_node_is_found_from_a_header_downwards_at_the_head_and_at_old_blocks(bool onDisk)
    {
        TestRollup rollup = Start(onDisk);
        List<ExecutedBlock> blocks = [rollup.Client.Chain.Genesis];
        Assert.True(rollup.Client.Pool.Add(Alice.Send(0, null, data: StoreAnywhere, gas: 200_000)).IsAccepted);
        blocks.Add(rollup.Build());
        Address contract = blocks[1].Receipts[1].ContractAddress!.Value;
        var random = new Random(8);
        ulong nonce = 1;
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 6; i++)
            {
                byte[] input = [.. new UInt256((ulong)random.Next(60)).ToBigEndianArray(), .. new UInt256((ulong)random.Next(4)).ToBigEndianArray()];
                Assert.True(rollup.Client.Pool.Add(Alice.Send(nonce++, contract, data: input, gas: 60_000)).IsAccepted);
                Assert.True(rollup.Client.Pool.Add(Alice.Send(nonce++, Address.FromNumber((ulong)random.Next(1000) + 5000), value: 1)).IsAccepted);
            }

            blocks.Add(rollup.Build());
        }

        if (onDisk)
        {
            // what was in memory goes to the files: old states are then read through history
            rollup.Choose(blocks[^1].Hash, blocks[^3].Hash, blocks[^5].Hash);
            await rollup.DisposeAsync();
            rollup = Start(onDisk);
        }

        await using (rollup)
        {
            var rpc = new InProcessRpcClient(rollup.Client.Registry);
            foreach (int at in new[] { blocks.Count - 1, 0, 1, 7, 15 })
            {
                IStateView view = rollup.Client.Chain.OpenState(blocks[at])!.View;
                List<StateAccountEntry> found = [];
                var storages = new Dictionary<Hash256, List<StateSlotEntry>>();
                await WalkAsync(rpc, blocks[at].Header.StateRoot, Hash256.Zero, 0, async (key, value) =>
                {
                    Assert.True(StateAccount.TryDecode(value, out StateAccount account));
                    found.Add(new StateAccountEntry(key, new Evm.Account(account.Nonce, account.Balance, account.CodeHash), account.StorageRoot));
                    List<StateSlotEntry> slots = storages[key] = [];
                    if (account.StorageRoot == Hash256.EmptyTrie) return;
                    await WalkAsync(rpc, account.StorageRoot, Hash256.Zero, 0, (slot, encoded) =>
                    {
                        var reader = new RlpReader(encoded);
                        Assert.True(reader.TryReadUInt256(out UInt256 number));
                        slots.Add(new StateSlotEntry(slot, number));
                        return Task.CompletedTask;
                    });
                });
                Assert.Equal(view.ListAccounts(default, 10_000).Entries, found);
                foreach ((Hash256 owner, List<StateSlotEntry> slots) in storages) Assert.Equal(view.ListSlots(owner, default, 10_000).Entries, slots);
                if (at > 1) Assert.True(storages[contract.Keccak()].Count > 3);
            }
        }
    }

    /// <summary>Asks for a node by its hash, and for all below it.</summary>
    private static async Task WalkAsync(InProcessRpcClient rpc, Hash256 hash, Hash256 digits, int depth, Func<Hash256, byte[], Task> leaf)
    {
        byte[] node = Hex.Decode((await rpc.ResultAsync("debug_dbGet", $"\"{hash}\"")).GetString()!);
        Assert.Equal(hash, Keccak256.Hash(node));
        await WalkNodeAsync(rpc, node, digits, depth, leaf);
    }

    private static async Task WalkNodeAsync(InProcessRpcClient rpc, byte[] node, Hash256 digits, int depth, Func<Hash256, byte[], Task> leaf)
    {
        List<byte[]> items = ItemsOf(node);
        if (items.Count == 17)
        {
            for (int digit = 0; digit < 16; digit++) await WalkChildAsync(rpc, items[digit], digits.WithDigit(Math.Min(depth, 63), digit), depth + 1, leaf);
            return;
        }

        Assert.Equal(2, items.Count);
        byte[] compact = Content(items[0]);
        if ((compact[0] & 0x10) != 0) digits = digits.WithDigit(depth++, compact[0] & 15);
        foreach (byte two in compact.AsSpan(1).ToArray()) digits = digits.WithDigit(depth++, two >> 4).WithDigit(depth++, two & 15);
        if ((compact[0] & 0x20) != 0) await leaf(digits, Content(items[1]));
        else await WalkChildAsync(rpc, items[1], digits, depth, leaf);
    }

    private static async Task WalkChildAsync(InProcessRpcClient rpc, byte[] item, Hash256 digits, int depth, Func<Hash256, byte[], Task> leaf)
    {
        if (item is [0x80]) return;
        if (item[0] >= 0xc0) await WalkNodeAsync(rpc, item, digits, depth, leaf);
        else await WalkAsync(rpc, new Hash256(Content(item)), digits, depth, leaf);
    }

    private static List<byte[]> ItemsOf(byte[] node)
    {
        Assert.True(RlpReader.TryOpenList(node, out RlpReader reader));
        List<byte[]> items = [];
        while (!reader.AtEnd)
        {
            Assert.True(reader.TryReadRaw(out ReadOnlySpan<byte> item));
            items.Add(item.ToArray());
        }

        return items;
    }

    private static byte[] Content(byte[] item)
    {
        var reader = new RlpReader(item);
        Assert.True(reader.TryReadBytes(out ReadOnlySpan<byte> bytes));
        return bytes.ToArray();
    }

    [Fact]
    public void Places_are_kept_for_the_hashes_asked_for_last()
    {
        const int Capacity = 64;
        var places = new NodePlaces(Capacity);
        Hash256 Named(int number) => Keccak256.Hash(BitConverter.GetBytes(number));
        NodePlace At(int number) => new(Named(-number), Hash256.Zero, new TriePath(Named(number), 7));
        for (int i = 0; i < Capacity / 4; i++)
        {
            places.Add(Named(i), At(i));
            for (int j = 0; j <= i; j++) Assert.True(places.TryGet(Named(j), out NodePlace place) && place == At(j));
        }

        places.Add(Named(1000), At(1000)); // takes the room of the first
        Assert.False(places.TryGet(Named(0), out _));
        Assert.True(places.TryGet(Named(1), out _));

        var children = new Hash256?[16];
        for (int digit = 0; digit < 16; digit += 3) children[digit] = Named(2000 + digit);
        places.AddChildren(At(7), children);
        for (int digit = 0; digit < 16; digit += 3)
        {
            Assert.True(places.TryGet(Named(2000 + digit), out NodePlace child));
            Assert.Equal(At(7) with { Path = new TriePath(At(7).Path.Digits.WithDigit(7, digit), 8) }, child);
        }

        // bounded: most of many are forgotten, the newest are there
        for (int i = 0; i < 10 * Capacity; i++) places.Add(Named(5000 + i), At(i));
        Assert.InRange(Enumerable.Range(5000, 10 * Capacity).Count(i => places.TryGet(Named(i), out _)), 1, 2 * Capacity);
        Assert.True(places.TryGet(Named(5000 + (10 * Capacity) - 1), out _));
    }
}
