using Microsoft.Extensions.Logging.Abstractions;
using Opal.Testing;

namespace Opal.JsonRpc.Tests;

public sealed class ActiveSequencerTests
{
    private static readonly ActiveSequencerOptions Options = new();
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);

    /// <summary>A sequencer's two servers, which can be switched off, made to hang, and counted.</summary>
    private sealed class Sequencer(string name, bool isActive = false) : IRpcClient
    {
        private readonly TaskCompletionSource _never = new();

        public bool IsActive { get; set; } = isActive;
        public bool IsDown { get; set; }
        public bool Hangs { get; set; }
        public bool LacksAdmin { get; set; }
        public bool IsL2Down { get; set; }
        public int Asked { get; private set; }
        public int Read { get; private set; }
        public string Endpoint => name;
        public IRpcClient L2 => new L2Side(this);

        public async Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
        {
            bool isAdmin = requests[0].Method == "admin_sequencerActive";
            if (isAdmin) Asked++;
            else Read++;
            if (Hangs) await _never.Task; // deaf to its cancellation too
            if (IsDown) throw new RpcTransportException(requests[0].Method, name, "nothing listens there (connection refused)", isTransient: true);
            var registry = new RpcRegistry().Register("optimism_version", _ => RpcResult.String(name));
            if (!LacksAdmin) registry.Register("admin_sequencerActive", _ => RpcResult.Bool(IsActive));
            return await new InProcessRpcClient(registry, name).SendAsync(requests, cancellation);
        }

        private sealed class L2Side(Sequencer owner) : IRpcClient
        {
            public string Endpoint => $"{owner.Endpoint}-l2";

            public Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation) => owner.IsL2Down
                ? throw new RpcTransportException(requests[0].Method, Endpoint, "the connection broke", isTransient: true)
                : new InProcessRpcClient(new RpcRegistry().Register("eth_blockNumber", _ => RpcResult.Quantity(7UL)), Endpoint).SendAsync(requests, cancellation);
        }
    }

    private ActiveSequencer Follow(params Sequencer[] sequencers) =>
        new([.. sequencers.Select(static s => s.L2)], sequencers, Options, _time, NullLogger.Instance);

    private static async Task<string> NameAsync(ActiveSequencer source) => (await source.ActiveAsync(default)).Node.Rpc.Endpoint;

    [Fact]
    public async Task The_active_one_of_a_list_is_followed_with_its_own_execution_client()
    {
        Sequencer a = new("a"), b = new("b", isActive: true), c = new("c", isActive: true);
        using ActiveSequencer source = Follow(a, b, c);
        Assert.Null(source.Following);
        SequencerPair pair = await source.ActiveAsync(default);
        Assert.Equal(("b", "b-l2"), (pair.Node.Rpc.Endpoint, pair.L2.Rpc.Endpoint));
        Assert.Equal("b", source.Following);
        Assert.Equal(0, c.Asked);
    }

    [Fact]
    public async Task It_is_asked_again_only_after_the_interval_and_the_search_goes_on_from_it()
    {
        Sequencer a = new("a", isActive: true), b = new("b"), c = new("c");
        using ActiveSequencer source = Follow(a, b, c);
        Assert.Equal("a", await NameAsync(source));
        (a.IsActive, c.IsActive) = (false, true);
        _time.Advance(Options.CheckInterval - TimeSpan.FromSeconds(1));
        Assert.Equal("a", await NameAsync(source));
        Assert.Equal(1, a.Asked);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("c", await NameAsync(source));
        (a.IsActive, c.IsActive) = (true, true);
        _time.Advance(Options.CheckInterval);
        Assert.Equal("c", await NameAsync(source)); // it stays with the one it has
        Assert.Equal((2, 1, 2), (a.Asked, b.Asked, c.Asked));
    }

    [Fact]
    public async Task A_time_of_day_that_is_set_back_does_not_keep_it_from_asking_again()
    {
        Sequencer a = new("a", isActive: true), b = new("b");
        var time = new JumpingTime(_time);
        using var source = new ActiveSequencer([a.L2, b.L2], [a, b], Options, time, NullLogger.Instance);
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal("a", await NameAsync(source));
        (a.IsActive, b.IsActive) = (false, true);
        time.Jump = TimeSpan.FromDays(-1);
        _time.Advance(Options.CheckInterval);
        Assert.Equal("b", await NameAsync(source));
        time.Jump = TimeSpan.FromDays(1);
        Assert.Equal("b", await NameAsync(source));
        Assert.Equal(1, b.Asked);
    }

    [Fact]
    public async Task A_call_without_an_answer_makes_it_look_again_at_once()
    {
        Sequencer a = new("a", isActive: true), b = new("b");
        using ActiveSequencer source = Follow(a, b);
        SequencerPair pair = await source.ActiveAsync(default);
        (a.IsDown, a.IsActive, b.IsActive) = (true, false, true);
        await Assert.ThrowsAsync<RpcTransportException>(() => pair.Node.VersionAsync());
        Assert.Equal("b", await NameAsync(source));
    }

    [Fact]
    public async Task So_does_one_to_the_execution_client_and_a_sequencer_that_says_it_is_active_is_kept()
    {
        Sequencer a = new("a", isActive: true), b = new("b");
        using ActiveSequencer source = Follow(a, b);
        SequencerPair pair = await source.ActiveAsync(default);
        a.IsL2Down = true;
        await Assert.ThrowsAsync<RpcTransportException>(() => pair.L2.BlockNumberAsync());
        Assert.Equal("a", await NameAsync(source));
        Assert.Equal((2, 0), (a.Asked, b.Asked));
        (a.IsActive, b.IsActive) = (false, true);
        await Assert.ThrowsAsync<RpcTransportException>(() => pair.L2.BlockNumberAsync());
        Assert.Equal("b", await NameAsync(source));
    }

    [Fact]
    public async Task An_error_that_a_server_answers_with_is_no_reason_to_look_elsewhere()
    {
        Sequencer a = new("a", isActive: true), b = new("b", isActive: true);
        using ActiveSequencer source = Follow(a, b);
        SequencerPair pair = await source.ActiveAsync(default);
        await Assert.ThrowsAsync<RpcCallException>(() => pair.Node.SyncStatusAsync());
        await source.ActiveAsync(default);
        Assert.Equal(1, a.Asked);
    }

    [Fact]
    public async Task None_active_is_an_error_that_says_why_of_each_and_is_tried_again_at_the_next_question()
    {
        Sequencer a = new("a"), b = new("b") { IsDown = true }, c = new("c") { LacksAdmin = true };
        using ActiveSequencer source = Follow(a, b, c);
        var error = await Assert.ThrowsAsync<RpcTransportException>(async () => await source.ActiveAsync(default));
        Assert.Contains("a: is not sequencing", error.Message, StringComparison.Ordinal);
        Assert.Contains("connection refused", error.Message, StringComparison.Ordinal);
        Assert.Contains("c: does not serve admin_sequencerActive: enable its admin API", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
        Assert.Null(source.Following);
        b.IsDown = false;
        b.IsActive = true;
        Assert.Equal("b", await NameAsync(source));
    }

    [Fact]
    public async Task An_only_one_is_followed_without_asking()
    {
        var a = new Sequencer("a") { LacksAdmin = true };
        using ActiveSequencer source = Follow(a);
        Assert.Equal("a", await NameAsync(source));
        Assert.Equal(0, a.Asked);
        Assert.Equal("a", source.Following);
    }

    [Fact]
    public async Task One_that_hangs_costs_the_network_time_out_and_no_more()
    {
        Sequencer a = new("a", isActive: true) { Hangs = true }, b = new("b", isActive: true);
        using ActiveSequencer source = Follow(a, b);
        Task<SequencerPair> found = source.ActiveAsync(default).AsTask();
        Task<SequencerPair> second = source.ActiveAsync(default).AsTask();
        _time.Advance(Options.NetworkTimeout - TimeSpan.FromMilliseconds(1));
        Assert.False(found.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("b", (await found.WaitAsync(TimeSpan.FromSeconds(30))).Node.Rpc.Endpoint);
        Assert.Equal("b", (await second.WaitAsync(TimeSpan.FromSeconds(30))).Node.Rpc.Endpoint);
        Assert.Equal((1, 1), (a.Asked, b.Asked)); // who asks meanwhile waits for the same search
    }

    [Fact]
    public async Task Giving_up_is_no_time_out()
    {
        Sequencer a = new("a") { Hangs = true }, b = new("b", isActive: true);
        using ActiveSequencer source = Follow(a, b);
        using var cancel = new CancellationTokenSource();
        Task<SequencerPair> found = source.ActiveAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => found);
        Assert.Equal(0, b.Asked);
    }

    [Theory]
    [InlineData(0, 0, "at least one"), InlineData(2, 1, "2 L2 RPC URLs and 1 rollup node URLs"), InlineData(1, 3, "1 L2 RPC URLs and 3 rollup node URLs")]
    public void Lists_that_do_not_fit_are_refused(int l2, int nodes, string says)
    {
        Sequencer[] all = [new("a"), new("b"), new("c")];
        var error = Assert.Throws<ArgumentException>(() =>
            new ActiveSequencer([.. all.Take(l2).Select(static s => s.L2)], [.. all.Take(nodes)], Options, _time, NullLogger.Instance));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_takes_the_active_rollup_node_else_any_that_answers()
    {
        Sequencer a = new("a"), b = new("b", isActive: true), c = new("c");
        using var nodes = new ActiveRollupNode([a, b, c], Options, _time, NullLogger.Instance);
        var client = new RollupNodeClient(nodes);
        Assert.Equal("b", await client.VersionAsync());
        b.IsActive = false;
        _time.Advance(Options.CheckInterval);
        Assert.Equal("b", await client.VersionAsync()); // none is active: it stays
        (a.IsDown, b.IsDown) = (true, true);
        Assert.Equal("c", await client.VersionAsync()); // within one call
        Assert.Equal("c", nodes.Following);
        c.IsDown = true;
        await Assert.ThrowsAsync<RpcTransportException>(() => client.VersionAsync());
        Assert.Null(nodes.Following);
        Assert.Equal("a or b or c", nodes.Endpoint);
        a.IsDown = false;
        Assert.Equal("a", await client.VersionAsync());
    }

    [Fact]
    public async Task A_reader_needs_no_admin_api()
    {
        Sequencer a = new("a") { LacksAdmin = true }, b = new("b") { LacksAdmin = true };
        using var nodes = new ActiveRollupNode([a, b], Options, _time, NullLogger.Instance);
        Assert.Equal("a", await new RollupNodeClient(nodes).VersionAsync());
    }

    [Fact]
    public async Task A_reader_with_one_node_gets_its_failures_as_they_are()
    {
        var a = new Sequencer("a") { IsDown = true };
        using var nodes = new ActiveRollupNode([a], Options, _time, NullLogger.Instance);
        var error = await Assert.ThrowsAsync<RpcTransportException>(() => new RollupNodeClient(nodes).VersionAsync());
        Assert.Equal("optimism_version", error.Method);
        Assert.Equal(1, a.Read);
        Assert.Throws<ArgumentException>(() => new ActiveRollupNode([], Options, _time, NullLogger.Instance));
    }
}
