namespace Opal.Protocol;

/// <summary>Rules that simulated calls pass over. Blocks are executed with none.</summary>
[Flags]
public enum Leniency : byte
{
    None = 0,
    /// <summary>The nonce is not checked.</summary>
    SkipNonce = 1,
    /// <summary>The sender may be a contract.</summary>
    SkipSenderCode = 2,
    /// <summary>A zero gas price is free: no base fee, no L1 fee, no operator fee.</summary>
    FreeWhenUnpriced = 4,
    /// <summary>The largest gas limit of a transaction does not hold.</summary>
    SkipGasCap = 8,
    /// <summary>The sender's balance covers everything.</summary>
    SkipBalance = 16,
    /// <summary>What eth_call and eth_estimateGas use.</summary>
    Call = SkipNonce | SkipSenderCode | FreeWhenUnpriced | SkipGasCap,
}
