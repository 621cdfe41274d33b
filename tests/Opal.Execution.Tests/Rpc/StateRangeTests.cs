using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests.RpcTests;

public sealed class StateRangeTests
{
    /// <summary>Makes a contract that stores the second word of its input in the slot that the first names, and destroys itself when there is no input.</summary>
    private static readonly byte[] StoreOrEnd = Hex.Decode("0x6e3660065733ff5b60203560003555006000" + "52600f6011f3");

    private static string Q(object value) => $"\"{value}\"";

    private static byte[] Put(in UInt256 slot, ulong value) => [.. slot.ToBigEndianArray(), .. new UInt256(value).ToBigEndianArray()];

    private static Hash256 KeyOf(in UInt256 slot) => Keccak256.Hash(slot.ToBigEndianArray());

    [Fact]
    public async Task Slots_are_listed_as_they_were_before_each_transaction()
    {
        // before Cancun, so that a contract can go with its storage
        await using var rollup = new TestRollup(OptimismFork.Canyon);
        var rpc = new InProcessRpcClient(rollup.Client.Registry);
        var random = new Random(4);
        Assert.True(rollup.Client.Pool.Add(Alice.Send(0, null, data: StoreOrEnd, gas: 200_000)).IsAccepted);
        Address contract = rollup.Build().Receipts[1].ContractAddress!.Value;
        UInt256[] slots = [.. Enumerable.Range(0, 12).Select(i => new UInt256((ulong)i * (i > 5 ? 1_000_003UL : 1)))];
        var model = new SortedDictionary<Hash256, UInt256>();
        ulong nonce = 1;
        for (int round = 0; round < 3; round++)
        {
            List<SortedDictionary<Hash256, UInt256>> states = [new(model)]; // before the L1 attributes, and before each transaction
            for (int i = 0; i < 8; i++)
            {
                states.Add(new(model));
                bool ends = round == 2 && i == 5;
                UInt256 slot = slots[random.Next(slots.Length)];
                ulong value = (ulong)random.Next(3);
                Assert.True(rollup.Client.Pool.Add(Alice.Send(nonce++, contract, data: ends ? [] : Put(slot, value), gas: 100_000)).IsAccepted);
                if (ends) model.Clear();
                else if (round == 2 && i > 5) continue; // the contract is gone
                else if (value == 0) model.Remove(KeyOf(slot));
                else model[KeyOf(slot)] = value;
            }

            ExecutedBlock block = rollup.Build();
            Assert.Equal(9, block.Transactions.Count);
            for (int index = 0; index < states.Count; index++)
            {
                int limit = random.Next(1, 5);
                var seen = new SortedDictionary<Hash256, UInt256>();
                string? start = "0x";
                while (start is not null)
                {
                    string name = random.Next(2) == 0 ? Q(block.Hash) : Q(Hex.Quantity(block.Number));
                    JsonElement page = await rpc.ResultAsync("debug_storageRangeAt", $"{name},{index},{Q(contract)},{Q(start)},{limit}");
                    start = page.GetProperty("nextKey").GetString();
                    if (page.GetProperty("storage").ValueKind == JsonValueKind.Null)
                    {
                        Assert.Empty(states[index]);
                        break;
                    }

                    Assert.True(start is null || page.GetProperty("storage").EnumerateObject().Count() == limit);
                    foreach (JsonProperty entry in page.GetProperty("storage").EnumerateObject())
                    {
                        Hash256 key = Hash256.Parse(entry.Name);
                        seen.Add(key, Hash256.Parse(entry.Value.GetProperty("value").GetString()!).ToUInt256());
                        UInt256 slot = slots.Single(s => KeyOf(s) == key);
                        if (entry.Value.GetProperty("key").GetString() is { } told) Assert.Equal(slot, Hash256.Parse(told).ToUInt256());
                        else Assert.True(slot > 255UL);
                    }
                }

                Assert.Equal(states[index], seen);
            }
        }

        Assert.Equal("{\"storage\":null,\"nextKey\":null}", await rpc.TextAsync("debug_storageRangeAt", $"\"latest\",0,{Q(Alice.Address)},\"0x\",5"));
        Assert.Equal("{\"storage\":{},\"nextKey\":null}", await rpc.TextAsync("debug_storageRangeAt", $"\"latest\",0,{Q(TestCode.Load)},\"0xff\",5"));
        Assert.Equal(
            $"{{\"storage\":{{{Q(KeyOf(0))}:{{\"key\":{Q(Hash256.Zero)},\"value\":{Q(Hash256.FromUInt256(7))}}}}},\"nextKey\":null}}",
            await rpc.TextAsync("debug_storageRangeAt", $"\"latest\",0,{Q(TestCode.Load)},\"\",5"));
        Assert.Equal($"transaction index 9 out of range for block {rollup.Head.Hash}", (await rpc.ErrorAsync("debug_storageRangeAt", $"\"latest\",9,{Q(contract)},\"0x\",5")).Message);
        Assert.Equal("block #0x63 not found", (await rpc.ErrorAsync("debug_storageRangeAt", $"\"0x63\",0,{Q(contract)},\"0x\",5")).Message);
        Assert.Equal(-32602, (await rpc.ErrorAsync("debug_storageRangeAt", $"\"latest\",0,{Q(contract)},{Q(new string('x', 9))},5")).Code);
        Assert.Equal(-32602, (await rpc.ErrorAsync("debug_storageRangeAt", $"\"latest\",0,{Q(contract)},\"0x{new string('0', 66)}\",5")).Code);
    }

