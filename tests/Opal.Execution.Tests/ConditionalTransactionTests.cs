using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests;

public sealed class ConditionalTransactionTests
{
    private const int Rejected = -32003;
    private const int TooCostly = -32005;

    private readonly ManualTime _time = new();

    private TestRollup Start(int rate = 5000, IRpcClient? sequencer = null) => new(
        OptimismFork.Isthmus, o => o with { ConditionalTransactions = new ConditionalTransactionOptions { CostPerSecond = rate }, Sequencer = sequencer }, _time);

    private static string Parameters(Transaction transaction, string condition) => $"\"{Hex.Encode(transaction.Encoded)}\",{condition}";

    private const string Method = "eth_sendRawTransactionConditional";

    private static string Slot(ulong value) => $"\"{Hash256.FromUInt256(new UInt256(value))}\"";

    [Fact]
    public async Task Preconditions_are_checked_against_the_head_and_its_parent()
    {
        await using TestRollup rollup = Start();
        var client = new InProcessRpcClient(rollup.Client.Registry);
        rollup.Build();
        rollup.Build();
        Transaction sent = Alice.Send(0, Bob.Address);
        async Task Refused(string condition, int code, string message)
        {
            RpcError error = await client.ErrorAsync(Method, Parameters(sent, condition));
            Assert.Equal(code, error.Code);
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }

        await Refused("{\"blockNumberMin\":\"0x9\"}", Rejected, "failed header check");
        await Refused("{\"blockNumberMax\":\"0x1\"}", Rejected, "failed header check");
        await Refused("{\"timestampMin\":\"0xffffffffff\"}", Rejected, "failed header check");
        await Refused("{\"timestampMax\":\"0x1\"}", Rejected, "failed header check");
        await Refused("{\"blockNumberMin\":\"0x9\",\"blockNumberMax\":\"0x8\"}", Rejected, "failed conditional validation");
        await Refused("{\"timestampMin\":\"0x9\",\"timestampMax\":\"0x8\"}", Rejected, "failed conditional validation");
        await Refused($"{{\"knownAccounts\":{{\"{TestCode.Load}\":{{{Slot(0)}:{Slot(8)}}}}}}}", Rejected, "failed state check");
        await Refused($"{{\"knownAccounts\":{{\"{TestCode.Load}\":{Slot(1)}}}}}", Rejected, "failed state check");
        string many = string.Join(",", Enumerable.Range(0, 1001).Select(i => $"{Slot((ulong)i)}:{Slot(0)}"));
        await Refused($"{{\"knownAccounts\":{{\"{TestCode.Load}\":{{{many}}}}}}}", TooCostly, "conditional cost, 1001, exceeded max: 1000");
        await Refused("{\"blockNumberMin\":9}", RpcErrorCode.InvalidParams, "blockNumberMin");

        // true at the head, but not at its parent
        Assert.True(rollup.Client.Pool.Add(Bob.Send(0, TestCode.Store, data: [.. new byte[31], 9], gas: 100_000)).IsAccepted);
        rollup.Build();
        await Refused($"{{\"knownAccounts\":{{\"{TestCode.Store}\":{{{Slot(0)}:{Slot(9)}}}}}}}", Rejected, "failed parent block");
        rollup.Build();
        Hash256 root = rollup.Client.Chain.OpenState(rollup.Head)!.View.GetStorageRoot(TestCode.Load);
        string good = $"{{\"knownAccounts\":{{\"{TestCode.Store}\":{{{Slot(0)}:{Slot(9)}}},\"{TestCode.Load}\":\"{root}\"}},\"blockNumberMin\":\"0x1\",\"timestampMax\":\"0xffffffffff\"}}";
        Assert.Equal($"\"{sent.Hash}\"", await client.TextAsync(Method, Parameters(sent, good)));
        Assert.Equal([sent.Hash], rollup.Build().Transactions.Skip(1).Select(t => t.Hash));
    }

    [Fact]
    public async Task What_no_longer_holds_when_a_block_is_built_is_dropped()
    {
        await using TestRollup rollup = Start();
        var client = new InProcessRpcClient(rollup.Client.Registry);
        rollup.Build();
        Transaction conditional = Alice.Send(0, Bob.Address, tipGwei: 1), change = Bob.Send(0, TestCode.Store, data: [.. new byte[31], 5], gas: 100_000, tipGwei: 20);
        await client.TextAsync(Method, Parameters(conditional, $"{{\"knownAccounts\":{{\"{TestCode.Store}\":{{{Slot(0)}:{Slot(0)}}}}}}}"));
        Assert.True(rollup.Client.Pool.Add(change).IsAccepted);
        Assert.Equal([change.Hash], rollup.Build().Transactions.Skip(1).Select(t => t.Hash)); // a dearer one in the same block changes the slot first
        Assert.Null(rollup.Client.Pool.Find(conditional.Hash));
        Assert.Equal(1, rollup.Client.Pool.CountDropped(PoolDropReason.ConditionFailed));
    }

    [Fact]
    public async Task The_cost_of_all_is_limited_by_the_second()
    {
        await using TestRollup rollup = Start(rate: 1500);
        var client = new InProcessRpcClient(rollup.Client.Registry);
        string slots = string.Join(",", Enumerable.Range(1, 900).Select(i => $"{Slot((ulong)i)}:{Slot(0)}"));
        string condition = $"{{\"knownAccounts\":{{\"{TestCode.Load}\":{{{slots}}}}}}}";
        await client.TextAsync(Method, Parameters(Alice.Send(0, Bob.Address), condition));
        RpcError error = await client.ErrorAsync(Method, Parameters(Bob.Send(0, Bob.Address), condition));
        Assert.Equal(TooCostly, error.Code);
        Assert.Equal("cost 900 rate limited", error.Message);
        _time.Advance(TimeSpan.FromSeconds(1));
        await client.TextAsync(Method, Parameters(Bob.Send(0, Bob.Address), condition));
    }

    [Fact]
    public async Task A_node_with_a_sequencer_sends_transaction_and_condition_on()
    {
        await using TestRollup sequencer = Start();
        await using TestRollup node = Start(sequencer: new InProcessRpcClient(sequencer.Client.Registry));
        var client = new InProcessRpcClient(node.Client.Registry);
        Transaction sent = Alice.Send(0, Bob.Address);
        Assert.Equal($"\"{sent.Hash}\"", await client.TextAsync(Method, Parameters(sent, "{\"blockNumberMax\":\"0x5\"}")));
        Assert.Null(node.Client.Pool.Find(sent.Hash));
        Assert.Equal(new UInt256(5), sequencer.Client.Pool.Find(sent.Hash)!.Condition!.BlockNumberMax);
        RpcError error = await client.ErrorAsync(Method, Parameters(Bob.Send(0, Alice.Address, gas: 30_000_000, feeCapGwei: 1000), "{}"));
        Assert.Contains("exceeds the configured cap", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_option_the_method_is_not_there()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        var client = new InProcessRpcClient(rollup.Client.Registry);
        Assert.Equal(RpcErrorCode.MethodNotFound, (await client.ErrorAsync(Method, Parameters(Alice.Send(0, Bob.Address), "{}"))).Code);
    }
}
