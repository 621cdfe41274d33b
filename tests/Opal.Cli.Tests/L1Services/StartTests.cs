using Microsoft.Extensions.Logging.Abstractions;
using Opal.Batcher;
using Opal.Cli.L1Services;
using Opal.Cli.Tests.Doctor;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Cli.Tests.L1Services;

/// <summary>What a service does before it serves: it waits for who is late, and refuses what is wrong for good.</summary>
public sealed class StartTests
{
    private static readonly Address Ours = Address.FromNumber(0xaa), Theirs = Address.FromNumber(0xbb);

    private static readonly RollupConfig Rollup = new() { L1ChainId = 900, L2ChainId = 42069, L1SystemConfigAddress = Address.FromNumber(0x5c) };

    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly List<string?> _told = [];

    private EndpointWait Wait => new(NullLogger.Instance, _time, _told.Add);

    private async Task PassTimeUntilAsync(Func<bool> reached)
    {
        while (!reached())
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }
    }

    private static FakeRpc Chain(string endpoint, ulong id) => new FakeRpc(endpoint).Answer("eth_chainId", $"\"0x{id:x}\"");

    private static ServiceEndpoints Endpoints(FakeRpc[] l1, FakeRpc[] l2) => ServiceEndpoints.Of([.. l1], [.. l2], []);

    [Fact]
    public async Task It_waits_for_a_server_that_is_late_and_says_for_which()
    {
        FakeRpc server = Chain("http://l1:8545", 900);
        int calls = 0;
        server.Before = () => Interlocked.Increment(ref calls);
        server.GoDown();
        Task<ulong> asked = Wait.AskAsync("L1", "l1-eth-rpc", [new EthClient(server)], static (l1, stop) => l1.ChainIdAsync(stop), CancellationToken.None);
        await PassTimeUntilAsync(() => Volatile.Read(ref calls) > 3);
        Assert.False(asked.IsCompleted);
        Assert.Contains("waiting for L1 (--l1-eth-rpc): eth_chainId at http://l1:8545", _told[^1]);
        server.Fault = null;
        await PassTimeUntilAsync(() => asked.IsCompleted);
        Assert.Equal(900ul, await asked);
        Assert.Null(_told[^1]);
    }

    [Fact]
    public async Task Of_several_servers_the_first_that_answers_will_do()
    {
        FakeRpc down = Chain("http://one", 1), up = Chain("http://two", 2);
        down.GoDown();
        Assert.Equal(2ul, await Wait.AskAsync("L1", "l1-eth-rpc", [new EthClient(down), new EthClient(up)], static (l1, stop) => l1.ChainIdAsync(stop), CancellationToken.None));
    }

    [Fact]
    public async Task A_server_of_another_kind_and_one_that_keeps_us_out_are_refused_at_once()
    {
        var geth = new FakeRpc("http://localhost:8545");
        ServiceException error = await Assert.ThrowsAsync<ServiceException>(() =>
            Wait.AskAsync("the rollup node", "rollup-rpc", [new RollupNodeClient(geth)], static (node, stop) => node.RollupConfigAsync(stop), CancellationToken.None));
        Assert.Contains("http://localhost:8545 is not the rollup node: it does not serve optimism_rollupConfig; correct --rollup-rpc", error.Message);
        geth.AnswerStatus(401, "key missing");
        error = await Assert.ThrowsAsync<ServiceException>(() =>
            Wait.AskAsync("the rollup node", "rollup-rpc", [new RollupNodeClient(geth)], static (node, stop) => node.RollupConfigAsync(stop), CancellationToken.None));
        Assert.Contains("does not let us in", error.Message);
    }

    [Theory]
    [InlineData(901, 42069, "http://l1 is chain 901", "chain 900", "--l1-eth-rpc")]
    [InlineData(900, 10, "http://l2 is chain 10", "chain 42069", "--l2-eth-rpc")]
    public async Task A_wrong_chain_is_refused_with_both_ids(ulong l1, ulong l2, string found, string wanted, string flag)
    {
        using ServiceEndpoints endpoints = Endpoints([Chain("http://l1", l1)], [Chain("http://l2", l2)]);
        ServiceException error = await Assert.ThrowsAsync<ServiceException>(() => new ChainChecks(Wait, Rollup).RequireChainsAsync(endpoints, CancellationToken.None));
        foreach (string part in new[] { found, wanted, flag }) Assert.Contains(part, error.Message);
    }

    [Fact]
    public async Task One_of_several_that_is_of_another_chain_is_refused_and_one_that_is_down_is_not_waited_for()
    {
        FakeRpc down = Chain("http://down", 900);
        down.GoDown();
        using ServiceEndpoints good = Endpoints([down, Chain("http://l1", 900)], [Chain("http://l2", 42069)]);
        await new ChainChecks(Wait, Rollup).RequireChainsAsync(good, CancellationToken.None);
        using ServiceEndpoints wrong = Endpoints([Chain("http://l1", 900), Chain("http://other", 1)], [Chain("http://l2", 42069)]);
        ServiceException error = await Assert.ThrowsAsync<ServiceException>(() => new ChainChecks(Wait, Rollup).RequireChainsAsync(wrong, CancellationToken.None));
        Assert.Contains("http://other is chain 1", error.Message);
    }

    [Fact]
    public async Task The_key_of_another_account_is_refused_with_both_addresses()
    {
        FakeRpc l1 = new FakeRpc("http://l1").Answer("eth_call", $"\"0x000000000000000000000000{Theirs.ToString()[2..]}\"");
        var checks = new ChainChecks(Wait, Rollup);
        ServiceException error = await Assert.ThrowsAsync<ServiceException>(() => checks.RequireBatcherAsync(new BatcherIdentity(new L1Facts(new EthClient(l1), Ours, Rollup.L1SystemConfigAddress), Rollup), CancellationToken.None));
        Assert.Contains(Ours.ToChecksumString(), error.Message);
        Assert.Contains(Theirs.ToChecksumString(), error.Message);
        await checks.RequireBatcherAsync(new BatcherIdentity(new L1Facts(new EthClient(l1), Theirs, Rollup.L1SystemConfigAddress), Rollup), CancellationToken.None);
    }

    [Fact]
    public async Task Reading_goes_to_the_next_server_while_one_is_down_and_stays_there()
    {
        FakeRpc one = Chain("http://one", 1), two = Chain("http://two", 2);
        var l1 = new EthClient(new FirstAnswering([one, two]));
        Assert.Equal(1ul, await l1.ChainIdAsync());
        one.GoDown();
        Assert.Equal(2ul, await l1.ChainIdAsync());
        one.Fault = null;
        Assert.Equal(2ul, await l1.ChainIdAsync());
        two.GoDown();
        one.GoDown();
        await Assert.ThrowsAsync<RpcTransportException>(() => l1.ChainIdAsync());
    }
}
