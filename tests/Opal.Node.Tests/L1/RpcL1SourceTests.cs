using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

/// <summary>Several endpoints: who is asked, who is believed.</summary>
public sealed class RpcL1SourceTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1));
    private readonly ListLog _log = new();
    private readonly FakeL1Block[] _chain = Chain(4);

    [Fact]
    public async Task A_failing_endpoint_is_left_out_for_a_growing_while()
    {
        FakeProvider a = new("a", _chain), b = new("b", _chain);
        a.Before = (method, _) => throw new RpcTransportException(method, "a", "down", isTransient: true);
        RpcL1Source source = Source(a, b);
        for (int i = 0; i < 3; i++) Assert.Equal(_chain[1].Header.Hash, (await source.HeaderByNumberAsync(1, default))!.Hash);
        Assert.Single(a.Calls);
        _time.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 3; i++) await source.HeaderByNumberAsync(1, default);
        Assert.Equal(2, a.Calls.Length);
        _time.Advance(TimeSpan.FromSeconds(1)); // the second wait is longer
        await source.HeaderByNumberAsync(1, default);
        Assert.Equal(2, a.Calls.Length);
        a.Before = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        b.Forget();
        for (int i = 0; i < 3; i++) await source.HeaderByNumberAsync(1, default);
        Assert.Equal(5, a.Calls.Length); // well again, and preferred again
        Assert.Empty(b.Calls);
    }

    [Fact]
    public async Task A_slow_endpoint_is_overtaken_and_its_call_cancelled()
    {
        FakeProvider a = new("a", _chain), b = new("b", _chain);
        var cancelled = new TaskCompletionSource();
        a.Before = async (_, cancellation) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                cancelled.SetResult();
            }
        };
        L1Endpoint first = a.AsEndpoint(_time);
        var source = new RpcL1Source([first, b.AsEndpoint(_time)], Options(), _log);
        Task<BlockHeader?> asked = source.HeaderByNumberAsync(2, default);
        _time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(asked.IsCompleted);
        Assert.Empty(b.Calls);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(_chain[2].Header.Hash, (await asked.WaitAsync(TimeSpan.FromSeconds(10)))!.Hash);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(1, first.Health.Failures);

        // the next question goes to the other at once
        a.Forget();
        await source.HeaderByNumberAsync(2, default);
        Assert.Empty(a.Calls);
    }

    [Fact]
    public void Patience_grows_with_the_usual_latency()
    {
        var health = new EndpointHealth(_time);
        TimeSpan least = TimeSpan.FromMilliseconds(500);
        Assert.Equal(least, health.Patience(least));
        health.Succeeded(TimeSpan.FromMilliseconds(400));
        Assert.Equal(TimeSpan.FromMilliseconds(1200), health.Patience(least));
        health.Succeeded(TimeSpan.FromMilliseconds(100));
        Assert.Equal(TimeSpan.FromMilliseconds(340), health.Latency);
        for (int i = 0; i < 30; i++) health.Succeeded(TimeSpan.FromMilliseconds(10));
        Assert.Equal(least, health.Patience(least));
    }

    [Fact]
    public async Task An_answer_that_fails_its_check_is_a_failure_and_the_question_goes_on()
    {
        FakeProvider a = new("a", _chain), b = new("b", _chain);
        a.Tamper = (_, answer) =>
        {
            if (answer is System.Text.Json.Nodes.JsonObject block) block["gasUsed"] = "0x7";
            return answer;
        };
        L1Endpoint first = a.AsEndpoint(_time);
        var source = new RpcL1Source([first, b.AsEndpoint(_time)], Options(), _log);
        Assert.Equal(_chain[3].Header.Hash, (await source.BlockByNumberAsync(3, default))!.Hash);
        Assert.Equal(1, first.Health.Failures);

        // alone: asked again within the same question
        int times = 0;
        FakeProvider alone = new("alone", _chain) { Tamper = (method, answer) => ++times < 3 ? a.Tamper(method, answer) : answer };
        var single = new RpcL1Source([alone.AsEndpoint()], new L1SourceOptions { FirstWait = TimeSpan.FromMilliseconds(1) }, _log);
        Assert.Equal(_chain[3].Header.Hash, (await single.BlockByNumberAsync(3, default))!.Hash);
        times = -1000;
        SourceException failed = await Assert.ThrowsAsync<SourceException>(() => single.BlockByNumberAsync(3, default));
        Assert.Contains("alone", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_is_behind_does_not_hide_a_block()
    {
        FakeProvider a = new("a", _chain[..3]), b = new("b", _chain);
        RpcL1Source source = Source(a, b);
        Assert.Equal(_chain[3].Header.Hash, (await source.BlockByNumberAsync(3, default))!.Hash);
        Assert.Null(await source.BlockByNumberAsync(9, default));
    }

    [Fact]
    public async Task An_endpoint_that_stands_still_does_not_hold_the_head()
    {
        FakeProvider a = new("a", _chain[..2]), b = new("b", _chain), down = new("down") { Before = (method, _) => throw new RpcTransportException(method, "down", "down", isTransient: true) };
        L1Endpoint first = a.AsEndpoint(_time);
        var source = new RpcL1Source([first, down.AsEndpoint(_time), b.AsEndpoint(_time)], Options(), _log);
        Assert.Equal(3ul, (await source.HeaderByLabelAsync(L1Label.Head, default))!.Number);
        Assert.Equal(1, first.Health.Failures);

        // a young head is taken as it is
        b.Forget();
        var young = new ManualTime(DateTimeOffset.FromUnixTimeSeconds((long)_chain[1].Header.Timestamp + 30));
        Assert.Equal(1ul, (await new RpcL1Source([a.AsEndpoint(young), b.AsEndpoint(young)], Options() with { Clock = young }, _log).HeaderByLabelAsync(L1Label.Head, default))!.Number);
        Assert.Empty(b.Calls);
    }

    [Fact]
    public async Task A_wait_that_an_endpoint_asks_for_is_kept()
    {
        int calls = 0;
        FakeProvider limited = new("limited", _chain)
        {
            Before = (method, _) => ++calls == 1 ? throw new RpcTransportException(method, "limited", "HTTP status 429", isTransient: true) { RetryAfter = TimeSpan.FromSeconds(3) } : Task.CompletedTask,
        };
        var source = new RpcL1Source([limited.AsEndpoint(_time)], Options() with { Rounds = 2 }, _log);
        Task<BlockHeader?> asked = source.HeaderByNumberAsync(1, default);
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal(1, calls);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.NotNull(await asked.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_block_that_does_not_link_is_asked_for_once_more()
    {
        FakeL1Block[] fork = Chain(4, fork: 1);
        FakeProvider a = new("a", [.. _chain[..2], fork[2]]), b = new("b", _chain);
        RpcL1Source source = Source(a, b);
        await source.BlockByNumberAsync(1, default);
        Assert.Equal(_chain[2].Header.Hash, (await source.BlockByNumberAsync(2, default))!.Hash);
        Assert.Contains(_log.Warnings, line => line.Contains(fork[2].Header.Hash.ToString(), StringComparison.Ordinal));

        // a real reorganisation: all say the same
        a.Blocks.Clear();
        a.Blocks.AddRange(fork);
        b.Blocks.Clear();
        b.Blocks.AddRange(fork);
        Assert.Equal(fork[3].Header.Hash, (await source.BlockByNumberAsync(3, default))!.Hash);
    }

    [Fact]
    public async Task The_finalized_block_needs_consent()
    {
        FakeL1Block[] fork = Chain(4, fork: 1);
        FakeProvider a = new("a", _chain) { Finalized = 2 }, b = new("b", _chain) { Finalized = 1 }, c = new("c", fork) { Finalized = 2 };
        Assert.Equal(_chain[2].Header.Hash, (await Source(a, b).HeaderByLabelAsync(L1Label.Finalized, default))!.Hash);

        // one that is behind says nothing
        FakeProvider behind = new("behind", _chain[..2]);
        Assert.Equal(_chain[2].Header.Hash, (await Source(a, behind).HeaderByLabelAsync(L1Label.Finalized, default))!.Hash);

        behind.Error = _ => new RpcError(RpcErrorCode.ServerError, "header not found");
        L1Endpoint sayingSo = behind.AsEndpoint(_time);
        sayingSo.Health.Succeeded(TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await new RpcL1Source([a.AsEndpoint(_time), sayingSo], Options(), _log).HeaderByLabelAsync(L1Label.Finalized, default));
        behind.Error = _ => new RpcError(RpcErrorCode.ServerError, "overloaded");
        await Assert.ThrowsAsync<SourceException>(() => new RpcL1Source([a.AsEndpoint(_time), sayingSo], Options(), _log).HeaderByLabelAsync(L1Label.Finalized, default));

        // one against one: neither is used
        SourceException split = await Assert.ThrowsAsync<SourceException>(() => Source(c, a).HeaderByLabelAsync(L1Label.Finalized, default));
        Assert.Contains("disagree", split.Message, StringComparison.Ordinal);
        Assert.Contains(_log.Warnings, line => line.Contains(fork[2].Header.Hash.ToString(), StringComparison.Ordinal) && line.Contains(_chain[2].Header.Hash.ToString(), StringComparison.Ordinal));

        // two against one: the two are right, also when the other is asked first
        Assert.Equal(_chain[2].Header.Hash, (await Source(c, a, new FakeProvider("d", _chain)).HeaderByLabelAsync(L1Label.Finalized, default))!.Hash);
    }

    [Fact]
    public async Task A_second_endpoint_that_fails_for_a_moment_is_waited_for_but_not_one_that_is_gone()
    {
        FakeProvider a = new("a", _chain) { Finalized = 2 }, b = new("b", _chain);
        L1Endpoint first = a.AsEndpoint(_time), second = b.AsEndpoint(_time);
        var source = new RpcL1Source([first, second], Options(), _log);
        await source.HeaderByLabelAsync(L1Label.Finalized, default);
        second.Health.Succeeded(TimeSpan.FromMilliseconds(1));
        b.Before = (method, _) => throw new RpcTransportException(method, "b", "down", isTransient: true);
        await Assert.ThrowsAsync<SourceException>(() => source.HeaderByLabelAsync(L1Label.Finalized, default));
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.NotNull(await source.HeaderByLabelAsync(L1Label.Finalized, default));
    }

    [Fact]
    public async Task A_block_nobody_has_bytes_of_is_used_when_two_endpoints_agree_or_there_is_only_one()
    {
        FakeL1Block block = FakeL1.Block(7, Hash256.Zero, FakeL1.Known(0), FakeL1.Unknown());
        RpcL1Source two = Source(new FakeProvider("a", block).WithoutBytes(), new FakeProvider("b", block).WithoutBytes());
        L1Block read = (await two.BlockByNumberAsync(7, default))!;
        Assert.NotNull(read.Transactions[0]);
        Assert.Null(read.Transactions[1]);
        await two.BlockByNumberAsync(7, default);
        Assert.Single(_log.Warnings); // said once

        Assert.Null((await Source(new FakeProvider("a", block).WithoutBytes()).BlockByNumberAsync(7, default))!.Transactions[1]);
        Assert.Equal(2, _log.Warnings.Count);
    }

    [Fact]
    public async Task A_batch_hidden_under_an_unknown_label_is_found_at_a_second_endpoint()
    {
        FakeItem batch = FakeL1.Known(3, [0, 1, 2, 3]);
        FakeL1Block truth = FakeL1.Block(7, Hash256.Zero, FakeL1.Known(0), batch), lie = truth with { Items = [truth.Items[0], FakeL1.Mislabelled(batch)] };
        L1Endpoint liar = new FakeProvider("liar", lie).WithoutBytes().AsEndpoint(_time);
        var source = new RpcL1Source([liar, new FakeProvider("b", truth).WithoutBytes().AsEndpoint(_time)], Options(), _log);
        Assert.Equal(batch.Hash, (await source.BlockByNumberAsync(7, default))!.Transactions[1]!.Hash);
        Assert.Equal(1, liar.Health.Failures);

        // a lie in the hash too: the two lists differ, and nothing is used
        FakeL1Block other = lie with { Items = [truth.Items[0], FakeL1.Unknown()] };
        await Assert.ThrowsAsync<SourceException>(() => Source(new FakeProvider("liar", other).WithoutBytes(), new FakeProvider("b", lie).WithoutBytes()).BlockByNumberAsync(7, default));

        // nobody to confirm it at the moment: not used
        FakeProvider down = new("down", truth) { Before = (method, _) => throw new RpcTransportException(method, "down", "down", isTransient: true) };
        await Assert.ThrowsAsync<SourceException>(() => Source(new FakeProvider("liar", lie).WithoutBytes(), down).BlockByNumberAsync(7, default));
    }

    private static FakeL1Block[] Chain(int length, ulong fork = 0)
    {
        var chain = new List<FakeL1Block>();
        for (int i = 0; i < length; i++)
        {
            Hash256 parent = i == 0 ? Hash256.Zero : chain[^1].Header.Hash;
            chain.Add(FakeL1.Block((ulong)i, parent, FakeL1.Known((ulong)i + (fork * 100))));
        }

        return [.. chain];
    }

    private L1SourceOptions Options() => new() { Rounds = 1, Clock = _time };

    private RpcL1Source Source(params FakeProvider[] providers) => new([.. providers.Select(provider => provider.AsEndpoint(_time))], Options(), _log);
}
