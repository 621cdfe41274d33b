using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

/// <summary>Days on which L1 is dear, or the account poor.</summary>
public sealed class FeeDaysTests : IDisposable
{
    private const ulong Gwei = 1_000_000_000;

    private readonly TxWorld _world = new();

    public void Dispose() => _world.Dispose();

    private FakeL1 L1 => _world.L1;

    /// <summary>Mines every 12 s; the base fee grows by an eighth a block up to a hundredfold in less than ten minutes, stays, and falls again.</summary>
    private void Spike(int second)
    {
        if (second % 12 != 0) return;
        if (second < 600) L1.BaseFee = UInt256.Min((L1.BaseFee * 9UL) / 8UL, new UInt256(1000 * Gwei));
        else if (second > 3600) L1.BaseFee = UInt256.Max((L1.BaseFee * 7UL) / 8UL, new UInt256(10 * Gwei));
        L1.Mine();
    }

    [Fact]
    public void A_base_fee_that_rises_a_hundredfold_is_followed() => TestLoop.Run(async () =>
    {
        TransactionManager manager = _world.Manager();
        for (int i = 0, second = 0; i < 12; i++)
        {
            Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call((byte)i));
            await _world.Clock.RunAsync(sending, TimeSpan.FromMinutes(20), () => Spike(++second));
        }

        Assert.Equal(12, L1.MinedBy(_world.Signer.Address).Count());
    });

    [Fact]
    public void Above_the_greatest_base_fee_nothing_is_offered_until_it_falls() => TestLoop.Run(async () =>
    {
        using TransactionManager manager = _world.Manager(new TxManagerOptions { ConfirmationBlocks = 3, MaxBaseFee = 50 * Gwei });
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(1);
        L1.BaseFee = 60 * Gwei;
        await _world.AdvanceAsync(3600, _world.Tick);
        Assert.Single(L1.Sent);
        Assert.Contains("txmgr.max-basefee", manager.Status.Problem!);
        Assert.InRange(_world.Log.Count(e => e.Text.Contains("txmgr.max-basefee")), 50, 60);
        L1.BaseFee = 40 * Gwei;
        await _world.DoneAsync(sending);
        Assert.Null(manager.Status.Problem);
    });

    [Fact]
    public void A_first_offer_that_the_bounds_forbid_is_given_up_in_time() => TestLoop.Run(async () =>
    {
        L1.Tip = 5 * Gwei;
        TxManagerException error = await _world.FailsAsync(_world.Manager(new TxManagerOptions { MaxTip = 3 * Gwei }).SendAsync(TxWorld.Call()));
        Assert.Equal(TxFailure.FeeLimit, error.Failure);
        Assert.Contains("tip of 5.000 gwei", error.Message);
        Assert.Empty(L1.Offered);
    });

    [Fact]
    public void At_the_fee_limit_the_status_says_so_and_a_falling_fee_lets_it_go_on() => TestLoop.Run(async () =>
    {
        using TransactionManager manager = _world.Manager(new TxManagerOptions { ConfirmationBlocks = 3, FeeLimitMultiplier = 2, FeeLimitThreshold = 1 });
        L1.Seed(_world.Stranger(0, gwei: 10), _world.Signer.Address);
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(3600, _world.TickEmpty);
        Assert.Contains("fee limit", manager.Status.Problem!);
        Assert.All(L1.Sent, t => Assert.True(t.Transaction.MaxFeePerGas <= 44 * Gwei));
        await _world.DoneAsync(sending);
    });

    [Fact]
    public void A_blob_fee_spike_is_followed_within_the_limit() => TestLoop.Run(async () =>
    {
        using TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Blob());
        await TxWorld.UntilAsync(() => L1.Sent.Count == 1);
        L1.BlobBaseFee = 400 * Gwei;
        TxReceiptInfo receipt = await _world.DoneAsync(sending);
        Assert.Equal(2, L1.Sent.Count);
        Assert.Equal(800 * Gwei, L1.Sent[1].Transaction.MaxFeePerBlobGas.U0);
        Assert.Equal(((receipt.Receipt.EffectiveGasPrice * 21_000UL) + new UInt256(400 * Gwei * 131_072)).U0, manager.Status.FeesSpent.U0);
    });

    [Fact]
    public void A_blob_transaction_that_waits_over_the_Osaka_fork_gets_cell_proofs() => TestLoop.Run(async () =>
    {
        using TransactionManager manager = _world.Manager(new TxManagerOptions { ConfirmationBlocks = 3, CellProofTime = 1_700_000_024 });
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Blob());
        await TxWorld.UntilAsync(() => L1.Sent.Count == 1);
        L1.Mine(2, empty: true);
        for (int i = 0; i < 1000 && L1.Sent.Count < 2; i++) // the proofs take real time
        {
            await _world.AdvanceAsync(1);
            await Task.Delay(20);
        }

        Assert.Equal([0, 1], L1.Sent.Select(t => (int)t.Sidecar!.WrapperVersion));
        Assert.Equal([1, 128], L1.Sent.Select(t => t.Sidecar!.Proofs.Length));
        await _world.DoneAsync(sending);
    });

    [Fact]
    public void Out_of_funds_before_the_first_publication_is_told_at_once_with_what_is_missing() => TestLoop.Run(async () =>
    {
        L1.SetFunds(_world.Signer.Address, 1_200_000 * Gwei); // 22 gwei x 100,000 gas cost 0.0022 ether
        TransactionManager manager = _world.Manager();
        TxManagerException error = await _world.FailsAsync(manager.SendAsync(TxWorld.Call()));
        Assert.Equal(TxFailure.InsufficientFunds, error.Failure);
        Assert.Contains("0.001 ether are missing", error.Message);
        Assert.Contains(_world.Signer.Address.ToString(), error.Message);
        L1.SetFunds(_world.Signer.Address, 10_000_000 * Gwei);
        await _world.DoneAsync(manager.SendAsync(TxWorld.Call()));
        Assert.Equal(0UL, L1.MinedBy(_world.Signer.Address).Single().Nonce);
    });

    [Fact]
    public void Out_of_funds_while_waiting_is_told_once_a_minute_and_passes_with_new_ether() => TestLoop.Run(async () =>
    {
        using TransactionManager manager = _world.Manager();
        L1.SetFunds(_world.Signer.Address, 2_300_000 * Gwei);
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(1);
        Assert.Single(L1.Sent);
        L1.SetFunds(_world.Signer.Address, 200_000 * Gwei); // something else spent it, and the pool drops what cannot be paid
        L1.EmptyPool();
        await _world.AdvanceAsync(1800, _world.Tick);
        Assert.False(sending.IsCompleted);
        Assert.Contains("ether are missing", manager.Status.Problem!);
        Assert.InRange(_world.Log.Count(e => e.Text.Contains("are missing")), 25, 31);
        L1.SetFunds(_world.Signer.Address, 10_000_000 * Gwei);
        await _world.DoneAsync(sending);
        Assert.Null(manager.Status.Problem);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_offered_in_a_spike_and_lost_is_offered_for_less_when_the_spike_is_over_and_the_account_cannot_pay_it_again(bool isLost) => TestLoop.Run(async () =>
    {
        using TransactionManager manager = _world.Manager();
        L1.BlobBaseFee = 400 * Gwei;
        L1.SetFunds(_world.Signer.Address, 200_000_000 * Gwei); // 800 gwei x 131,072 are 0.105 ether
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Blob());
        await TxWorld.UntilAsync(() => L1.Sent.Count == 1);
        L1.SetFunds(_world.Signer.Address, 10_000_000 * Gwei); // something else spent it
        L1.BlobBaseFee = 2 * Gwei;
        if (isLost) L1.EmptyPool();
        await _world.AdvanceAsync(300, isLost ? _world.Tick : _world.TickEmpty);
        if (!isLost)
        {
            Assert.Single(L1.Sent); // it is still there: nothing may replace it for less
            L1.SetFunds(_world.Signer.Address, 200_000_000 * Gwei);
        }

        TxReceiptInfo receipt = await _world.DoneAsync(sending);
        Transaction mined = Assert.Single(L1.MinedBy(_world.Signer.Address));
        Assert.Equal((mined.Hash, 0UL), (receipt.TransactionHash, mined.Nonce));
        if (isLost) Assert.Equal(4 * Gwei, mined.MaxFeePerBlobGas.U0);
        else Assert.True(mined.MaxFeePerBlobGas.U0 >= 800 * Gwei);
    });

    [Fact]
    public void A_raise_that_cannot_be_paid_leaves_the_old_version_where_it_is() => TestLoop.Run(async () =>
    {
        L1.SetFunds(_world.Signer.Address, 2_300_000 * Gwei);
        using TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(600, _world.TickEmpty);
        Assert.Single(L1.Sent);
        TxReceiptInfo receipt = await _world.DoneAsync(sending);
        Assert.Equal(L1.Sent[0].Transaction.Hash, receipt.TransactionHash);
    });

    [Fact]
    public void What_waits_behind_a_lower_nonce_is_not_raised_for_nothing() => TestLoop.Run(async () =>
    {
        using TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo[]> all = Task.WhenAll(Enumerable.Range(0, 3).Select(i => manager.SendAsync(TxWorld.Call((byte)i))));
        await _world.AdvanceAsync(120, _world.TickEmpty);
        Assert.Equal(3, L1.Sent.Count(t => t.Transaction.Nonce == 0));
        Assert.Single(L1.Sent, t => t.Transaction.Nonce == 1);
        L1.BaseFee = 30 * Gwei; // now the offers behind are too small for any block
        await _world.AdvanceAsync(60, _world.TickEmpty);
        Assert.Equal(2, L1.Sent.Count(t => t.Transaction.Nonce == 1));
        await _world.DoneAsync(all);
    });

    [Fact]
    public void An_L1_that_halts_for_an_hour_raises_nothing_and_is_named() => TestLoop.Run(async () =>
    {
        using TransactionManager manager = _world.Manager();
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(3600);
        Assert.Single(L1.Sent);
        Assert.Contains("L1 has not moved for", manager.Status.Problem!);
        Assert.InRange(_world.Log.Count(e => e.Text.Contains("L1 has not moved for")), 50, 60);
        L1.Mine(empty: true);
        await _world.AdvanceAsync(13);
        Assert.Equal(2, L1.Sent.Count);
        await _world.DoneAsync(sending);
    });
}
