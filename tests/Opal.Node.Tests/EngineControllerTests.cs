using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

public sealed class EngineControllerTests
{
    private readonly FakeChain _chain = new();
    private readonly EngineController _heads;

    public EngineControllerTests()
    {
        _heads = new EngineController(_chain.Engine, _chain.Config, NullLogger.Instance);
        _heads.Reset(_chain.GenesisRef, _chain.GenesisRef, _chain.GenesisRef);
    }

    [Fact]
    public async Task A_reset_is_followed_by_one_forkchoice_update()
    {
        Assert.True(_heads.ForkchoicePending);
        Assert.True((await _heads.UpdateForkchoiceAsync(default)).IsDone);
        Assert.False(_heads.ForkchoicePending);
        Assert.Equal(["forkchoice"], _chain.Engine.Calls);
    }

    [Fact]
    public async Task Derived_attributes_without_unsafe_blocks_are_built_and_become_safe()
    {
        PayloadAttributes attributes = _chain.Attributes(_heads.Safe, true, FakeChain.UserTransaction(0));
        Assert.True((await _heads.ApplyDerivedAsync(attributes, _heads.Safe, concludes: true, default)).IsDone);
        Assert.Equal(1ul, _heads.Safe.Number);
        Assert.Equal(_heads.Safe, _heads.Unsafe);
        Assert.Equal(_heads.Safe, _heads.PendingSafe);
        Assert.Equal(_heads.Safe.Hash, _chain.Engine.Safe);
        Assert.Equal(2, _chain.Engine.HeadBlock.Transactions.Length);
    }

    [Fact]
    [Case("D-EN-01")]
    public async Task Matching_unsafe_blocks_become_safe_without_rebuilding()
    {
        PayloadAttributes[] derived = await SequenceAsync(3);
        L2BlockRef tip = _heads.Unsafe;
        _chain.Engine.Calls.Clear();
        foreach (PayloadAttributes attributes in derived) Assert.True((await _heads.ApplyDerivedAsync(attributes, _heads.PendingSafe, concludes: true, default)).IsDone);
        Assert.Equal(tip, _heads.Safe);
        Assert.DoesNotContain("build", _chain.Engine.Calls);
        Assert.True(_heads.ForkchoicePending);
    }

    [Fact]
    [Case("D-EN-02")]
    public async Task A_mismatch_replaces_the_unsafe_chain()
    {
        await SequenceAsync(3);
        PayloadAttributes other = _chain.Attributes(_heads.Safe, true, FakeChain.UserTransaction(7));
        Assert.True((await _heads.ApplyDerivedAsync(other, _heads.Safe, concludes: true, default)).IsDone);
        Assert.Equal(1ul, _heads.Unsafe.Number);
        Assert.Equal(_heads.Safe, _heads.Unsafe);
        Assert.Equal(2, _chain.Engine.HeadBlock.Transactions.Length);
    }

    [Fact]
    [Case("D-BQ-05")]
    public async Task Inside_a_span_only_pending_safe_moves()
    {
        PayloadAttributes first = _chain.Attributes(_heads.Safe);
        Assert.True((await _heads.ApplyDerivedAsync(first, _heads.PendingSafe, concludes: false, default)).IsDone);
        Assert.Equal(0ul, _heads.Safe.Number);
        Assert.Equal(1ul, _heads.PendingSafe.Number);
        Assert.True((await _heads.ApplyDerivedAsync(_chain.Attributes(_heads.PendingSafe), _heads.PendingSafe, concludes: true, default)).IsDone);
        Assert.Equal(2ul, _heads.Safe.Number);
    }

