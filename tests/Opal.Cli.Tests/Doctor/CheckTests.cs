using Opal.Cli.Doctor;
using Opal.Cli.Flags;
using Opal.Protocol;

namespace Opal.Cli.Tests.Doctor;

/// <summary>Every check says yes where all is well, and says what is wrong and what to do where it is not.</summary>
public sealed class CheckTests
{
    /// <summary>Checks that no healthy world of the tests can meet, each with its own test of the good case.</summary>
    private static readonly string[] s_apart = ["rollup.known-network", "host.archive-port"];

    public static TheoryData<string> Names()
    {
        var names = new TheoryData<string>();
        foreach (BadCase bad in BadCases.All) names.Add($"{bad.Id}: {bad.Name}");
        return names;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_wrong_is_found_and_said_with_the_remedy(string name)
    {
        BadCase bad = BadCases.All.Single(one => $"{one.Id}: {one.Name}" == name);
        using var world = new DoctorWorld();
        bad.Spoil(world);
        CheckResult result = await world.RunAsync(bad.Id);
        Assert.True(result.Status == bad.Status, $"{result}");
        Assert.Contains(bad.Finding, result.Finding, StringComparison.Ordinal);
        Assert.Contains(bad.Fix, result.Fix, StringComparison.Ordinal);
        Assert.True(result.Status <= AllChecks.List.Single(check => check.Id == bad.Id).Worst, "worse than the check says it can be");
    }

    [Fact]
    public void Every_check_has_a_bad_case_that_is_as_bad_as_it_gets()
    {
        string[] without = [.. AllChecks.List.Where(check => check.Worst > CheckStatus.Ok && check.Id != "host.archive-port" && !BadCases.All.Any(bad => bad.Id == check.Id && bad.Status == check.Worst)).Select(static check => check.Id)];
        Assert.True(without.Length == 0, string.Join(", ", without));
        Assert.True(AllChecks.List.Count >= 40);
        Assert.Equal(AllChecks.List.Count, AllChecks.List.Select(static check => check.Id).Distinct().Count());
    }

    [Fact]
    public async Task Where_nothing_is_wrong_nothing_is_found()
    {
        var best = new Dictionary<string, CheckStatus>();
        foreach (Func<DoctorWorld> make in new Func<DoctorWorld>[] { () => new DoctorWorld().AsSequencer(), () => new DoctorWorld().AsFollower().WithGames() })
        {
            using DoctorWorld world = make();
            foreach ((Check check, CheckResult result) in await Examination.RunAsync(AllChecks.List, world.Examine(), TimeSpan.FromSeconds(20), default))
            {
                Assert.True(result.Status is CheckStatus.Ok or CheckStatus.NotChecked || check.Id == "flags.effect", $"{check.Id}: {result}");
                Assert.True(result.Finding.Length > 0 && !result.Finding.EndsWith('.'), $"{check.Id}: {result}");
                if (!best.TryGetValue(check.Id, out CheckStatus before) || result.Status < before) best[check.Id] = result.Status;
            }
        }

        string[] never = [.. best.Where(static one => one.Value != CheckStatus.Ok).Select(static one => one.Key).Except(s_apart)];
        Assert.True(never.Length == 0, $"never ok: {string.Join(", ", never)}");
    }

    [Fact]
    public async Task A_public_network_as_the_registry_has_it_is_fine()
    {
        using var world = new DoctorWorld { Rollup = Networks.All.Single(static network => network.Name == "op-sepolia").Rollup };
        Assert.Equal(CheckStatus.Ok, (await world.RunAsync("rollup.known-network")).Status);
    }

    [Fact]
    public async Task A_blob_archives_port_is_free_or_taken()
    {
        foreach ((string? holder, CheckStatus status) in new (string?, CheckStatus)[] { (null, CheckStatus.Ok), ("nginx (process 7)", CheckStatus.Failed) })
        {
            using var world = new DoctorWorld();
            world.Node.GoDown();
            world.Host.Holder = holder;
            Examined examined = world.Examine();
            examined.Values.Set(examined.Values.Table["blob-archive"], "/blobs", FlagSource.CommandLine, "--blob-archive");
            CheckResult result = await Examination.RunAsync(AllChecks.List.Single(static check => check.Id == "host.archive-port"), examined, TimeSpan.FromSeconds(20), default);
            Assert.Equal((status, holder is null ? "" : "stop that program, or choose another --blob-archive.port"), (result.Status, result.Fix));
        }
    }

    [Fact]
    public async Task Forks_in_order_are_told_with_the_next_one()
    {
        using var world = new DoctorWorld();
        world.Rollup = world.Rollup with { Forks = world.Rollup.Forks with { Karst = 1_900_000_000 } };
        Assert.Equal("Jovian is active, Karst comes at 2030-03-17 17:46:40 UTC", (await world.RunAsync("rollup.fork-order")).Finding);
        Assert.Equal(CheckStatus.Ok, (await world.RunAsync("upgrades.next")).Status);
    }

    [Fact]
    public async Task What_the_owner_changed_is_listed()
    {
        using var world = new DoctorWorld();
        world.Contract(DoctorWorld.SystemConfigAt, "gasLimit()", 90_000_000UL);
        world.Contract(DoctorWorld.SystemConfigAt, "minBaseFee()", 7UL);
        Assert.Equal("gas limit 60000000 → 90000000, least base fee 0 → 7", (await world.RunAsync("contracts.changes")).Finding);
    }

    [Theory]
    [InlineData("l1.genesis", "l1.reachable")]
    [InlineData("contracts.portal", "l1.reachable")]
    [InlineData("batches.window", "l1.reachable")]
    [InlineData("rollup.genesis-time", "l1.reachable")]
    public async Task Without_L1_a_check_says_that_it_was_not_made(string id, string reason)
    {
        using var world = new DoctorWorld();
        world.L1.GoDown();
        world.SecondL1.GoDown();
        CheckResult result = await world.RunAsync(id);
        Assert.Equal(CheckStatus.NotChecked, result.Status);
        Assert.Contains(reason, result.Finding, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("engine.genesis", "engine.reachable")]
    [InlineData("engine.jwt-accepted", "engine.reachable")]
    public async Task Without_an_engine_a_check_says_that_it_was_not_made(string id, string reason)
    {
        using var world = new DoctorWorld();
        world.Engine.GoDown();
        CheckResult result = await world.RunAsync(id);
        Assert.Equal(CheckStatus.NotChecked, result.Status);
        Assert.Contains(reason, result.Finding, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silent_providers_are_waited_for_together()
    {
        using var world = new DoctorWorld();
        foreach (FakeRpc rpc in new[] { world.L1, world.SecondL1 })
        {
            rpc.GoDown();
            rpc.Slowness = TimeSpan.FromSeconds(3);
        }

        Check check = AllChecks.List.Single(static one => one.Id == "l1.reachable");
        Assert.Equal(CheckStatus.Failed, (await Examination.RunAsync(check, world.Examine(), TimeSpan.FromSeconds(5), default)).Status);
    }

    [Fact]
    public async Task A_silent_first_provider_does_not_keep_the_second_from_being_asked()
    {
        using var world = new DoctorWorld();
        world.L1.GoDown();
        world.L1.Slowness = TimeSpan.FromMinutes(1);
        Check check = AllChecks.List.Single(static one => one.Id == "contracts.portal-link");
        Assert.Equal(CheckStatus.Ok, (await Examination.RunAsync(check, world.Examine(), TimeSpan.FromSeconds(20), default)).Status);
    }

    [Fact]
    public async Task A_provider_that_refuses_calls_is_no_missing_contract()
    {
        using var world = new DoctorWorld();
        world.L1.Refuse("eth_call", -32005, "too many requests");
        CheckResult result = await world.RunAsync("contracts.system-config");
        Assert.Equal(CheckStatus.NotChecked, result.Status);
        Assert.Contains("too many requests", result.Finding, StringComparison.Ordinal);
        world.L1.Refuse("eth_call", -32000, "execution reverted");
        Assert.Equal(CheckStatus.Failed, (await world.RunAsync("contracts.system-config")).Status);
    }

    [Fact]
    public async Task A_check_that_takes_too_long_ends_in_time()
    {
        using var world = new DoctorWorld();
        var slow = new Check("test.slow", "never ends", CheckStatus.Failed, CheckNeeds.None, async (_, stop) =>
        {
            await Task.Delay(Timeout.Infinite, CancellationToken.None); // one that does not even listen
            return CheckResult.Ok("");
        });
        CheckResult result = await Examination.RunAsync(slow, world.Examine(), TimeSpan.FromMilliseconds(50), default);
        Assert.Equal((CheckStatus.NotChecked, "no answer within 0.1 s"), (result.Status, result.Finding));
    }

    [Fact]
    public async Task A_providers_key_is_in_no_result()
    {
        using var world = new DoctorWorld();
        world.Without("l1").Flag("--l1=http://eth.example.com/v2/s3cr3t", "--l1.trustrpc");
        IReadOnlyList<(Check Check, CheckResult Result)> results = await Examination.RunAsync(AllChecks.List, world.Examine(), TimeSpan.FromSeconds(20), default);
        Assert.DoesNotContain(results, static result => $"{result.Result}".Contains("s3cr3t", StringComparison.Ordinal));
    }
}
