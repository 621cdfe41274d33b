using Opal.Evm;

namespace Opal.Protocol.Tests.Mixes;

/// <summary>Compares what two executions of a block gave, to the last field. Null: they are the same.</summary>
internal static class Comparison
{
    public static string? Of(Receipt[] a, Receipt[] b)
    {
        if (a.Length != b.Length) return $"{a.Length} receipts against {b.Length}";
        for (int i = 0; i < a.Length; i++)
        {
            Receipt x = a[i], y = b[i];
            bool isSame = x.Encode().AsSpan().SequenceEqual(y.Encode())
                && x.GasUsed == y.GasUsed && x.ContractAddress == y.ContractAddress && x.EffectiveGasPrice == y.EffectiveGasPrice
                && x.BlobGasUsed == y.BlobGasUsed && x.BlobGasPrice == y.BlobGasPrice && x.DepositNonce == y.DepositNonce
                && x.DepositReceiptVersion == y.DepositReceiptVersion && Same(x.L1Fee, y.L1Fee);
            if (!isSame) return $"receipt {i} differs";
        }

        return null;
    }

    private static bool Same(L1FeeInfo? x, L1FeeInfo? y)
    {
        if (x is null || y is null) return x is null && y is null;
        return x.Fee == y.Fee && x.GasUsed == y.GasUsed && x.BaseFee == y.BaseFee && x.BlobBaseFee == y.BlobBaseFee && x.FeeScalar == y.FeeScalar
            && x.BaseFeeScalar == y.BaseFeeScalar && x.BlobBaseFeeScalar == y.BlobBaseFeeScalar && x.OperatorFeeScalar == y.OperatorFeeScalar
            && x.OperatorFeeConstant == y.OperatorFeeConstant && x.DAFootprintGasScalar == y.DAFootprintGasScalar;
    }

    public static string? Of(StateDiff a, StateDiff b)
    {
        if (a.Accounts.Count != b.Accounts.Count) return $"{a.Accounts.Count} changed accounts against {b.Accounts.Count}";
        for (int i = 0; i < a.Accounts.Count; i++)
        {
            AccountChange x = a.Accounts[i], y = b.Accounts[i];
            bool isSame = x.Address == y.Address && x.Exists == y.Exists && x.Account == y.Account && x.StorageCleared == y.StorageCleared
                && x.Storage.SequenceEqual(y.Storage);
            if (!isSame) return $"the change of {x.Address} differs";
        }

        if (a.Codes.Count != b.Codes.Count) return $"{a.Codes.Count} new codes against {b.Codes.Count}";
        for (int i = 0; i < a.Codes.Count; i++)
        {
            if (a.Codes[i].Hash != b.Codes[i].Hash || !a.Codes[i].Code.AsSpan().SequenceEqual(b.Codes[i].Code)) return $"code {a.Codes[i].Hash} differs";
        }

        return null;
    }
}