    [Fact]
    [Case("D-EN-05")]
    public async Task An_invalid_block_of_a_span_gives_the_old_unsafe_chain_back()
    {
        PayloadAttributes[] derived = await SequenceAsync(5);
        L2BlockRef tip = _heads.Unsafe;
        for (int i = 0; i < 2; i++) Assert.True((await _heads.ApplyDerivedAsync(derived[i], _heads.PendingSafe, concludes: false, default)).IsDone);
        PayloadAttributes bad = _chain.Attributes(_heads.PendingSafe, true, FakeChain.UserTransaction(0, FakeEngine.PoisonGas));
        EngineStep step = await _heads.ApplyDerivedAsync(bad, _heads.PendingSafe, concludes: false, default);
        Assert.Equal(EngineOutcome.InvalidPayload, step.Outcome);
        Assert.True((await _heads.DropPendingAsync(default)).IsDone);
        Assert.Equal(0ul, _heads.Safe.Number);
        Assert.Equal(_heads.Safe, _heads.PendingSafe);
        Assert.Equal(tip, _heads.Unsafe);
        Assert.Equal(tip.Hash, _chain.Engine.Head);
    }

    [Fact]
    [Case("D-EN-05")]
    public async Task A_replaced_chain_is_given_back_once_the_engine_answers_again()
    {
        await SequenceAsync(5);
        L2BlockRef tip = _heads.Unsafe;
        PayloadAttributes good = _chain.Attributes(_heads.PendingSafe, true, FakeChain.UserTransaction(1));
        Assert.True((await _heads.ApplyDerivedAsync(good, _heads.PendingSafe, concludes: false, default)).IsDone);
        PayloadAttributes bad = _chain.Attributes(_heads.PendingSafe, true, FakeChain.UserTransaction(2, FakeEngine.PoisonGas));
        Assert.Equal(EngineOutcome.InvalidPayload, (await _heads.ApplyDerivedAsync(bad, _heads.PendingSafe, concludes: true, default)).Outcome);
        _chain.Engine.Fault = _ => EngineVerdict.Unreachable;
        Assert.Equal(EngineOutcome.Retry, (await _heads.DropPendingAsync(default)).Outcome);
        Assert.Equal(1ul, _heads.Unsafe.Number);
        _chain.Engine.Fault = null;
        Assert.True((await _heads.DropPendingAsync(default)).IsDone);
        Assert.Equal(tip, _heads.Unsafe);
    }

    [Fact]
    public async Task Attributes_for_another_parent_ask_for_a_reset()
    {
        await SequenceAsync(2);
        EngineStep step = await _heads.ApplyDerivedAsync(_chain.Attributes(_heads.Unsafe), _heads.Unsafe, concludes: true, default);
        Assert.Equal(EngineOutcome.Reset, step.Outcome);
    }

    [Fact]
    public async Task Keeping_to_sync_ends_in_a_reset()
    {
        _chain.Engine.Fault = _ => EngineVerdict.Syncing;
        for (int i = 1; i < EngineAnswersTable.SyncingBeforeReset; i++) Assert.Equal(EngineOutcome.Retry, (await _heads.UpdateForkchoiceAsync(default)).Outcome);
        Assert.Equal(EngineOutcome.Reset, (await _heads.UpdateForkchoiceAsync(default)).Outcome);
    }

    [Fact]
    [Case("D-FN-01")]
    public async Task Finality_never_passes_the_safe_head_nor_goes_back()
    {
        PayloadAttributes[] derived = await SequenceAsync(3);
        Assert.False(_heads.Finalize(_heads.Unsafe));
        foreach (PayloadAttributes attributes in derived) await _heads.ApplyDerivedAsync(attributes, _heads.PendingSafe, concludes: true, default);
        Assert.True(_heads.Finalize(_heads.Safe));
        Assert.False(_heads.Finalize(_chain.GenesisRef));
        Assert.Equal(3ul, _heads.Finalized.Number);
    }

    [Fact]
    [Case("D-EN-12")]
    public async Task Building_below_the_finalized_block_stops_the_node()
    {
        PayloadAttributes[] derived = await SequenceAsync(2);
        foreach (PayloadAttributes attributes in derived) await _heads.ApplyDerivedAsync(attributes, _heads.PendingSafe, concludes: true, default);
        L2BlockRef tip = _heads.Safe;
        _heads.Reset(_chain.GenesisRef, _chain.GenesisRef, tip);
        EngineStep step = await _heads.ApplyDerivedAsync(_chain.Attributes(_chain.GenesisRef), _chain.GenesisRef, concludes: true, default);
        Assert.Equal(EngineOutcome.Halt, step.Outcome);
    }

