using System.Buffers.Binary;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The block that would follow the head now, made of the pool's best transactions when somebody asks for it (<c>rollup.computependingblock</c>). Thread-safe.</summary>
/// <remarks>
/// It stands in for a block that the rollup node has not asked for: no forced transactions, the parent's gas limit and fee parameters. It is made
/// anew when the head moves, and otherwise at most every <see cref="Lifetime"/>, however often it is asked for. It is never imported or given to the rollup node.
/// </remarks>
public sealed class PendingBlock(Blockchain chain, PayloadBuilder builder, TimeProvider time)
{
    /// <summary>How long one answer serves.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMilliseconds(250);

    /// <summary>How long filling a block may take; what does not fit in it is left out.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(500);

    private sealed record Made(ExecutedBlock Parent, long At, ExecutedBlock Block, PendingView? View);

    private readonly Lock _lock = new();
    private Made? _made;

    /// <summary>The pending block; the head itself where none can be made.</summary>
    public ExecutedBlock Get() => Current().Block;

    /// <summary>The state after it.</summary>
    /// <exception cref="RpcException">The head's state is not kept.</exception>
    public ChainState GetState()
    {
        Made made = Current();
        return made.View is null ? BlockSelector.GetState(chain, made.Block) : new ChainState(chain, made.Block, made.View);
    }

    private Made Current()
    {
        lock (_lock)
        {
            ExecutedBlock head = chain.Head;
            if (_made is { } made && made.Parent == head && time.GetElapsedTime(made.At) < Lifetime) return made;
            return _made = Make(head);
        }
    }

    private Made Make(ExecutedBlock head)
    {
        long now = time.GetTimestamp();
        if (chain.OpenState(head) is not { } below || builder.Preview(head, AttributesAfter(head), Budget) is not { } built) return new Made(head, now, head, null);
        var block = new ExecutedBlock(built.Block, built.Receipts);
        return new Made(head, now, block, new PendingView(below, built.Diff, built.Block.Header.StateRoot));
    }

    private PayloadAttributes AttributesAfter(ExecutedBlock head)
    {
        BlockHeader parent = head.Header;
        ulong timestamp = Math.Max(parent.Timestamp + 1, (ulong)time.GetUtcNow().ToUnixTimeSeconds());
        Rules rules = chain.Spec.At(parent.Number + 1, timestamp);
        bool statesFees = rules.ExtraData is ExtraDataRule.Holocene or ExtraDataRule.Jovian;
        Eip1559ExtraData fees = default;
        if (statesFees && !Eip1559ExtraData.TryDecodeJovian(parent.ExtraData, out fees)) Eip1559ExtraData.TryDecodeHolocene(parent.ExtraData, out fees);
        return new PayloadAttributes
        {
            Timestamp = timestamp,
            PrevRandao = parent.MixHash,
            SuggestedFeeRecipient = parent.Beneficiary,
            Withdrawals = rules.Withdrawals == WithdrawalsRule.None ? null : [],
            ParentBeaconBlockRoot = rules.HasBeaconRoot ? parent.ParentBeaconBlockRoot ?? Hash256.Zero : null,
            GasLimit = rules.IsOptimism ? parent.GasLimit : null,
            Eip1559Params = statesFees ? ParametersOf(fees) : null,
            MinBaseFee = rules.ExtraData == ExtraDataRule.Jovian ? fees.MinBaseFee ?? 0 : null,
        };
    }

    private static byte[] ParametersOf(Eip1559ExtraData fees)
    {
        var parameters = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(parameters, fees.Denominator);
        BinaryPrimitives.WriteUInt32BigEndian(parameters.AsSpan(4), fees.Elasticity);
        return parameters;
    }
}
