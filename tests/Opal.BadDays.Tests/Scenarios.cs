using Microsoft.Extensions.Logging.Abstractions;
using Opal.Batcher;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;
using Opal.TxManager;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Opal.BadDays.Tests;

/// <summary>Bad days of L1, each on the embedded one and on anvil. Every one ends with every L2 block on L1, in order and once, and with a bound on what was spent.</summary>
public sealed class Scenarios
{
    private static readonly UInt256 Gwei = new(1_000_000_000);

    private static async Task<BadDay> DayAsync(string l1, BadDayOptions? options = null) => await BadDay.StartAsync(await Worlds.StartAsync(l1), options ?? new BadDayOptions());

    /// <summary>The most that a number of calldata transactions of six small blocks may cost at a gas price.</summary>
    private static UInt256 Calldata(int transactions, ulong gwei) => Gwei * gwei * 120_000UL * (ulong)transactions;

    private static async Task<UInt256> BaseFeeAsync(BadDay day) => (await day.L1.Truth.FindHeaderAsync(BlockParameter.Latest))!.BaseFeePerGas!.Value;

    [Theory, MemberData(nameof(Worlds.All), MemberType = typeof(Worlds))]
    public async Task A_quiet_day(string l1)
    {
        await using BadDay day = await DayAsync(l1);
        await day.StepsAsync(10);
        await day.EndsWellAsync(Calldata(13, 3));
        Assert.InRange(day.Inbox.Transactions, 5, 13);
    }

    [Theory, MemberData(nameof(Worlds.All), MemberType = typeof(Worlds))]
    public async Task L1s_base_fee_grows_a_hundredfold_in_ten_minutes(string l1)
    {
        await using BadDay day = await DayAsync(l1);
        await day.StepsAsync(3);
        UInt256 before = await BaseFeeAsync(day), fee = before, most = UInt256.Zero;
        day.L1.IsBusy = true;
        int blocks = 0;
        while (fee < before * 100UL)
        {
            Assert.True(++blocks <= 50, $"the base fee came from {before} to {fee} only");
            await day.StepAsync();
            fee = await BaseFeeAsync(day);
            most += fee + (Gwei * 3UL);
        }

        day.L1.IsBusy = false;
        // no transaction paid more than the price of its block and the tip; at most one a block, and a few at the top
        await day.EndsWellAsync((most + (fee * 6UL)) * 120_000UL);
        Assert.True(day.Inbox.Transactions <= blocks + 10, $"{day.Inbox.Transactions} transactions in {blocks} blocks");
    }

    [Theory, MemberData(nameof(Worlds.All), MemberType = typeof(Worlds))]
    public async Task The_blob_base_fee_jumps_from_nothing_to_hundreds_of_gwei_and_back(string l1)
    {
        await using BadDay day = await DayAsync(l1, new BadDayOptions { Blobs = true });
        await day.StepsAsync(2);
        day.L1.IsBusyWithBlobs = true;
        for (int blocks = 0; await day.L1.BlobBaseFeeAsync() < Gwei * 300UL; blocks++)
        {
            Assert.True(blocks < 25, $"the blob base fee is {await day.L1.BlobBaseFeeAsync()} only");
            await day.StepAsync();
        }

        UInt256 top = await day.L1.BlobBaseFeeAsync();
        day.L1.IsBusyWithBlobs = false;
        await day.StepsAsync(3);
        // while it rises eightfold a block, each blob costs an eighth of the next one: together hardly more than the last two
        await day.EndsWellAsync((top * 131_072UL * 3UL) + Calldata(30, 5));
    }

