using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The error codes of eth_simulateV1.</summary>
internal static class SimulationErrors
{
    public const int NonceTooLow = -38010, NonceTooHigh = -38011, FeeTooLow = -38012, IntrinsicGas = -38013, InsufficientFunds = -38014, BlockGasLimit = -38015;
    public const int BlockNumber = -38020, BlockTimestamp = -38021, SenderNotEoa = -38024, InitCodeSize = -38025, ClientLimit = -38026;

    /// <summary>An execution that failed for another reason than that the code asked for it; in the call's own result.</summary>
    public const int Failed = -32015;

    /// <summary>The code of a transaction that may not run.</summary>
    public static int Of(TransactionVerdict verdict) => verdict switch
    {
        TransactionVerdict.NonceTooLow => NonceTooLow,
        TransactionVerdict.NonceTooHigh => NonceTooHigh,
        TransactionVerdict.MaxFeeBelowBaseFee => FeeTooLow,
        TransactionVerdict.IntrinsicGasTooLow or TransactionVerdict.FloorGasTooLow => IntrinsicGas,
        TransactionVerdict.InsufficientFunds => InsufficientFunds,
        TransactionVerdict.BlockGasExceeded => BlockGasLimit,
        TransactionVerdict.SenderIsContract => SenderNotEoa,
        TransactionVerdict.InitCodeTooLarge => InitCodeSize,
        _ => RpcErrorCode.InternalError,
    };
}
