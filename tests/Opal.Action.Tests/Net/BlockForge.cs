using System.Buffers.Binary;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>Makes blocks through the Engine API alone, as somebody could who has a client and no scruples.</summary>
public static class BlockForge
{
    /// <summary>The attributes that a block was built from.</summary>
    public static PayloadAttributes AttributesOf(Block block)
    {
        BlockHeader header = block.Header;
        byte[]? parameters = null;
        ulong? minBaseFee = null;
        if (Eip1559ExtraData.TryDecodeJovian(header.ExtraData, out Eip1559ExtraData fees) || Eip1559ExtraData.TryDecodeHolocene(header.ExtraData, out fees))
        {
            parameters = new byte[8];
            BinaryPrimitives.WriteUInt32BigEndian(parameters, fees.Denominator);
            BinaryPrimitives.WriteUInt32BigEndian(parameters.AsSpan(4), fees.Elasticity);
            minBaseFee = fees.MinBaseFee;
        }

        return new PayloadAttributes
        {
            Timestamp = header.Timestamp,
            PrevRandao = header.MixHash,
            SuggestedFeeRecipient = header.Beneficiary,
            Withdrawals = block.Withdrawals,
            ParentBeaconBlockRoot = header.ParentBeaconBlockRoot,
            Transactions = [.. block.Transactions.Select(static transaction => transaction.Encoded)],
            NoTxPool = true,
            GasLimit = header.GasLimit,
            Eip1559Params = parameters,
            MinBaseFee = minBaseFee,
        };
    }

    /// <summary>The same, with one field or another changed.</summary>
    public static PayloadAttributes With(PayloadAttributes attributes, IReadOnlyList<byte[]>? transactions = null, ulong? gasLimit = null, Address? recipient = null) => new()
    {
        Timestamp = attributes.Timestamp,
        PrevRandao = attributes.PrevRandao,
        SuggestedFeeRecipient = recipient ?? attributes.SuggestedFeeRecipient,
        Withdrawals = attributes.Withdrawals,
        ParentBeaconBlockRoot = attributes.ParentBeaconBlockRoot,
        Transactions = transactions ?? attributes.Transactions,
        NoTxPool = true,
        GasLimit = gasLimit ?? attributes.GasLimit,
        Eip1559Params = attributes.Eip1559Params,
        MinBaseFee = attributes.MinBaseFee,
    };

    /// <summary>Builds a block on another and makes it the engine's head.</summary>
    public static async Task<PayloadEnvelope> BuildAsync(IEngine engine, Hash256 genesis, Hash256 parent, PayloadAttributes attributes)
    {
        ForkchoiceAnswer begun = await engine.ForkchoiceUpdatedAsync(new ForkchoiceState(parent, genesis, genesis), attributes, default);
        Assert.True(begun.Payload is not null, $"{begun.Verdict}: {begun.Detail}");
        PayloadAnswer answer = await engine.GetPayloadAsync(begun.Payload!.Value, attributes.Timestamp, default);
        PayloadEnvelope built = answer.Payload! with { ParentBeaconBlockRoot = attributes.ParentBeaconBlockRoot };
        Assert.Equal(EngineVerdict.Valid, (await engine.NewPayloadAsync(built, default)).Verdict);
        Assert.Equal(EngineVerdict.Valid, (await engine.ForkchoiceUpdatedAsync(new ForkchoiceState(built.Payload.BlockHash, genesis, genesis), null, default)).Verdict);
        return built;
    }
}
