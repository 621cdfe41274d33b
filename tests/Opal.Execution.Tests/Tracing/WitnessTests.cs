using System.Text.Json;
using Opal.Crypto;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Trie;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests.TracingTests;

public sealed class WitnessTests : IDisposable
{
    /// <summary>Stores the second word of its input in the slot that the first names.</summary>
    private static readonly byte[] StoreAnywhere = Hex.Decode("0x67602035600035550060005260086018f3");

    private readonly TestRollup _rollup = new(OptimismFork.Isthmus);
    private readonly IRpcClient _rpc;

    public WitnessTests() => _rpc = new InProcessRpcClient(_rollup.Client.Registry);

    public void Dispose() => _rollup.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static string Q(object value) => $"\"{value}\"";

    private sealed class Stateless(WitnessState state, BlockHeader parent, IReadOnlyList<BlockHeader> headers) : IExecutionState
    {
        public bool TryGetAccount(in Address address, out Account account) => state.TryGetAccount(address, out account);

        public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => state.GetStorage(address, slot, out value);

        public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => state.GetCode(codeHash);

        public bool HasStorage(in Address address) => state.HasStorage(address);

        public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => state.ComputeRoots(diff, storageRootOf);

        public Hash256 GetBlockHash(ulong number) => number == parent.Number ? parent.Hash : headers.Single(h => h.Number == number).Hash;
    }

    private async Task ExecuteFromWitnessAsync(ExecutedBlock block)
    {
        JsonElement witness = await _rpc.ResultAsync("debug_executionWitness", Q(Hex.Quantity(block.Number)));
        var preimages = new PreimageBag();
        foreach (string part in new[] { "state", "codes" })
        {
            foreach (JsonElement item in witness.GetProperty(part).EnumerateArray()) preimages.Add(Hex.Decode(item.GetString()!));
        }

        List<BlockHeader> headers = [];
        foreach (JsonElement item in witness.GetProperty("headers").EnumerateArray())
        {
            Assert.True(BlockHeader.TryDecode(Hex.Decode(item.GetString()!), out BlockHeader? header));
            headers.Add(header!);
        }

        BlockHeader parent = headers[^1];
        Assert.Equal(block.Header.ParentHash, parent.Hash);
        using var executor = new BlockExecutor(NativeCrypto.Instance, _rollup.Client.Chain.Spec);
        ExecutionResult result = executor.Execute(parent, block.Block, new Stateless(new WitnessState(parent.StateRoot, preimages), parent, headers));
        Assert.True(result.IsValid, result.Describe());
    }

    [Fact]
    public async Task Blocks_that_fill_and_empty_storage_execute_from_their_witness_alone()
    {
        Assert.True(_rollup.Client.Pool.Add(Alice.Send(0, null, data: StoreAnywhere, gas: 200_000)).IsAccepted);
        ExecutedBlock deployed = _rollup.Build();
        Address contract = deployed.Receipts[1].ContractAddress!.Value;
        var random = new Random(20261128);
        var slots = new Dictionary<ulong, bool>();
        ulong nonce = 1;
        for (int round = 0; round < 12; round++)
        {
            for (int i = 0; i < 8; i++)
            {
                // few slots, so that branches come and go
                ulong slot = (ulong)random.Next(24);
                bool isSet = round < 9 ? random.Next(2) == 0 : false;
                slots[slot] = isSet;
                byte[] input = [.. new UInt256(slot).ToBigEndianArray(), .. new UInt256(isSet ? (ulong)random.Next(1, 9) : 0).ToBigEndianArray()];
                Assert.True(_rollup.Client.Pool.Add(Alice.Send(nonce++, contract, data: input, gas: 60_000)).IsAccepted);
            }

            ExecutedBlock block = _rollup.Build();
            Assert.Equal(9, block.Transactions.Count);
            await ExecuteFromWitnessAsync(block);
        }

        await ExecuteFromWitnessAsync(deployed);
    }

    [Fact]
    public async Task Preimages_are_found_by_hash_where_a_witness_holds_them()
    {
        ExecutedBlock block = _rollup.Build();
        Hash256 code = Keccak256.Hash(TestCode.LoadCode);
        Assert.Equal(Q(Hex.Encode(TestCode.LoadCode)), await _rpc.TextAsync("debug_dbGet", Q(code)));
        Assert.Equal(Q(Hex.Encode(TestCode.LoadCode)), await _rpc.TextAsync("debug_dbGet", Q("0x63" + code.ToString()[2..])));
        Hash256 parentRoot = _rollup.Client.Chain.Genesis.Header.StateRoot;
        byte[] node = Hex.Decode((await _rpc.ResultAsync("debug_dbGet", Q(parentRoot))).GetString()!);
        Assert.Equal(parentRoot, Keccak256.Hash(node));
        Assert.Equal(Q(Hex.Encode(block.Header.Encode())), await _rpc.TextAsync("debug_dbGet", Q(block.Hash)));
        Assert.Equal(Q(Predeploys.L1Block), await _rpc.TextAsync("debug_preimage", Q(Predeploys.L1Block.Keccak())));
        Assert.Equal(-32000, (await _rpc.ErrorAsync("debug_dbGet", Q(Keccak256.Hash("nobody"u8)))).Code);
        Assert.Equal(-32000, (await _rpc.ErrorAsync("debug_preimage", Q(Keccak256.Hash("nobody"u8)))).Code);
        Assert.Equal(-32602, (await _rpc.ErrorAsync("debug_dbGet", "\"0x1234\"")).Code);
        Assert.Equal(-32000, (await _rpc.ErrorAsync("debug_executionWitness", "\"0x0\"")).Code);
        Assert.Equal("{\"earliest\":0,\"latest\":1}", await _rpc.TextAsync("debug_proofsSyncStatus"));
    }

    [Fact]
    public async Task What_blocks_changed_is_told_by_account_and_by_transaction()
    {
        Assert.True(_rollup.Client.Pool.Add(Alice.Send(0, Bob.Address, value: 1)).IsAccepted);
        ExecutedBlock first = _rollup.Build();
        ExecutedBlock second = _rollup.Build();
        string[] modified = [.. (await _rpc.ResultAsync("debug_getModifiedAccountsByNumber", "1")).EnumerateArray().Select(static a => a.GetString()!)];
        Assert.Contains(Alice.Address.ToString(), modified);
        Assert.Contains(Bob.Address.ToString(), modified);
        string[] range = [.. (await _rpc.ResultAsync("debug_getModifiedAccountsByHash", $"{Q(first.Hash)},{Q(second.Hash)}")).EnumerateArray().Select(static a => a.GetString()!)];
        Assert.DoesNotContain(Alice.Address.ToString(), range);
        Assert.Equal(-32000, (await _rpc.ErrorAsync("debug_getModifiedAccountsByNumber", "2,1")).Code);
        Assert.Equal(-32000, (await _rpc.ErrorAsync("debug_getModifiedAccountsByNumber", "99")).Code);

        JsonElement roots = await _rpc.ResultAsync("debug_intermediateRoots", Q(first.Hash));
        Assert.Equal(2, roots.GetArrayLength());
        Assert.Equal(first.Header.StateRoot.ToString(), roots[1].GetString());
        Assert.NotEqual(roots[0].GetString(), roots[1].GetString());
        Assert.Equal(-32000, (await _rpc.ErrorAsync("debug_intermediateRoots", Q(Hash256.EmptyCode))).Code);
    }
}
