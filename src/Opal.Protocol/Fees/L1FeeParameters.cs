using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>What the L1Block predeploy says about fees: L1's prices and the chain's scalars. Read once a block.</summary>
/// <remarks>Spec: exec-engine.md#l1-cost-fees-l1-fee-vault; isthmus and jovian/exec-engine.md. Scalars of L1 fees are in millionths, amounts in wei.</remarks>
public readonly struct L1FeeParameters
{
    private const ulong BaseFeeSlot = 1;
    private const ulong ScalarsSlot = 3;
    private const ulong OverheadSlot = 5;
    private const ulong ScalarSlot = 6;
    private const ulong BlobBaseFeeSlot = 7;
    private const ulong OperatorFeeSlot = 8;

    /// <summary>The L1 base fee.</summary>
    public UInt256 BaseFee { get; init; }

    /// <summary>The L1 blob base fee; from Ecotone on.</summary>
    public UInt256 BlobBaseFee { get; init; }

    /// <summary>The overhead in gas; before Ecotone.</summary>
    public UInt256 Overhead { get; init; }

    /// <summary>The scalar; before Ecotone.</summary>
    public UInt256 Scalar { get; init; }

    /// <summary>The scalar of the L1 base fee; from Ecotone on.</summary>
    public uint BaseFeeScalar { get; init; }

    /// <summary>The scalar of the L1 blob base fee; from Ecotone on.</summary>
    public uint BlobBaseFeeScalar { get; init; }

    /// <summary>The operator fee's scalar; from Isthmus on.</summary>
    public uint OperatorFeeScalar { get; init; }

    /// <summary>The operator fee's constant; from Isthmus on.</summary>
    public ulong OperatorFeeConstant { get; init; }

    /// <summary>Gas for a byte of estimated DA; from Jovian on.</summary>
    public ushort DAFootprintGasScalar { get; init; }

    /// <summary>Whether Ecotone's values are not set yet, as in its activation block: then Regolith's formula holds.</summary>
    private bool LacksEcotoneValues => BlobBaseFee.IsZero && BaseFeeScalar == 0 && BlobBaseFeeScalar == 0;

    /// <summary>Reads the values from a state, after the block's L1 attributes deposit.</summary>
    public static L1FeeParameters Read(IWorldState state)
    {
        Address contract = Predeploys.L1Block;
        state.GetStorage(contract, BaseFeeSlot, out UInt256 baseFee);
        state.GetStorage(contract, ScalarsSlot, out UInt256 scalars);
        state.GetStorage(contract, OverheadSlot, out UInt256 overhead);
        state.GetStorage(contract, ScalarSlot, out UInt256 scalar);
        state.GetStorage(contract, BlobBaseFeeSlot, out UInt256 blobBaseFee);
        state.GetStorage(contract, OperatorFeeSlot, out UInt256 operatorFee);
        return FromSlots(baseFee, scalars, overhead, scalar, blobBaseFee, operatorFee);
    }

    /// <summary>Reads what a formula needs from the journal of a running block.</summary>
    internal static L1FeeParameters Read(Journal journal, Rules rules)
    {
        Address contract = Predeploys.L1Block;
        UInt256 baseFee = journal.GetStorage(contract, BaseFeeSlot);
        UInt256 scalars = default, blobBaseFee = default, operatorFee = default, overhead = default, scalar = default;
        if (rules.L1Cost >= L1CostFormula.Ecotone)
        {
            scalars = journal.GetStorage(contract, ScalarsSlot);
            blobBaseFee = journal.GetStorage(contract, BlobBaseFeeSlot);
        }

        if (rules.OperatorFee != OperatorFeeFormula.None) operatorFee = journal.GetStorage(contract, OperatorFeeSlot);
        L1FeeParameters parameters = FromSlots(baseFee, scalars, overhead, scalar, blobBaseFee, operatorFee);
        if (rules.L1Cost >= L1CostFormula.Ecotone && !parameters.LacksEcotoneValues) return parameters;
        overhead = journal.GetStorage(contract, OverheadSlot);
        scalar = journal.GetStorage(contract, ScalarSlot);
        return FromSlots(baseFee, scalars, overhead, scalar, blobBaseFee, operatorFee);
    }

    private static L1FeeParameters FromSlots(
        in UInt256 baseFee, in UInt256 scalars, in UInt256 overhead, in UInt256 scalar, in UInt256 blobBaseFee, in UInt256 operatorFee) => new()
    {
        BaseFee = baseFee,
        BlobBaseFee = blobBaseFee,
        Overhead = overhead,
        Scalar = scalar,
        BaseFeeScalar = (uint)(scalars.U1 >> 32),
        BlobBaseFeeScalar = unchecked((uint)scalars.U1),
        OperatorFeeScalar = unchecked((uint)operatorFee.U1),
        OperatorFeeConstant = operatorFee.U0,
        DAFootprintGasScalar = unchecked((ushort)(operatorFee.U1 >> 32)),
    };

    /// <summary>The values as a block's L1 attributes state them.</summary>
    public static L1FeeParameters FromAttributes(L1BlockInfo info) => new()
    {
        BaseFee = info.BaseFee,
        BlobBaseFee = info.BlobBaseFee,
        Overhead = info.FeeOverhead,
        Scalar = info.FeeScalar,
        BaseFeeScalar = info.BaseFeeScalar,
        BlobBaseFeeScalar = info.BlobBaseFeeScalar,
        OperatorFeeScalar = info.OperatorFeeScalar,
        OperatorFeeConstant = info.OperatorFeeConstant,
        DAFootprintGasScalar = info.DAFootprintGasScalar,
    };

    /// <summary>The fee for the data of a transaction, in wei. Zero for deposits and on L1.</summary>
    public UInt256 L1Cost(L1CostFormula formula, Transaction transaction)
    {
        if (formula == L1CostFormula.None || transaction.IsDeposit) return UInt256.Zero;
        return formula == L1CostFormula.Fjord && !LacksEcotoneValues
            ? L1DataFee.Fjord(this, transaction.FastLzSize)
            : L1Cost(formula, transaction.Encoded);
    }

    /// <summary>The fee for the data of a transaction given as its signed encoding, in wei. Zero for deposits, for no bytes (simulated calls) and on L1.</summary>
    public UInt256 L1Cost(L1CostFormula formula, ReadOnlySpan<byte> encoded) => formula switch
    {
        L1CostFormula.None => UInt256.Zero,
        _ when encoded.IsEmpty || encoded[0] == (byte)TransactionType.Deposit => UInt256.Zero,
        L1CostFormula.Bedrock => L1DataFee.Bedrock(this, L1DataFee.CallDataGas(encoded, isBedrock: true)),
        L1CostFormula.Regolith => L1DataFee.Bedrock(this, L1DataFee.CallDataGas(encoded, isBedrock: false)),
        _ when LacksEcotoneValues => L1DataFee.Bedrock(this, L1DataFee.CallDataGas(encoded, isBedrock: false)),
        L1CostFormula.Ecotone => L1DataFee.Ecotone(this, L1DataFee.CallDataGas(encoded, isBedrock: false)),
        _ => L1DataFee.Fjord(this, FastLz.CompressedLength(encoded)),
    };

    /// <summary>The L1 gas that receipts show for the data of a transaction given as its signed encoding.</summary>
    public UInt256 L1GasUsed(L1CostFormula formula, ReadOnlySpan<byte> encoded) => formula switch
    {
        L1CostFormula.None => UInt256.Zero,
        L1CostFormula.Bedrock => SaturatingMath.Add(L1DataFee.CallDataGas(encoded, isBedrock: true), Overhead),
        L1CostFormula.Regolith => SaturatingMath.Add(L1DataFee.CallDataGas(encoded, isBedrock: false), Overhead),
        _ when LacksEcotoneValues => SaturatingMath.Add(L1DataFee.CallDataGas(encoded, isBedrock: false), Overhead),
        L1CostFormula.Ecotone => L1DataFee.CallDataGas(encoded, isBedrock: false),
        _ => L1DataFee.FjordGas(FastLz.CompressedLength(encoded)),
    };

    private UInt256 L1GasUsed(L1CostFormula formula, Transaction transaction) => formula == L1CostFormula.Fjord && !LacksEcotoneValues
        ? L1DataFee.FjordGas(transaction.FastLzSize)
        : L1GasUsed(formula, transaction.Encoded);

    /// <summary>The operator fee for an amount of gas, in wei.</summary>
    public UInt256 OperatorFee(OperatorFeeFormula formula, ulong gas) => formula switch
    {
        OperatorFeeFormula.None => UInt256.Zero,
        OperatorFeeFormula.Isthmus => (new UInt256(gas) * OperatorFeeScalar / 1_000_000) + OperatorFeeConstant,
        _ => (new UInt256(gas) * OperatorFeeScalar * 100) + OperatorFeeConstant,
    };

    /// <summary>The DA footprint of a transaction in gas; zero for deposits (jovian/exec-engine.md#da-footprint-block-limit).</summary>
    public ulong DAFootprint(Transaction transaction) =>
        transaction.IsDeposit ? 0 : L1DataFee.EstimatedSize(transaction.FastLzSize) * DAFootprintGasScalar;

    /// <summary>What receipts and RPC tell of these fees for a transaction. Null for deposits and on L1.</summary>
    public L1FeeInfo? Describe(Rules rules, Transaction transaction)
    {
        if (rules.L1Cost == L1CostFormula.None || transaction.IsDeposit) return null;
        bool isEcotone = rules.L1Cost >= L1CostFormula.Ecotone && !LacksEcotoneValues;
        bool hasOperatorFee = rules.OperatorFee != OperatorFeeFormula.None && (OperatorFeeScalar != 0 || OperatorFeeConstant != 0);
        return new L1FeeInfo
        {
            Fee = L1Cost(rules.L1Cost, transaction),
            GasUsed = L1GasUsed(rules.L1Cost, transaction),
            BaseFee = BaseFee,
            BlobBaseFee = isEcotone ? BlobBaseFee : null,
            FeeScalar = isEcotone ? null : Scalar,
            BaseFeeScalar = isEcotone ? BaseFeeScalar : null,
            BlobBaseFeeScalar = isEcotone ? BlobBaseFeeScalar : null,
            OperatorFeeScalar = hasOperatorFee ? OperatorFeeScalar : null,
            OperatorFeeConstant = hasOperatorFee ? OperatorFeeConstant : null,
            DAFootprintGasScalar = rules.BlobGas == BlobGasRule.DAFootprint ? DAFootprintGasScalar : null,
        };
    }
}