    [Theory, MemberData(nameof(Worlds.All), MemberType = typeof(Worlds))]
    public async Task A_provider_says_sent_and_loses_it_and_the_pool_loses_what_it_took(string l1)
    {
        await using BadDay day = await DayAsync(l1);
        await day.StepsAsync(2);
        for (int i = 0; i < 4; i++)
        {
            day.L1.Provider.Loses = 1 + i;
            await day.StepAsync();
            await day.UntilOneWaitsAsync();
            foreach (Hash256 pending in await day.PendingAsync()) await day.L1.DropFromPoolAsync(pending);
            await day.StepAsync();
        }

        day.L1.Provider.Loses = 0;
        await day.EndsWellAsync(Calldata(20, 4));
    }

    [Theory]
    [InlineData(Worlds.Embedded, 1), InlineData(Worlds.Embedded, 3), InlineData(Worlds.Anvil, 1), InlineData(Worlds.Anvil, 3)]
    public async Task A_stranger_with_the_same_key_takes_nonces(string l1, int maxPending)
    {
        await using BadDay day = await DayAsync(l1, new BadDayOptions { MaxPending = maxPending });
        await day.StepsAsync(2);
        for (int i = 0; i < 3; i++)
        {
            await day.UntilOneWaitsAsync();
            await day.StealNonceAsync(); // it outbids ours
            await day.StepsAsync(2);
        }

        // a tip of 4 gwei is what L1 suggests from then on
        // with several on their way, those behind the stolen one reach L1 first, are of no use there, and are posted again
        await day.EndsWellAsync(Calldata(20, 8), gaps: maxPending == 1 ? 0 : 80);
        Assert.Equal((ulong)day.Inbox.Transactions + 3, await day.L1.Truth.GetTransactionCountAsync(BadDay.BatcherAddress)); // the stranger's were mined in place of ours
    }

    [Theory]
    [InlineData(Worlds.Embedded, true), InlineData(Worlds.Embedded, false), InlineData(Worlds.Anvil, true), InlineData(Worlds.Anvil, false)]
    public async Task A_receipt_is_reorged_out_twice(string l1, bool returned)
    {
        await using BadDay day = await DayAsync(l1);
        await day.StepsAsync(2);
        for (int i = 0; i < 2; i++)
        {
            int before = day.Inbox.Transactions;
            await day.UntilAsync("one more transaction on L1", () => day.Inbox.Transactions > before, l2Blocks: 6);
            await day.L1.ReorgAsync(1, returned);
            await day.Inbox.FollowAsync();
            Assert.True(day.Inbox.Transactions <= before, "the reorg took it away");
        }

        await day.EndsWellAsync(Calldata(12, 4));
    }

    [Theory, MemberData(nameof(Worlds.All), MemberType = typeof(Worlds))]
    public async Task A_blob_transactions_receipt_is_reorged_out_twice(string l1)
    {
        await using BadDay day = await DayAsync(l1, new BadDayOptions { Blobs = true });
        await day.StepsAsync(2);
        for (int i = 0; i < 2; i++)
        {
            int before = day.Inbox.Transactions;
            await day.UntilAsync("one more transaction on L1", () => day.Inbox.Transactions > before, l2Blocks: 6);
            await day.L1.ReorgAsync(1, returnTransactions: false);
            await day.Inbox.FollowAsync();
        }

        await day.EndsWellAsync(Calldata(12, 4));
    }

    [Theory, MemberData(nameof(Worlds.All), MemberType = typeof(Worlds))]
    public async Task A_batcher_out_of_funds_waits_for_more_and_goes_on(string l1)
    {
        await using BadDay day = await DayAsync(l1, new BadDayOptions { Balance = Gwei * 500_000UL }); // enough for a few transactions
        await day.StepsAsync(12);
        Assert.True(day.Rollup.Safe < 60, $"the money was to end: {await day.L1.Truth.GetBalanceAsync(BadDay.BatcherAddress)} wei are left");
        Assert.Contains("send ether to it", day.Log, StringComparison.OrdinalIgnoreCase);
        Assert.False(day.Batcher.Health.IsHealthy, "an account without money is no good health");
        await day.RefillAsync(Strangers.Ether);
        await day.EndsWellAsync(Calldata(20, 4));
    }

