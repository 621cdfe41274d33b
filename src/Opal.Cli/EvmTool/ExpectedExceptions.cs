using System.Collections.Frozen;
using Opal.Protocol;
using B = Opal.Protocol.BlockError;
using E = Opal.Protocol.TransactionError;
using V = Opal.Protocol.TransactionVerdict;

namespace Opal.Cli.EvmTool;

/// <summary>What the exceptions named by Ethereum's tests are among Opal's verdicts.</summary>
/// <remarks>The names are those of execution-spec-tests. Some tests allow several, separated by bars.</remarks>
internal static class ExpectedExceptions
{
    private static readonly FrozenDictionary<string, string[]> Known = new Dictionary<string, string[]>
    {
        // --- transactions ---
        ["TransactionException.INTRINSIC_GAS_TOO_LOW"] = [nameof(V.IntrinsicGasTooLow)],
        ["TransactionException.INTRINSIC_GAS_BELOW_FLOOR_GAS_COST"] = [nameof(V.FloorGasTooLow)],
        ["TransactionException.INSUFFICIENT_ACCOUNT_FUNDS"] = [nameof(V.InsufficientFunds)],
        ["TransactionException.INSUFFICIENT_MAX_FEE_PER_GAS"] = [nameof(V.MaxFeeBelowBaseFee)],
        ["TransactionException.INSUFFICIENT_MAX_FEE_PER_BLOB_GAS"] = [nameof(V.MaxFeePerBlobGasTooLow)],
        ["TransactionException.PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS"] = [nameof(V.PriorityFeeAboveMaxFee)],
        ["TransactionException.GASLIMIT_PRICE_PRODUCT_OVERFLOW"] = [nameof(V.CostOverflow)],
        ["TransactionException.GAS_ALLOWANCE_EXCEEDED"] = [nameof(V.BlockGasExceeded)],
        ["TransactionException.GAS_LIMIT_EXCEEDS_MAXIMUM"] = [nameof(V.GasLimitTooHigh)],
        ["TransactionException.NONCE_MISMATCH_TOO_LOW"] = [nameof(V.NonceTooLow)],
        ["TransactionException.NONCE_MISMATCH_TOO_HIGH"] = [nameof(V.NonceTooHigh)],
        ["TransactionException.NONCE_IS_MAX"] = [nameof(V.NonceOverflow)],
        ["TransactionException.NONCE_OVERFLOW"] = [nameof(V.NonceOverflow), nameof(E.MalformedRlp)],
        ["TransactionException.SENDER_NOT_EOA"] = [nameof(V.SenderIsContract)],
        ["TransactionException.INITCODE_SIZE_EXCEEDED"] = [nameof(V.InitCodeTooLarge)],
        ["TransactionException.INVALID_SIGNATURE_VRS"] = [nameof(V.InvalidSignature), nameof(E.InvalidSignatureParity)],
        ["TransactionException.EC_RECOVERY_FAIL"] = [nameof(V.InvalidSignature)],
        ["TransactionException.INVALID_CHAINID"] = [nameof(V.WrongChainId), nameof(E.ChainIdTooLarge)],
        ["TransactionException.TYPE_NOT_SUPPORTED"] = [nameof(V.TypeNotAllowed), nameof(E.UnknownType)],
        ["TransactionException.TYPE_1_TX_PRE_FORK"] = [nameof(V.TypeNotAllowed)],
        ["TransactionException.TYPE_2_TX_PRE_FORK"] = [nameof(V.TypeNotAllowed)],
        ["TransactionException.TYPE_3_TX_PRE_FORK"] = [nameof(V.TypeNotAllowed)],
        ["TransactionException.TYPE_4_TX_PRE_FORK"] = [nameof(V.TypeNotAllowed)],
        ["TransactionException.TYPE_3_TX_ZERO_BLOBS"] = [nameof(V.NoBlobs)],
        ["TransactionException.TYPE_3_TX_BLOB_COUNT_EXCEEDED"] = [nameof(V.TooManyBlobs)],
        // more blobs than a block may hold are also more than a transaction may hold, and that is looked at first
        ["TransactionException.TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED"] = [nameof(V.BlockBlobGasExceeded), nameof(V.TooManyBlobs)],
        ["TransactionException.TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH"] = [nameof(V.UnknownBlobVersion)],
        ["TransactionException.TYPE_3_TX_CONTRACT_CREATION"] = [nameof(V.CreationNotAllowed), nameof(E.MissingRecipient)],
        ["TransactionException.TYPE_3_TX_WITH_FULL_BLOBS"] = [nameof(E.MalformedRlp)],
        ["TransactionException.TYPE_4_EMPTY_AUTHORIZATION_LIST"] = [nameof(V.NoAuthorizations)],
        ["TransactionException.TYPE_4_TX_CONTRACT_CREATION"] = [nameof(V.CreationNotAllowed), nameof(E.MissingRecipient)],
        ["TransactionException.TYPE_4_INVALID_AUTHORIZATION_FORMAT"] = [nameof(E.MalformedAuthorization)],
        ["TransactionException.RLP_INVALID_VALUE"] = [nameof(E.MalformedRlp), nameof(E.MalformedAccessList)],
        ["TransactionException.ADDRESS_TOO_SHORT"] = [nameof(E.MalformedRlp), nameof(E.MalformedAccessList)],
        ["TransactionException.ADDRESS_TOO_LONG"] = [nameof(E.MalformedRlp), nameof(E.MalformedAccessList)],
        ["TransactionException.GASLIMIT_OVERFLOW"] = [nameof(E.MalformedRlp)],
        ["TransactionException.GASPRICE_OVERFLOW"] = [nameof(E.MalformedRlp)],
        ["TransactionException.VALUE_OVERFLOW"] = [nameof(E.MalformedRlp)],

        // --- blocks: encoding ---
        ["BlockException.RLP_STRUCTURES_ENCODING"] = [Rejection.MalformedBlock, .. EncodingFaults()],
        ["BlockException.RLP_INVALID_FIELD_OVERFLOW_64"] = [Rejection.MalformedBlock],
        ["BlockException.RLP_BLOCK_LIMIT_EXCEEDED"] = [nameof(B.BlockTooLarge)],
        ["BlockException.INCORRECT_BLOCK_FORMAT"] =
        [
            Rejection.MalformedBlock, nameof(B.MissingBaseFee), nameof(B.MissingWithdrawalsRoot), nameof(B.UnexpectedWithdrawalsRoot), nameof(B.MissingBlobGas),
            nameof(B.UnexpectedBlobGas), nameof(B.MissingBeaconRoot), nameof(B.UnexpectedBeaconRoot), nameof(B.MissingRequestsHash), nameof(B.UnexpectedRequestsHash),
            nameof(B.MissingWithdrawals), nameof(B.UnexpectedWithdrawals),
        ],

        // --- blocks: header ---
        ["BlockException.UNKNOWN_PARENT"] = [nameof(B.UnknownParent)],
        ["BlockException.UNKNOWN_PARENT_ZERO"] = [nameof(B.UnknownParent)],
        ["BlockException.INVALID_BLOCK_NUMBER"] = [nameof(B.WrongNumber)],
        ["BlockException.INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT"] = [nameof(B.TimestampNotAfterParent)],
        ["BlockException.EXTRA_DATA_TOO_BIG"] = [nameof(B.ExtraDataTooLong)],
        ["BlockException.INVALID_GASLIMIT"] = [nameof(B.GasLimitOutOfBounds)],
        ["BlockException.GASLIMIT_TOO_BIG"] = [nameof(B.GasLimitOutOfBounds)],
        ["BlockException.INVALID_BASEFEE_PER_GAS"] = [nameof(B.WrongBaseFee), nameof(B.MissingBaseFee)],
        ["BlockException.INCORRECT_EXCESS_BLOB_GAS"] = [nameof(B.WrongExcessBlobGas)],
        ["BlockException.BLOB_GAS_USED_ABOVE_LIMIT"] = [nameof(B.BlobGasAboveLimit)],
        ["BlockException.INCORRECT_BLOB_GAS_USED"] = [nameof(B.WrongBlobGasUsed), nameof(B.BlobGasAboveLimit)],
        ["BlockException.IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS"] = [nameof(B.OmmersNotEmpty)],
        ["BlockException.IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS"] = [nameof(B.NonZeroDifficulty)],
        ["BlockException.IMPORT_IMPOSSIBLE_SHANGHAI"] = [nameof(B.UnexpectedWithdrawalsRoot)],
        ["BlockException.IMPORT_IMPOSSIBLE_PARIS_OVER_SHANGHAI"] = [nameof(B.MissingWithdrawalsRoot)],

        // --- blocks: body and outcome ---
        ["BlockException.INVALID_TRANSACTIONS_ROOT"] = [nameof(B.WrongTransactionsRoot)],
        ["BlockException.INVALID_WITHDRAWALS_ROOT"] = [nameof(B.WrongWithdrawalsRoot)],
        ["BlockException.GAS_USED_OVERFLOW"] = [nameof(B.GasUsedAboveLimit), nameof(V.BlockGasExceeded)],
        ["BlockException.INVALID_GAS_USED"] = [nameof(B.WrongGasUsed)],
        ["BlockException.INVALID_GAS_USED_ABOVE_LIMIT"] = [nameof(B.GasUsedAboveLimit)],
        ["BlockException.INVALID_STATE_ROOT"] = [nameof(B.WrongStateRoot)],
        ["BlockException.INVALID_RECEIPTS_ROOT"] = [nameof(B.WrongReceiptsRoot)],
        ["BlockException.INVALID_LOG_BLOOM"] = [nameof(B.WrongLogsBloom)],
        ["BlockException.INVALID_REQUESTS"] = [nameof(B.WrongRequestsHash)],
        ["BlockException.INVALID_DEPOSIT_EVENT_LAYOUT"] = [nameof(B.InvalidDepositLog)],
        ["BlockException.SYSTEM_CONTRACT_EMPTY"] = [nameof(B.SystemContractMissing)],
        ["BlockException.SYSTEM_CONTRACT_CALL_FAILED"] = [nameof(B.SystemCallFailed)],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static IEnumerable<string> EncodingFaults() => Enum.GetValues<E>().Where(e => e != E.None).Select(e => e.ToString());

    /// <summary>Compares a rejection with what a test expects.</summary>
    /// <param name="expected">The names, separated by bars; null where the test expects acceptance.</param>
    /// <param name="actual">The rejection; null for acceptance.</param>
    /// <param name="what">What is accepted or rejected, as a subject.</param>
    /// <returns>Null when they agree, otherwise what is wrong.</returns>
    public static string? Compare(string? expected, Rejection? actual, string what)
    {
        if (expected is null) return actual is null ? null : $"{what} was rejected: {actual}";
        if (actual is not { } rejection) return $"{what} was accepted; expected {expected}";
        bool isKnown = false;
        foreach (string name in expected.Split('|'))
        {
            if (!Known.TryGetValue(name.Trim(), out string[]? reasons)) continue;
            isKnown = true;
            if (reasons.Contains(rejection.Reason)) return null;
        }

        return isKnown
            ? $"{what} was rejected for another reason: {rejection}; expected {expected}"
            : $"{what} was rejected: {rejection}; no verdict is known for {expected}";
    }
}