    [Fact]
    public async Task Accounts_are_listed_page_by_page_at_every_block()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        var rpc = new InProcessRpcClient(rollup.Client.Registry);
        for (ulong i = 0; i < 20; i++) Assert.True(rollup.Client.Pool.Add(Alice.Send(i, Address.FromNumber(0xabc000 + i), value: i + 1)).IsAccepted);
        ExecutedBlock first = rollup.Build();
        for (ulong i = 0; i < 20; i++) Assert.True(rollup.Client.Pool.Add(Alice.Send(20 + i, Address.FromNumber(0xdef000 + i), value: i + 1)).IsAccepted);
        ExecutedBlock second = rollup.Build();

        foreach (ExecutedBlock block in new[] { rollup.Client.Chain.Genesis, first, second })
        {
            IStateView view = rollup.Client.Chain.OpenState(block)!.View;
            StatePage<StateAccountEntry> all = view.ListAccounts(default, 1000);
            Assert.Null(all.Next);
            var seen = new List<string>();
            string start = "\"0x\"";
            while (true)
            {
                JsonElement page = await rpc.ResultAsync("debug_accountRange", $"{Q(Hex.Quantity(block.Number))},{start},7,false,false,true");
                Assert.Equal(block.Header.StateRoot.ToString()[2..], page.GetProperty("root").GetString());
                foreach (JsonProperty account in page.GetProperty("accounts").EnumerateObject())
                {
                    StateAccountEntry entry = all.Entries[seen.Count];
                    seen.Add(account.Value.GetProperty("key").GetString()!);
                    Assert.Equal(entry.Key.ToString(), seen[^1]);
                    Assert.Equal(entry.Account.Balance.ToString(), account.Value.GetProperty("balance").GetString());
                    Assert.Equal(entry.Account.Nonce, account.Value.GetProperty("nonce").GetUInt64());
                    Assert.Equal(entry.StorageRoot.ToString(), account.Value.GetProperty("root").GetString());
                    Assert.Equal(entry.Account.CodeHash.ToString(), account.Value.GetProperty("codeHash").GetString());
                    if (account.Value.TryGetProperty("address", out JsonElement told))
                    {
                        Address address = Address.Parse(told.GetString()!);
                        Assert.Equal(address.ToChecksumString(), account.Name);
                        Assert.Equal(entry.Key, address.Keccak());
                    }
                    else
                    {
                        Assert.Equal($"pre({entry.Key})", account.Name);
                    }
                }

                if (!page.TryGetProperty("next", out JsonElement next)) break;
                Assert.Equal(7, page.GetProperty("accounts").EnumerateObject().Count());
                start = block == first ? next.GetRawText() : Q(Hex.Encode(next.GetBytesFromBase64()));
            }

            Assert.Equal(all.Entries.Count, seen.Count);
        }

        // what is known of genesis has an address, and its slots their positions
        JsonElement load = (await rpc.ResultAsync("debug_dumpBlock", "\"latest\"")).GetProperty("accounts").GetProperty(TestCode.Load.ToChecksumString());
        Assert.Equal(Hex.Encode(TestCode.LoadCode), load.GetProperty("code").GetString());
        Assert.Equal($"{{{Q(Hash256.Zero)}:\"07\"}}", load.GetProperty("storage").GetRawText());
        JsonElement bare = (await rpc.ResultAsync("debug_accountRange", $"{Q(second.Hash)},{Q(TestCode.Load.Keccak())},1,true,true,false")).GetProperty("accounts").GetProperty(TestCode.Load.ToChecksumString());
        Assert.False(bare.TryGetProperty("code", out _) || bare.TryGetProperty("storage", out _));

        // addresses that only blocks told become known by a witness
        string known = Address.FromNumber(0xdef003).ToChecksumString();
        Assert.False((await rpc.ResultAsync("debug_dumpBlock", "\"latest\"")).GetProperty("accounts").TryGetProperty(known, out _));
        await rpc.ResultAsync("debug_executionWitness", Q(Hex.Quantity(second.Number)));
        Assert.Equal("4", (await rpc.ResultAsync("debug_dumpBlock", "\"latest\"")).GetProperty("accounts").GetProperty(known).GetProperty("balance").GetString());
        Assert.Equal("block #0x63 not found", (await rpc.ErrorAsync("debug_dumpBlock", "\"0x63\"")).Message);
        Assert.Equal(Q(Alice.Address), await rpc.TextAsync("debug_preimage", Q(Alice.Address.Keccak())));
    }

    [Fact]
    public void A_dump_that_is_out_of_time_says_where_the_rest_begins()
    {
        var store = new MemoryStateStore();
        var diff = new Evm.StateDiff
        {
            Accounts = [.. Enumerable.Range(1, 600).Select(static i => new Evm.AccountChange { Address = Address.FromNumber((ulong)i), Exists = true, Account = new Evm.Account(1, 1, Hash256.EmptyCode) })],
            Codes = [],
        };
        Hash256 root = store.Open(Hash256.EmptyTrie)!.ComputeRoots(diff, null).StateRoot;
        store.Commit(Hash256.EmptyTrie, diff, root, 0);
        var keys = new KnownKeys(new PreimageCache(), Evm.StateDiff.Empty);
        StateDump late = new StateDumper(store.Open(root)!, keys, TimeSpan.FromTicks(1)).Make(new DumpOptions(default, 256, true, true, false), default);
        Assert.Single(late.Accounts); // it moves on, however late it is
        Assert.Equal(store.Open(root)!.ListAccounts(default, 1).Next, late.Next);
        StateDump none = new StateDumper(store.Open(root)!, keys, TimeSpan.Zero).Make(new DumpOptions(default, 256, true, true, true), default);
        Assert.Empty(none.Accounts); // no address is known
        Assert.Null(none.Next);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => new StateDumper(store.Open(root)!, keys, TimeSpan.Zero).Make(new DumpOptions(default, 256, true, true, true), cancelled.Token));
    }
}