    /// <summary>Derivation reads what was sent to the inbox whatever its status: what reverts there is not to be sent again.</summary>
    [Fact]
    public async Task What_reverts_in_the_inbox_is_on_L1_all_the_same()
    {
        await using IBadDayL1 l1 = await Worlds.StartAsync(Worlds.Embedded);
        await l1.FundAsync(BadDay.BatcherAddress, Strangers.Ether);
        await l1.MineAsync(BadDay.GenesisTime + 12);
        var time = new ManualTime(DateTimeOffset.FromUnixTimeSeconds((long)BadDay.GenesisTime));
        using var manager = new TransactionManager(new EthClient(l1.Provider), new LocalSigner(BadDay.BatcherKey), new BadDayOptions().Transactions, time, NullLogger.Instance);
        Address inbox = Address.FromNumber(8); // a precompiled contract that takes nothing of this length
        Task<BlockId> sending = new L1Submitter(manager, inbox).SubmitAsync([[0, 1, 2]], asBlobs: false, recorder: null, resume: null, default);
        for (ulong block = 2; block < 200 && !sending.IsCompleted; block++)
        {
            await Task.Delay(10);
            await l1.MineAsync(BadDay.GenesisTime + (12 * block));
            time.Advance(TimeSpan.FromSeconds(12));
        }

        BlockId included = await sending;
        Block there = (await l1.Truth.FindBlockAsync(BlockParameter.At(included.Number)))!;
        Transaction sent = Assert.Single(there.Transactions, transaction => transaction.To == inbox);
        Assert.False((await l1.Truth.FindReceiptAsync(sent.Hash))!.Succeeded);
    }

    [Theory, MemberData(nameof(Worlds.All), MemberType = typeof(Worlds))]
    public async Task L1_halts_for_an_hour(string l1)
    {
        await using BadDay day = await DayAsync(l1);
        await day.StepsAsync(3);
        ulong safe = day.Rollup.Safe;
        await day.StepsAsync(300, l2Blocks: 6, mine: false);
        Assert.Equal(safe, day.Rollup.Safe);
        // an hour of raising fees ends at the limit, which the one transaction that waits may cost
        await day.EndsWellAsync(Calldata(12, 100) + (Gwei * 5UL * 20_000_000UL));
    }

    [Theory, MemberData(nameof(Worlds.All), MemberType = typeof(Worlds))]
    public async Task A_provider_of_another_chain_is_refused_and_nothing_is_signed_for_it(string l1)
    {
        await using BadDay day = await DayAsync(l1, new BadDayOptions { Transactions = new TxManagerOptions { ChainId = Strangers.ChainId } });
        day.L1.Provider.ChainId = 11_155_111;
        TxManagerException error = await Assert.ThrowsAsync<TxManagerException>(() => day.Manager.CheckChainAsync());
        Assert.Equal(TxFailure.WrongChain, error.Failure);
        Assert.Contains("11155111", error.Message, StringComparison.Ordinal);
        Assert.Contains("900", error.Message, StringComparison.Ordinal);
        int given = day.L1.Provider.Given.Count;
        await day.StepsAsync(4);
        Assert.Equal(given, day.L1.Provider.Given.Count);
        Assert.False(day.Batcher.Health.IsHealthy);
    }

    [Theory, MemberData(nameof(Worlds.All), MemberType = typeof(Worlds))]
    public async Task A_key_that_is_not_the_SystemConfigs_batcher_does_not_start(string l1)
    {
        await using BadDay day = await DayAsync(l1);
        Assert.Null(await day.CheckStartAsync(BadDay.BatcherKey));
        string fault = await day.CheckStartAsync(Strangers.RichKey) ?? "none";
        Assert.Contains(BadDay.BatcherAddress.ToChecksumString(), fault, StringComparison.Ordinal);
        Assert.Contains(Secp256k1.PrivateKeyToAddress(Strangers.RichKey).ToChecksumString(), fault, StringComparison.Ordinal);
    }
}