    [Theory]
    [InlineData(nameof(PayloadAttributes.Timestamp), AttributesMismatch.Timestamp)]
    [InlineData(nameof(PayloadAttributes.PrevRandao), AttributesMismatch.PrevRandao)]
    [InlineData(nameof(PayloadAttributes.SuggestedFeeRecipient), AttributesMismatch.FeeRecipient)]
    [InlineData(nameof(PayloadAttributes.GasLimit), AttributesMismatch.GasLimit)]
    [InlineData(nameof(PayloadAttributes.Withdrawals), AttributesMismatch.Withdrawals)]
    [InlineData(nameof(PayloadAttributes.ParentBeaconBlockRoot), AttributesMismatch.ParentBeaconBlockRoot)]
    [InlineData(nameof(PayloadAttributes.Transactions), AttributesMismatch.TransactionCount)]
    [InlineData(nameof(PayloadAttributes.Eip1559Params), AttributesMismatch.Eip1559Params)]
    [InlineData(nameof(PayloadAttributes.MinBaseFee), AttributesMismatch.MinBaseFee)]
    [Case("D-EN-01")]
    public async Task Every_field_of_the_attributes_is_compared(string field, AttributesMismatch expected)
    {
        PayloadAttributes[] derived = await SequenceAsync(1);
        PayloadAttributes a = derived[0];
        var changed = new PayloadAttributes
        {
            Timestamp = field == nameof(a.Timestamp) ? a.Timestamp + 1 : a.Timestamp,
            PrevRandao = field == nameof(a.PrevRandao) ? Ids.Hash(9, 9) : a.PrevRandao,
            SuggestedFeeRecipient = field == nameof(a.SuggestedFeeRecipient) ? default : a.SuggestedFeeRecipient,
            GasLimit = field == nameof(a.GasLimit) ? a.GasLimit + 1 : a.GasLimit,
            Withdrawals = field == nameof(a.Withdrawals) ? null : a.Withdrawals,
            ParentBeaconBlockRoot = field == nameof(a.ParentBeaconBlockRoot) ? Ids.Hash(9, 9) : a.ParentBeaconBlockRoot,
            Transactions = field == nameof(a.Transactions) ? [.. a.Transactions, FakeChain.UserTransaction(0)] : a.Transactions,
            NoTxPool = true,
            Eip1559Params = field == nameof(a.Eip1559Params) ? [0, 0, 0, 1, 0, 0, 0, 1] : a.Eip1559Params,
            MinBaseFee = field == nameof(a.MinBaseFee) ? 5 : a.MinBaseFee,
        };
        Block block = _chain.Engine.HeadBlock;
        Assert.Equal(AttributesMismatch.None, AttributesMatch.Compare(a, block.Header.ParentHash, block, _chain.Config));
        Assert.Equal(expected, AttributesMatch.Compare(changed, block.Header.ParentHash, block, _chain.Config));
        Assert.Equal(AttributesMismatch.ParentHash, AttributesMatch.Compare(a, Ids.Hash(9, 9), block, _chain.Config));
    }

    /// <summary>Makes unsafe blocks as a sequencer does; the answer is what derivation would find for them.</summary>
    private async Task<PayloadAttributes[]> SequenceAsync(int count)
    {
        var made = new PayloadAttributes[count];
        for (int i = 0; i < count; i++)
        {
            made[i] = _chain.Attributes(_heads.Unsafe);
            (EngineStep step, BuildJob? job) = await _heads.StartBuildAsync(made[i], _heads.Unsafe, default);
            Assert.True(step.IsDone, step.Reason);
            (step, PayloadEnvelope? payload) = await _heads.SealAsync(job!, default);
            Assert.True(step.IsDone, step.Reason);
            step = await _heads.InsertUnsafeAsync(payload!, default);
            Assert.True(step.IsDone, step.Reason);
        }

        return made;
    }
}
