using Opal.Primitives;

namespace Opal.Protocol;

/// <content>Building.</content>
public sealed partial class BlockExecutor
{
    /// <summary>Begins a block after <paramref name="parent"/> and executes the transactions that it must begin with.</summary>
    /// <param name="parent">The parent's header.</param>
    /// <param name="attributes">The payload attributes.</param>
    /// <param name="state">The state after the parent.</param>
    /// <param name="options">What the builder decides by itself.</param>
    /// <param name="builder">The builder, for further transactions and sealing.</param>
    /// <returns>Valid, or why there can be no such block; an invalid forced transaction is named in it.</returns>
    public ExecutionResult TryBegin(
        BlockHeader parent, PayloadAttributes attributes, IExecutionState state, BuildOptions options, out BlockBuilder? builder)
    {
        builder = null;
        BlockError error = TryMakeTemplate(parent, attributes, options, out BlockHeader? template);
        if (error != BlockError.None) return ExecutionResult.Invalid(error);
        var execution = new BlockExecution(_processor, spec);
        execution.Start(template!, parent, state);
        var building = new BlockBuilder(crypto, _processor, execution, template!, state, options, WithdrawalsOf(attributes));
        for (int i = 0; i < attributes.Transactions.Count; i++)
        {
            if (!Transaction.TryDecode(attributes.Transactions[i], out Transaction? transaction, out _))
            {
                return new ExecutionResult { Error = BlockError.MalformedTransaction, InvalidTransaction = i };
            }

            TransactionVerdict verdict = building.AddForced(transaction!);
            if (verdict != TransactionVerdict.Valid)
            {
                return new ExecutionResult { Error = BlockError.InvalidTransaction, InvalidTransaction = i, Verdict = verdict };
            }
        }

        builder = building;
        return new ExecutionResult();
    }

    private IReadOnlyList<Withdrawal>? WithdrawalsOf(PayloadAttributes attributes) =>
        _processor.Rules.Withdrawals == WithdrawalsRule.None ? null : attributes.Withdrawals ?? [];

    /// <summary>The header of the block to build, without its outcome.</summary>
    private BlockError TryMakeTemplate(BlockHeader parent, PayloadAttributes attributes, BuildOptions options, out BlockHeader? template)
    {
        template = null;
        if (parent.Number == ulong.MaxValue) return BlockError.WrongNumber;
        Rules rules = spec.At(parent.Number + 1, attributes.Timestamp);
        if (attributes.Timestamp <= parent.Timestamp) return BlockError.TimestampNotAfterParent;
        if (!BaseFee.TryNext(parent, spec.At(parent), rules, out UInt256 baseFee)) return BlockError.InvalidParentExtraData;
        if (rules.Withdrawals == WithdrawalsRule.None ? attributes.Withdrawals is not null : rules.Withdrawals != WithdrawalsRule.List && attributes.Withdrawals is { Count: > 0 })
        {
            return BlockError.InvalidAttributes;
        }

        if (rules.HasBeaconRoot != attributes.ParentBeaconBlockRoot is not null) return BlockError.InvalidAttributes;
        if (rules.IsOptimism && attributes.GasLimit is null) return BlockError.MissingGasLimit;
        if (!TryMakeExtraData(attributes, rules, options, out byte[] extraData)) return BlockError.InvalidAttributes;
        template = new BlockHeader
        {
            ParentHash = parent.Hash,
            Beneficiary = attributes.SuggestedFeeRecipient,
            Number = parent.Number + 1,
            GasLimit = attributes.GasLimit ?? HeaderValidation.GasLimitTowards(options.GasLimitTarget ?? parent.GasLimit, parent.GasLimit),
            Timestamp = attributes.Timestamp,
            ExtraData = extraData,
            MixHash = attributes.PrevRandao,
            BaseFeePerGas = baseFee,
            ExcessBlobGas = rules.BlobGas switch
            {
                BlobGasRule.None => null,
                BlobGasRule.Blobs => BlobGas.NextExcess(parent, rules.Blobs, rules.HasBlobReservePrice),
                _ => 0,
            },
            ParentBeaconBlockRoot = attributes.ParentBeaconBlockRoot,
        };
        return template.GasLimit > long.MaxValue ? BlockError.GasLimitOutOfBounds : BlockError.None;
    }

    /// <summary>The extra data that the attributes ask for. Both parameters zero stand for the chain's constants.</summary>
    private static bool TryMakeExtraData(PayloadAttributes attributes, Rules rules, BuildOptions options, out byte[] extraData)
    {
        extraData = [];
        switch (rules.ExtraData)
        {
            case ExtraDataRule.AtMost32Bytes:
                extraData = options.ExtraData;
                return attributes.Eip1559Params is null && attributes.MinBaseFee is null && extraData.Length <= 32;
            case ExtraDataRule.Empty:
                return attributes.Eip1559Params is null && attributes.MinBaseFee is null;
        }

        if (rules.ExtraData == ExtraDataRule.Jovian != attributes.MinBaseFee is not null) return false;
        if (!Eip1559ExtraData.TryFromParams(attributes.Eip1559Params, rules, attributes.MinBaseFee, out Eip1559ExtraData parameters)) return false;
        extraData = parameters.Encode();
        return true;
    }
}
