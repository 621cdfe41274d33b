using System.Text.Json;
using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Testing;
using Opal.TxManager;

namespace Opal.Batcher.Tests;

public sealed class ThrottleTests
{
    private static readonly ThrottleOptions Options = ThrottleOptions.FirstGeneration(threshold: 1_000, transactionSize: 50, blockSize: 60, alwaysBlockSize: 70);

    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly WatchLog _log = new();
    private readonly OperatorAlarms _alarms;

    public ThrottleTests() => _alarms = new OperatorAlarms(_time, _log);

    /// <summary>An execution client that keeps what it is told, and can be down, without the method, hanging or unwilling.</summary>
    private sealed class Client(string name) : IRpcClient
    {
        private readonly TaskCompletionSource _never = new();

        public string Endpoint => name;
        public List<(ulong Transaction, ulong Block)> Told { get; } = [];
        public bool IsDown { get; set; }
        public bool LacksMethod { get; set; }
        public bool Hangs { get; set; }
        public bool Refuses { get; set; }
        public int Calls { get; private set; }

        public async Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
        {
            Calls++;
            if (Hangs) await _never.Task;
            if (IsDown) throw new RpcTransportException(requests[0].Method, name, "nothing listens there (connection refused)", isTransient: true);
            var registry = new RpcRegistry().Register("eth_chainId", _ => RpcResult.Null);
            if (!LacksMethod)
            {
                registry.Register("miner_setMaxDASize", parameters =>
                {
                    if (Refuses) return RpcResult.False;
                    Told.Add((parameters.GetQuantity(0), parameters.GetQuantity(1)));
                    return RpcResult.True;
                });
            }

            return await new InProcessRpcClient(registry, name).SendAsync(requests, cancellation);
        }
    }

    private SequencerThrottle Make(ThrottleOptions options, params Client[] clients) => new(options, clients, _time, _log, _alarms);

