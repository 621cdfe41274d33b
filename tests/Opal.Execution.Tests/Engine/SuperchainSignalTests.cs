using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

public sealed class SuperchainSignalTests
{
    public static TheoryData<HaltLevel, uint, uint, uint, bool> Cases => new()
    {
        { HaltLevel.None, 99, 0, 0, false },
        { HaltLevel.Major, 10, 0, 0, true },
        { HaltLevel.Major, 9, 5, 0, false },
        { HaltLevel.Minor, 9, 1, 0, true },
        { HaltLevel.Minor, 10, 0, 0, true },
        { HaltLevel.Minor, 9, 0, 7, false },
        { HaltLevel.Patch, 9, 0, 1, true },
        { HaltLevel.Patch, 9, 0, 0, false },
        { HaltLevel.Patch, 8, 9, 9, false },
    };

    [Theory, MemberData(nameof(Cases))]
    public async Task The_client_asks_to_be_stopped_when_it_is_too_far_behind_the_required_version(HaltLevel level, uint major, uint minor, uint patch, bool halts)
    {
        await using var rollup = new TestRollup(OptimismFork.Jovian, o => o with { Halt = level });
        List<string> asked = [];
        rollup.Client.Engine.HaltRequested += asked.Add;
        var client = new InProcessRpcClient(rollup.Client.Registry);
        Hash256 required = new ProtocolVersion(0, major, minor, patch, 0).Encode();
        JsonElement answer = await client.ResultAsync("engine_signalSuperchainV1", $"{{\"recommended\":\"{required}\",\"required\":\"{required}\"}}");
        Assert.Equal(ProtocolVersion.Supported.Encode().ToString(), answer.GetString());
        Assert.Equal(halts, asked.Count == 1);
        if (halts) Assert.Contains($"v{major}.{minor}.{patch}", asked[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_signal_and_one_of_another_build_only_tell_the_version()
    {
        await using var rollup = new TestRollup(OptimismFork.Jovian, o => o with { Halt = HaltLevel.Patch });
        rollup.Client.Engine.HaltRequested += why => Assert.Fail(why);
        var client = new InProcessRpcClient(rollup.Client.Registry);
        string own = $"\"{ProtocolVersion.Supported.Encode()}\"";
        Assert.Equal(own, await client.TextAsync("engine_signalSuperchainV1"));
        Hash256 other = new ProtocolVersion(7, 99, 0, 0, 0).Encode();
        Assert.Equal(own, await client.TextAsync("engine_signalSuperchainV1", $"{{\"recommended\":\"{other}\",\"required\":\"{other}\"}}"));
        Assert.Equal(own, await client.TextAsync("engine_signalSuperchainV1", $"{{\"recommended\":\"{Hash256.Zero}\",\"required\":\"{Hash256.Zero}\"}}"));
        Assert.Equal(RpcErrorCode.InvalidParams, (await client.ErrorAsync("engine_signalSuperchainV1", "{}")).Code);
    }

    [Fact]
    public async Task Versions_no_fork_here_has_are_served_refused_and_not_offered()
    {
        await using var rollup = new TestRollup(OptimismFork.Karst);
        var client = new InProcessRpcClient(rollup.Client.Registry);
        string[] offered = [.. (await client.ResultAsync("engine_exchangeCapabilities", "[]")).EnumerateArray().Select(e => e.GetString()!)];
        Assert.Contains("engine_getPayloadV5", offered);
        Assert.Contains("engine_newPayloadV4", offered);
        Assert.Contains("engine_forkchoiceUpdatedV3", offered);
        Assert.DoesNotContain("engine_newPayloadV5", offered);
        Assert.DoesNotContain("engine_forkchoiceUpdatedV4", offered);
        Assert.DoesNotContain("engine_exchangeCapabilities", offered);

        // the fourth fork choice may name heads, but not begin a block
        var head = new ForkchoiceState(rollup.Head.Hash, default, default);
        Assert.Equal(PayloadVerdict.Valid, rollup.Client.Engine.ForkchoiceUpdated(head, null, 4).Status.Verdict);
        Assert.Equal(RpcErrorCode.UnsupportedFork, Assert.Throws<EngineException>(() => rollup.Client.Engine.ForkchoiceUpdated(head, rollup.Attributes(rollup.Head), 4)).Code);
        var payload = ExecutionPayload.FromBlock(rollup.Build().Block, true);
        Assert.Equal(RpcErrorCode.UnsupportedFork, Assert.Throws<EngineException>(() => rollup.Client.Engine.NewPayload(payload, [], Hash256.Zero, [], 5)).Code);
    }

    [Fact]
    public async Task A_known_hash_over_other_contents_is_no_known_block()
    {
        await using var rollup = new TestRollup(OptimismFork.Jovian);
        ExecutedBlock first = rollup.Build(), second = rollup.Build();
        ExecutionPayload mixed = Variants.WithHash(ExecutionPayload.FromBlock(second.Block, true), first.Hash);
        PayloadStatus status = rollup.Client.Engine.NewPayload(mixed, [], Hash256.Zero, [], 4);
        Assert.Equal(PayloadVerdict.Invalid, status.Verdict);
        Assert.Equal("blockhash mismatch", status.ValidationError);
    }

    [Fact]
    public async Task A_refused_fork_choice_moves_nothing()
    {
        await using var rollup = new TestRollup(OptimismFork.Jovian);
        ExecutedBlock first = rollup.Build(), second = rollup.Build();
        rollup.Choose(second.Hash, first.Hash, first.Hash);
        ExecutedBlock side = rollup.Build(salt: 9, parent: rollup.Client.Chain.Genesis);
        rollup.Choose(second.Hash, first.Hash, first.Hash);
        ChainHeads before = rollup.Client.Chain.Heads;
        Assert.Throws<EngineException>(() => rollup.Choose(side.Hash, first.Hash));
        Assert.Throws<EngineException>(() => rollup.Choose(first.Hash, second.Hash));
        Assert.Throws<EngineException>(() => rollup.Choose(second.Hash, first.Hash, side.Hash));
        Assert.Equal(before, rollup.Client.Chain.Heads);
    }

    [Fact]
    public async Task Miner_methods_change_what_is_built_from_then_on()
    {
        await using var rollup = new TestRollup(OptimismFork.Jovian);
        var client = new InProcessRpcClient(rollup.Client.Registry);
        Assert.True(rollup.Client.Pool.Add(TestAccount.Alice.Send(0, TestAccount.Bob.Address, tipGwei: 1)).IsAccepted);
        Assert.Equal("true", await client.TextAsync("miner_setGasPrice", "\"0x77359400\"")); // 2 gwei
        Assert.Single(rollup.Build().Transactions);
        await client.TextAsync("miner_setGasPrice", "\"0x0\"");
        await client.TextAsync("miner_setMaxDASize", "\"0x1\",\"0x0\"");
        Assert.Single(rollup.Build(salt: 1).Transactions);
        await client.TextAsync("miner_setMaxDASize", "\"0x0\",\"0x0\"");
        rollup.Client.Builder.Options = rollup.Client.Builder.Options with { EffectiveGasLimit = 40_000 };
        Assert.Single(rollup.Build(salt: 2).Transactions); // the L1 attributes leave less than 21,000 of it
        rollup.Client.Builder.Options = rollup.Client.Builder.Options with { EffectiveGasLimit = 200_000 };
        Assert.Equal(2, rollup.Build(salt: 3).Transactions.Count);
        Assert.Equal(RpcErrorCode.ServerError, (await client.ErrorAsync("miner_setExtra", $"\"{new string('x', 33)}\"")).Code);
        Assert.Equal("true", await client.TextAsync("miner_setExtra", "\"mine\""));
    }
}
