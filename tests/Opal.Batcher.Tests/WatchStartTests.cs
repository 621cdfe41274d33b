using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;
using Opal.TxManager;

namespace Opal.Batcher.Tests;

public sealed class WatchStartTests
{
    private readonly WatchedL1 _l1 = new();
    private readonly EthClient _eth;
    private ulong _l2Chain = 901;
    private RollupConfig _rollup;

    public WatchStartTests()
    {
        _eth = new EthClient(_l1.Rpc);
        _l1.BatcherHash = HashOf(Signer);
        _rollup = World.Rollup with { DepositContractAddress = Address.FromNumber(0xd), L1SystemConfigAddress = WatchedL1.SystemConfig, GenesisSystemConfig = new SystemConfig { BatcherAddress = Address.FromNumber(0x91), GasLimit = 30_000_000 } };
    }

    private Address Signer => _l1.Batcher.Address;

    private static Hash256 HashOf(Address address) => Hash256.FromUInt256(address.ToUInt256());

    private Task<string?> FaultAsync(Address? inbox = null)
    {
        var l2 = new EthClient(new InProcessRpcClient(new RpcRegistry().Register("eth_chainId", _ => RpcResult.Quantity(_l2Chain)), "l2"));
        var node = new RollupNodeClient(new InProcessRpcClient(new RpcRegistry().Register("optimism_rollupConfig", _ => RpcResult.Json(writer => RollupConfigFile.Write(writer, _rollup))), "node"));
        return new StartChecks(_eth, Signer).FindFaultAsync(new SequencerPair(l2, node), inbox, default);
    }

    [Fact]
    public async Task The_right_key_on_the_right_chains_may_start()
    {
        Assert.Null(await FaultAsync());
        Assert.Null(await FaultAsync(World.Rollup.BatchInboxAddress));
    }

    [Fact]
    public async Task A_wrong_key_is_refused_with_both_addresses()
    {
        _l1.BatcherHash = HashOf(Address.FromNumber(0x77));
        string? fault = await FaultAsync();
        Assert.Contains($"the batcher's key has the address {Signer.ToChecksumString()}", fault, StringComparison.Ordinal);
        Assert.Contains($"the SystemConfig {WatchedL1.SystemConfig.ToChecksumString()} on L1 names {Address.FromNumber(0x77).ToChecksumString()} as the batcher", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batcher_hash_that_is_no_address_is_shown_whole()
    {
        _l1.BatcherHash = Hash256.FromUInt256(UInt256.MaxValue);
        Assert.Contains($"{Hash256.FromUInt256(UInt256.MaxValue)} (no plain address)", await FaultAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task Without_the_contract_the_rollup_configuration_counts(bool hasContract)
    {
        (_l1.BatcherHash, _l1.HasContract) = (null, hasContract);
        string? fault = await FaultAsync();
        Assert.Contains("the rollup configuration (the SystemConfig", fault, StringComparison.Ordinal);
        Assert.Contains(Address.FromNumber(0x91).ToChecksumString(), fault, StringComparison.Ordinal);
        _rollup = _rollup with { GenesisSystemConfig = new SystemConfig { BatcherAddress = Signer, GasLimit = 30_000_000 } };
        Assert.Null(await FaultAsync());
    }

    [Fact]
    public async Task Wrong_chains_and_a_wrong_inbox_are_refused_with_both()
    {
        Address elsewhere = Address.FromNumber(0xee);
        Assert.Contains($"go to {elsewhere.ToChecksumString()}, but the rollup node at node reads them at {World.Rollup.BatchInboxAddress.ToChecksumString()}", await FaultAsync(elsewhere), StringComparison.Ordinal);
        _l2Chain = 10;
        Assert.Contains("L2 at l2 is chain 10, but the rollup node at node is of chain 901", await FaultAsync(), StringComparison.Ordinal);
        _l1.ChainId = 1;
        Assert.Contains("L1 at l1 is chain 1, but the rollup of the rollup node at node lives on chain 900", await FaultAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_replaced_while_the_batcher_runs_is_an_alarm_until_it_is_ours_again()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var log = new WatchLog();
        var alarms = new OperatorAlarms(time, log);
        await using var watches = new BatcherWatches { Alarms = alarms, Key = new BatcherKeyWatch(new BatcherIdentity(_eth, Signer), _rollup, alarms, time, log) };
        watches.Start();
        _l1.BatcherHash = HashOf(Address.FromNumber(0x77));
        await UntilAsync(() => alarms.Current.Count == 1);
        Assert.StartsWith("What is posted does not count any more: the batcher's key has the address", watches.Status.Gravest, StringComparison.Ordinal);
        Assert.Equal(AlarmLevel.Error, alarms.Find(BatcherKeyWatch.Alarm)!.Level);
        _l1.BatcherHash = HashOf(Signer);
        await UntilAsync(() => alarms.Current.Count == 0);
        Assert.Equal("", watches.Status.Gravest);

        async Task UntilAsync(Func<bool> holds)
        {
            for (int i = 0; !holds(); i++)
            {
                Assert.True(i < 3_000, "it never held");
                time.Advance(TimeSpan.FromMinutes(5));
                await Task.Delay(10);
            }
        }
    }
}