    /// <summary>A look at the backlog, and what comes of it.</summary>
    private async Task ApplyAsync(SequencerThrottle throttle, long backlog, int secondsLater = 0)
    {
        if (secondsLater > 0) _time.Advance(TimeSpan.FromSeconds(secondsLater));
        await throttle.ApplyAsync(backlog, default);
        await throttle.Settled.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Every_client_is_told_when_the_limits_change_and_not_at_every_look()
    {
        Client a = new("a"), b = new("b");
        await using SequencerThrottle throttle = Make(Options, a, b);
        Assert.False(throttle.IsActive);
        await ApplyAsync(throttle, 10);
        await ApplyAsync(throttle, 1_000, 2);
        await ApplyAsync(throttle, 1_001, 2);
        Assert.True(throttle.IsActive);
        await ApplyAsync(throttle, 5_000, 2);
        await ApplyAsync(throttle, -3, 2);
        Assert.Equal([(0, 70), (50, 60), (0, 70)], a.Told);
        Assert.Equal(a.Told, b.Told);
        Assert.False(throttle.IsActive);
        Assert.Equal((1, 1), (_log.Count("is slowed down at intensity 1.00, to 50 bytes of data a transaction and 60 a block"), _log.Count("not slowed down any more")));
    }

    [Fact]
    public async Task A_client_that_was_restarted_is_told_again()
    {
        var client = new Client("a");
        await using SequencerThrottle throttle = Make(Options, client);
        await ApplyAsync(throttle, 2_000);
        await ApplyAsync(throttle, 2_000, 9);
        Assert.Single(client.Told);
        client.Told.Clear(); // it is another process now
        await ApplyAsync(throttle, 2_000, 1);
        Assert.Equal([(50, 60)], client.Told);
    }

    [Fact]
    public async Task One_that_is_down_is_an_alarm_until_it_is_told_and_does_not_keep_the_others()
    {
        Client a = new("a") { IsDown = true }, b = new("b");
        await using SequencerThrottle throttle = Make(Options, a, b);
        await ApplyAsync(throttle, 2_000);
        Assert.Equal([(50, 60)], b.Told);
        OperatorAlarm alarm = Assert.Single(_alarms.Current);
        Assert.Equal(AlarmLevel.Warning, alarm.Level);
        Assert.Contains("at a cannot be asked for smaller blocks", alarm.Text, StringComparison.Ordinal);
        Assert.Contains("a: ", Assert.Single(throttle.Status.Problems), StringComparison.Ordinal);
        await ApplyAsync(throttle, 2_000, 5);
        Assert.Equal(1, a.Calls); // not before the retry interval
        await ApplyAsync(throttle, 2_000, 5);
        Assert.Equal(2, a.Calls);
        Assert.Equal(1, _log.Count("cannot be asked for smaller blocks"));
        a.IsDown = false;
        await ApplyAsync(throttle, 2_000, 10);
        Assert.Equal([(50, 60)], a.Told);
        Assert.Empty(_alarms.Current);
        Assert.Empty(throttle.Status.Problems);
        Assert.Equal(1, _log.Count("takes limits of data again"));
    }

    [Fact]
    public async Task One_without_the_method_is_named_with_what_to_do_and_asked_again_later()
    {
        var client = new Client("a") { LacksMethod = true };
        await using SequencerThrottle throttle = Make(Options, client);
        await ApplyAsync(throttle, 2_000);
        Assert.Contains("does not serve miner_setMaxDASize: enable its miner API", Assert.Single(_alarms.Current).Text, StringComparison.Ordinal);
        client.LacksMethod = false;
        await ApplyAsync(throttle, 2_000, 59);
        Assert.Empty(client.Told);
        await ApplyAsync(throttle, 2_000, 1);
        Assert.Single(client.Told);
    }

    [Fact]
    public async Task One_that_refuses_is_asked_again()
    {
        var client = new Client("a") { Refuses = true };
        await using SequencerThrottle throttle = Make(Options, client);
        await ApplyAsync(throttle, 2_000);
        Assert.Contains("answered false", Assert.Single(throttle.Status.Problems), StringComparison.Ordinal);
        client.Refuses = false;
        await ApplyAsync(throttle, 0, 10);
        Assert.Equal([(0, 70)], client.Told);
    }

    [Fact]
    public async Task One_that_hangs_never_holds_up_the_batcher_or_the_others_and_is_given_up()
    {
        Client a = new("a") { Hangs = true }, b = new("b");
        await using SequencerThrottle throttle = Make(Options, a, b);
        Assert.True(throttle.ApplyAsync(2_000, default).IsCompletedSuccessfully);
        for (int i = 0; b.Told.Count == 0 || a.Calls == 0; i++)
        {
            Assert.True(i < 3_000, "b was not told");
            await Task.Delay(10);
        }

        Assert.True(throttle.ApplyAsync(0, default).IsCompletedSuccessfully); // no second call to a
        _time.Advance(Options.NetworkTimeout);
        await throttle.Settled.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, a.Calls);
        Assert.Contains("a: no answer within 10 s", Assert.Single(throttle.Status.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposing_gives_up_what_hangs()
    {
        var client = new Client("a") { Hangs = true };
        SequencerThrottle throttle = Make(Options, client);
        await throttle.ApplyAsync(2_000, default);
        await throttle.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(_alarms.Current);
    }

    [Fact]
    public async Task A_threshold_of_zero_never_tells_anything_and_says_so()
    {
        var client = new Client("a");
        await using SequencerThrottle throttle = Make(Options with { LowerThreshold = 0 }, client);
        await ApplyAsync(throttle, 1_000_000_000);
        Assert.Equal(0, client.Calls);
        Assert.Equal(1, _log.Count("Throttling is off"));
    }

    [Fact]
    public void Options_that_contradict_themselves_are_refused() =>
        Assert.Throws<ArgumentException>(() => Make(new ThrottleOptions { UpperThreshold = 1 }, new Client("a")));

    private static async Task<string> CallAsync(RpcRegistry registry, string method, params string[] parameters) =>
        await new InProcessRpcClient(registry).CallAsync(method, writer =>
        {
            foreach (string parameter in parameters) writer.WriteRawValue(parameter);
        }, static value => value.Element.ValueKind == JsonValueKind.Undefined ? "null" : value.Element.GetRawText());

    [Fact]
    public async Task The_controller_is_shown_changed_and_reset_over_rpc()
    {
        var client = new Client("a");
        await using SequencerThrottle throttle = Make(new ThrottleOptions(), client);
        var registry = new RpcRegistry();
        throttle.Register(registry);
        await ApplyAsync(throttle, 8_000_000);
        Assert.Equal(
            """{"type":"quadratic","lower_threshold":3200000,"upper_threshold":12800000,"current_load":8000000,"intensity":0.25,"max_tx_size":15037,"max_block_size":98000}""",
            await CallAsync(registry, "admin_getThrottleController"));
        Assert.Equal("null", await CallAsync(registry, "admin_setThrottleController", "\"step\"", "null"));
        await ApplyAsync(throttle, 8_000_000);
        Assert.Equal((150UL, 2_000UL), client.Told[^1]);
        Assert.Equal("null", await CallAsync(registry, "admin_resetThrottleController"));
        Assert.Contains("\"type\":\"step\",", await CallAsync(registry, "admin_getThrottleController"), StringComparison.Ordinal);
        Assert.Contains("\"intensity\":0,\"max_tx_size\":0,\"max_block_size\":130000}", await CallAsync(registry, "admin_getThrottleController"), StringComparison.Ordinal);
        Assert.Equal("null", await CallAsync(registry, "admin_setThrottleController", "\"linear\""));
        Assert.Equal("null", await CallAsync(registry, "admin_setThrottleController", "\"pid\"",
            """{"kp":0.5,"ki":0,"kd":0,"integral_max":10,"output_max":0.6,"sample_time":"2s"}"""));
        await ApplyAsync(throttle, 6_400_000, 2);
        Assert.Equal(0.5, throttle.Status.Limits.Intensity);
        await ApplyAsync(throttle, 64_000_000, 2);
        Assert.Equal(0.6, throttle.Status.Limits.Intensity);
    }

    [Theory]
    [InlineData("\"cubic\"", "null", "use one of step, linear, quadratic, pid"), InlineData("\"pid\"", "null", "needs its constants")]
    [InlineData("\"pid\"", """{"kp":-1,"integral_max":1,"output_max":1,"sample_time":"2s"}""", "kp is -1")]
    [InlineData("\"pid\"", """{"kp":1,"integral_max":1,"output_max":1,"sample_time":"soon"}""", "expected a duration")]
    [InlineData("\"pid\"", """{"kp":"1","integral_max":1,"output_max":1,"sample_time":"2s"}""", "expected a number")]
    [InlineData("\"pid\"", """{"kp":1,"output_max":1,"sample_time":"2s"}""", "integral maximum is 0")]
    [InlineData("\"linear\"", "null", "upper threshold (5 bytes)")]
    public async Task Changes_that_make_no_sense_are_refused_and_change_nothing(string type, string pid, string says)
    {
        await using SequencerThrottle throttle = Make(Options with { UpperThreshold = 5 }, new Client("a"));
        var registry = new RpcRegistry();
        throttle.Register(registry);
        var error = await Assert.ThrowsAsync<RpcCallException>(() => CallAsync(registry, "admin_setThrottleController", type, pid));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal(ThrottleControllerType.Step, throttle.Status.Controller);
        Assert.DoesNotContain(_log.Lines, line => line.Level >= LogLevel.Warning);
    }
}
