using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>What the pool judges transactions by: the head's state, and the rules, limits and fees of the block after it. Immutable.</summary>
internal sealed class PoolHead
{
    private readonly L1FeeParameters _l1;

    private PoolHead(ChainState state, Rules rules, ulong chainId, ulong gasLimit, UInt256 baseFee, in L1FeeParameters l1)
    {
        State = state;
        Rules = rules;
        ChainId = chainId;
        GasLimit = gasLimit;
        BaseFee = baseFee;
        _l1 = l1;
    }

    public ChainState State { get; }

    public Rules Rules { get; }

    public ulong ChainId { get; }

    public ulong GasLimit { get; }

    /// <summary>The next block's base fee.</summary>
    public UInt256 BaseFee { get; }

    public static PoolHead Of(Blockchain chain, ExecutedBlock head)
    {
        ChainState state = chain.OpenState(head) ?? throw new InvalidOperationException("the head's state is always kept");
        Rules rules = chain.Spec.At(head.Number + 1, head.Header.Timestamp);
        L1FeeParameters l1 = rules.IsOptimism ? L1FeeParameters.Read(state) : default;
        return new PoolHead(state, rules, chain.Spec.ChainId, head.Header.GasLimit, NextFees.BaseFee(chain.Spec, head.Header) ?? UInt256.Zero, l1);
    }

    /// <summary>L1 data fee plus the highest operator fee, in wei.</summary>
    public UInt256 RollupCost(Transaction transaction)
    {
        if (!Rules.IsOptimism) return UInt256.Zero;
        UInt256 dataFee = _l1.L1Cost(Rules.L1Cost, transaction), operatorFee = _l1.OperatorFee(Rules.OperatorFee, transaction.GasLimit);
        return UInt256.TryAdd(dataFee, operatorFee, out UInt256 sum) ? sum : UInt256.MaxValue;
    }
}
