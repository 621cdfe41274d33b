using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests.RpcTests;

public sealed class DebugChainTests
{
    private static string Q(object value) => $"\"{value}\"";

    [Fact]
    public async Task The_head_moves_back_and_not_forward()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        var rpc = new InProcessRpcClient(rollup.Client.Registry);
        ExecutedBlock second = rollup.Head;
        for (int i = 0; i < 4; i++)
        {
            rollup.Build();
            if (i == 1) second = rollup.Head;
        }

        Assert.Equal("null", await rpc.TextAsync("debug_setHead", "\"0x2\""));
        Assert.Equal(second.Hash, rollup.Head.Hash);
        Assert.Equal("null", await rpc.TextAsync("eth_getBlockByNumber", "\"0x3\",false"));
        Assert.Equal(-32000, (await rpc.ErrorAsync("debug_setHead", "\"0x4\"")).Code);
        Assert.Equal(-32602, (await rpc.ErrorAsync("debug_setHead", "\"two\"")).Code);
        Assert.Equal(3ul, rollup.Build(salt: 9).Number);
    }

    [Fact]
    public async Task An_invalid_block_is_kept_for_those_who_look_for_the_fault()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        var rpc = new InProcessRpcClient(rollup.Client.Registry);
        Assert.Equal("[]", await rpc.TextAsync("debug_getBadBlocks"));
        BuiltPayload built = rollup.Take(rollup.Begin(rollup.Attributes(rollup.Head)));
        BlockHeader header = built.Block.Header;
        var wrong = new BlockHeader
        {
            ParentHash = header.ParentHash,
            Beneficiary = header.Beneficiary,
            StateRoot = Hash256.EmptyTrie,
            TransactionsRoot = header.TransactionsRoot,
            ReceiptsRoot = header.ReceiptsRoot,
            LogsBloom = header.LogsBloom,
            Number = header.Number,
            GasLimit = header.GasLimit,
            GasUsed = header.GasUsed,
            Timestamp = header.Timestamp,
            ExtraData = header.ExtraData,
            MixHash = header.MixHash,
            BaseFeePerGas = header.BaseFeePerGas,
            WithdrawalsRoot = header.WithdrawalsRoot,
            BlobGasUsed = header.BlobGasUsed,
            ExcessBlobGas = header.ExcessBlobGas,
            ParentBeaconBlockRoot = header.ParentBeaconBlockRoot,
            RequestsHash = header.RequestsHash,
        };
        var block = new Block { Header = wrong, Transactions = built.Block.Transactions, Withdrawals = [] };
        Assert.Equal(InsertStatus.Invalid, rollup.Client.Chain.Insert(block).Status);

        JsonElement bad = Assert.Single((await rpc.ResultAsync("debug_getBadBlocks")).EnumerateArray());
        Assert.Equal(block.Hash.ToString(), bad.GetProperty("hash").GetString());
        Assert.Equal(Hex.Encode(block.Encode()), bad.GetProperty("rlp").GetString());
        Assert.Equal("0x1", bad.GetProperty("block").GetProperty("number").GetString());
        JsonElement trace = Assert.Single((await rpc.ResultAsync("debug_traceBadBlock", $"{Q(block.Hash)},{{\"tracer\":\"callTracer\"}}")).EnumerateArray());
        Assert.Equal(block.Transactions[0].Hash.ToString(), trace.GetProperty("txHash").GetString());
        Assert.Equal(-32000, (await rpc.ErrorAsync("debug_traceBadBlock", Q(Hash256.EmptyCode))).Code);
    }

    [Fact]
    public async Task Traces_of_a_range_come_block_by_block()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus, static o => o with { Endpoints = [new RpcEndpoint { Name = "ws", Http = false, WebSocket = true, Namespaces = ["debug"] }] });
        Assert.True(rollup.Client.Pool.Add(Alice.Send(0, TestCode.Load, gas: 50_000)).IsAccepted);
        for (int i = 0; i < 3; i++) rollup.Build();
        await rollup.Client.StartAsync(CancellationToken.None);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(rollup.Client.AddressOf("ws"), limit.Token);
        await socket.SendAsync(
            Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"debug_subscribe","params":["traceChain","0x0","0x3",{"tracer":"callTracer"}]}"""), WebSocketMessageType.Text, true, limit.Token);
        List<string> told = [];
        byte[] buffer = new byte[1 << 20];
        while (told.Count < 3)
        {
            int length = 0;
            WebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(new ArraySegment<byte>(buffer, length, buffer.Length - length), limit.Token);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            JsonElement message = JsonDocument.Parse(buffer.AsMemory(0, length).ToArray()).RootElement;
            if (!message.TryGetProperty("params", out JsonElement parameters)) continue;
            JsonElement result = parameters.GetProperty("result");
            told.Add(result.GetProperty("block").GetString()!);
            if (told.Count == 1) Assert.Equal(2, result.GetProperty("traces").GetArrayLength());
        }

        Assert.Equal(["0x1", "0x2", "0x3"], told);
    }
}
