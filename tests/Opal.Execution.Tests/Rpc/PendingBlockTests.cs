using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests;

public sealed class PendingBlockTests
{
    private static readonly UInt256 Five = new(5);

    private static string Q(object value) => $"\"{value}\"";

    private static Transaction StoreFive(ulong nonce) => Alice.Send(nonce, TestCode.Store, data: Hash256.FromUInt256(Five).ToArray(), gas: 100_000);

    [Theory]
    [InlineData(OptimismFork.Canyon)]
    [InlineData(OptimismFork.Ecotone)]
    [InlineData(OptimismFork.Isthmus)]
    [InlineData(OptimismFork.Jovian)]
    [InlineData(OptimismFork.Karst)]
    public async Task Pending_is_the_head_with_the_pools_transactions_on_top(OptimismFork fork)
    {
        var time = new ManualTime();
        await using var rollup = new TestRollup(fork, options => options with { ComputePendingBlock = true }, time);
        var rpc = new InProcessRpcClient(rollup.Client.Registry);
        rollup.Build();
        Transaction sent = StoreFive(0);
        await rpc.TextAsync("eth_sendRawTransaction", Q(Hex.Encode(sent.Encoded)));
        time.Advance(PendingBlock.Lifetime);

        JsonElement pending = await rpc.ResultAsync("eth_getBlockByNumber", "\"pending\",false");
        Assert.Equal("0x2", pending.GetProperty("number").GetString());
        Assert.Equal(rollup.Head.Hash.ToString(), pending.GetProperty("parentHash").GetString());
        Assert.Equal([sent.Hash.ToString()], pending.GetProperty("transactions").EnumerateArray().Select(t => t.GetString()));
        foreach (string unsettled in new[] { "hash", "nonce", "miner" }) Assert.Equal(JsonValueKind.Null, pending.GetProperty(unsettled).ValueKind);
        Assert.Equal("0x1", (await rpc.ResultAsync("eth_getBlockByNumber", "\"latest\",false")).GetProperty("number").GetString());

        Assert.Equal(Q(Hash256.FromUInt256(Five)), await rpc.TextAsync("eth_getStorageAt", $"{Q(TestCode.Store)},\"0x0\",\"pending\""));
        Assert.Equal(Q(Hash256.Zero), await rpc.TextAsync("eth_getStorageAt", $"{Q(TestCode.Store)},\"0x0\",\"latest\""));
        Assert.NotEqual(await rpc.TextAsync("eth_getBalance", $"{Q(Alice.Address)},\"latest\""), await rpc.TextAsync("eth_getBalance", $"{Q(Alice.Address)},\"pending\""));
        Assert.Equal(Q(Hash256.FromUInt256(new UInt256(2))), await rpc.TextAsync("eth_call", $"{{\"to\":{Q(TestCode.Number)}}},\"pending\""));
        Assert.Equal("\"0x5208\"", await rpc.TextAsync("eth_estimateGas", $"{{\"from\":{Q(Alice.Address)},\"to\":{Q(Bob.Address)},\"value\":\"0x1\"}},\"pending\""));
        Assert.Equal(1, (await rpc.ResultAsync("eth_getBlockReceipts", "\"pending\"")).GetArrayLength());
        Assert.Equal("\"0x1\"", await rpc.TextAsync("eth_getBlockTransactionCountByNumber", "\"pending\""));
        Assert.Contains("pending block", (await rpc.ErrorAsync("eth_getProof", $"{Q(Alice.Address)},[],\"pending\"")).Message);
        Assert.Equal("0x3", (await rpc.ResultAsync("eth_simulateV1", "{\"blockStateCalls\":[{}]},\"pending\""))[0].GetProperty("number").GetString());
        Assert.Equal("[]", await rpc.TextAsync("eth_getLogs", "{\"fromBlock\":\"pending\",\"toBlock\":\"pending\"}"));
        Assert.Equal(1, (await rpc.ResultAsync("eth_feeHistory", "1,\"pending\",[]")).GetProperty("gasUsedRatio").GetArrayLength());

        ExecutedBlock built = rollup.Build();
        Assert.Equal(sent.Hash, built.Transactions[^1].Hash);
        Assert.Equal("0x3", (await rpc.ResultAsync("eth_getBlockByNumber", "\"pending\",false")).GetProperty("number").GetString());
    }

    [Fact]
    public async Task A_pending_block_serves_for_a_moment_and_holds_a_state_that_fits_its_header()
    {
        var time = new ManualTime();
        await using var rollup = new TestRollup(OptimismFork.Jovian, time: time);
        var pending = new PendingBlock(rollup.Client.Chain, rollup.Client.Builder, time);
        ExecutedBlock empty = pending.Get();
        Assert.Empty(empty.Transactions);
        Assert.True(rollup.Client.Pool.Add(StoreFive(0), null, isLocal: true).IsAccepted);
        Assert.Same(empty, pending.Get());
        time.Advance(PendingBlock.Lifetime);
        ExecutedBlock full = pending.Get();
        Assert.Single(full.Transactions);
        ChainState state = pending.GetState();
        Assert.Equal(full.Header.StateRoot, state.View.StateRoot);
        Assert.Equal(full.Header.StateRoot, state.ComputeRoots(StateDiff.Empty, null).StateRoot);
        Assert.Equal(rollup.Head.Hash, state.GetBlockHash(0));
        Assert.Equal(full.Hash, state.GetBlockHash(1));
        Assert.Equal(1, rollup.Client.Pool.Count().Pending); // looking takes nothing out of the pool
    }

    [Fact]
    public async Task Without_the_flag_pending_is_the_latest_block()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        var rpc = new InProcessRpcClient(rollup.Client.Registry);
        await rpc.TextAsync("eth_sendRawTransaction", Q(Hex.Encode(StoreFive(0).Encoded)));
        Assert.Equal(await rpc.TextAsync("eth_getBlockByNumber", "\"latest\",false"), await rpc.TextAsync("eth_getBlockByNumber", "\"pending\",false"));
        Assert.Equal(Q(Hash256.Zero), await rpc.TextAsync("eth_getStorageAt", $"{Q(TestCode.Store)},\"0x0\",\"pending\""));
    }
}
