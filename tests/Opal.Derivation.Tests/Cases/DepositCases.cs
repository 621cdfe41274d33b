using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>User deposits as logs. What the portal cannot log stops derivation: a deposit may never be skipped.</summary>
public sealed class DepositCases
{
    private static readonly TestNet Net = new(OptimismFork.Jovian);

    private static LogEntry Good(int dataLength = 2, UInt256? mint = null, bool creates = false) => DepositEvents.Encode(
        Net.Config.DepositContractAddress,
        new Transaction { Type = TransactionType.Deposit, From = TestNet.Batcher, To = creates ? null : TestNet.Batcher, Value = 3, Mint = mint, GasLimit = 100_000, Data = new byte[dataLength] });

    private static DepositError Read(LogEntry log, out Transaction? deposit, ulong index = 0)
    {
        DepositEvents.TryDecode(log, Keccak256.Hash([1]), index, out deposit, out DepositError error);
        return error;
    }

    private static LogEntry With(LogEntry log, Action<byte[]>? data = null, Func<byte[], byte[]>? resize = null, int? topic = null, Func<Hash256, Hash256>? change = null, int topics = 4)
    {
        byte[] bytes = [.. log.Data];
        data?.Invoke(bytes);
        if (resize is not null) bytes = resize(bytes);
        Hash256[] all = [.. log.Topics];
        if (topic is { } index) all[index] = change!(all[index]);
        return new LogEntry(log.Address, topics <= 4 ? all[..topics] : [.. all, default], bytes);
    }

    private static Hash256 Dirty(Hash256 topic)
    {
        byte[] bytes = topic.ToArray();
        bytes[0] = 1;
        return new Hash256(bytes);
    }

    [Fact]
    [Case("D-DP-01 V-14")]
    public void What_the_portal_cannot_log_is_refused_by_name()
    {
        LogEntry good = Good();
        Assert.Equal(DepositError.None, Read(good, out _));
        Assert.Equal(DepositError.WrongTopicCount, Read(With(good, topics: 3), out _));
        Assert.Equal(DepositError.WrongTopicCount, Read(With(good, topics: 5), out _));
        Assert.Equal(DepositError.MalformedData, Read(With(good, resize: static data => data[..32]), out _));
        Assert.Equal(DepositError.MalformedData, Read(With(good, resize: static data => data[..^1]), out _));
        Assert.Equal(DepositError.MalformedData, Read(With(good, data: static data => data[31] = 64), out _));
        Assert.Equal(DepositError.MalformedData, Read(With(good, data: static data => data[0] = 1), out _));
        Assert.Equal(DepositError.MalformedData, Read(With(good, data: static data => data[63] = 200), out _)); // longer than what follows
        Assert.Equal(DepositError.MalformedData, Read(With(good, data: static data => data[40] = 1), out _)); // beyond 64 bits
        Assert.Equal(DepositError.MalformedData, Read(With(good, resize: static data => [.. data, .. new byte[32]]), out _)); // a word of padding too many
        Assert.Equal(DepositError.UnknownVersion, Read(With(good, topic: 3, change: Dirty), out _));
        LogEntry small = With(Good(0), data: static data => data[63] = 72, resize: static data => data[..(64 + 96)]);
        Assert.Equal(DepositError.OpaqueDataTooShort, Read(small, out _));

        // no address: the contract's compiler clears these bytes, so nothing real is lost by stopping here instead of guessing
        Assert.Equal(DepositError.MalformedAddress, Read(With(good, topic: 1, change: Dirty), out _));
        Assert.Equal(DepositError.MalformedAddress, Read(With(good, topic: 2, change: Dirty), out _));

        // padding is not looked at
        Assert.Equal(DepositError.None, Read(With(good, data: static data => data[^1] = 9), out _));
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("D-DP-01 V-14")]
    public void It_stops_derivation_before_the_block_that_would_lose_it(OptimismFork fork)
    {
        var net = new TestNet(fork);
        LogEntry bad = With(CaseNet.Deposit(net, 5), topic: 1, change: Dirty);
        net.L1.Mine(logs: [CaseNet.Deposit(net, 5), bad]);
        for (int i = 0; i < 11; i++) net.L1.Mine();
        Assert.Equal(new DerivationStopped(StopReason.MalformedDeposit), net.Derive());
        Assert.Equal(5UL, net.Safe); // the blocks of the epoch before
        Assert.Equal(new DerivationStopped(StopReason.MalformedDeposit), net.Pipeline.Step());
    }

    [Fact]
    [Case("D-DP-02")]
    public void A_mint_of_zero_is_none_and_any_creation_byte_but_zero_creates()
    {
        Read(Good(mint: 0), out Transaction? deposit);
        Assert.Null(deposit!.Mint);
        Read(Good(mint: UInt256.MaxValue), out deposit);
        Assert.Equal(UInt256.MaxValue, deposit!.Mint);
        foreach (byte value in (byte[])[0, 1, 2, 255])
        {
            Assert.Equal(DepositError.None, Read(With(Good(), data: data => data[64 + 72] = value), out deposit));
            Assert.Equal(value == 0 ? TestNet.Batcher : null, deposit!.To);
        }
    }

    [Fact]
    [Case("D-DP-03 D-DP-04")]
    public void Deposits_keep_the_order_of_receipts_and_logs_and_are_told_apart_by_their_index_in_the_block()
    {
        var net = new TestNet(OptimismFork.Jovian);
        LogEntry other = new(TestNet.Batcher, [Hash256.Zero], []), foreign = new(TestNet.Batcher, CaseNet.Deposit(net, 9).Topics, CaseNet.Deposit(net, 9).Data);
        LogEntry[] first = [other, CaseNet.Deposit(net, 1), foreign], second = [CaseNet.Deposit(net, 2)], failed = [CaseNet.Deposit(net, 3)], third = [CaseNet.Deposit(net, 4)];
        L1Block block = net.L1.Mine(logs: [.. first, .. second, .. failed, .. third]);
        net.L1.Chain[1] = new FakeL1.Entry(block, new L1Receipts(block.Hash, [
            new Receipt { Succeeded = true, Logs = first }, new Receipt { Succeeded = true, Logs = second },
            new Receipt { Succeeded = false, Logs = failed }, new Receipt { Succeeded = true, Logs = third }]));
        PayloadAttributes attributes = CaseNet.FirstOf(net, 1, CaseNet.At(10));
        (ulong Value, ulong Index)[] expected = [(1, 1), (2, 3), (4, 5)];
        Assert.Equal(1 + expected.Length, attributes.Transactions.Count);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Transaction.TryDecode(attributes.Transactions[i + 1], out Transaction? deposit, out _));
            Assert.Equal(expected[i].Value, deposit!.Value.U0);
            Assert.Equal(SourceHash.OfUserDeposit(block.Hash, expected[i].Index), deposit.SourceHash);
        }

        Assert.NotEqual(SourceHash.OfUserDeposit(block.Hash, 1), SourceHash.OfL1Info(block.Hash, 1));
    }
}
