namespace Opal.Protocol;

/// <summary>How the operator fee is computed (isthmus and jovian/exec-engine.md#operator-fee).</summary>
public enum OperatorFeeFormula : byte
{
    /// <summary>There is none.</summary>
    None,
    /// <summary>gas · scalar / 10^6 + constant.</summary>
    Isthmus,
    /// <summary>gas · scalar · 100 + constant.</summary>
    Jovian,
}
