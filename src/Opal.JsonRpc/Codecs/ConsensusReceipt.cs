using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>Reads receipts' consensus encodings, also of types that are unknown here (case D-TR-05).</summary>
/// <remarks>Every type so far has the form type ++ rlp([status, cumulative gas, bloom, logs]): an unknown one is tried as that, and is opaque when it is something else.</remarks>
internal static class ConsensusReceipt
{
    /// <summary>Whether an encoding is in order. A receipt of an unknown type that has not the common form is in order too, and null.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out Receipt? receipt)
    {
        if (Receipt.TryDecode(encoded, out receipt)) return true;
        if (encoded.IsEmpty || encoded[0] is <= (byte)TransactionType.SetCode or (byte)TransactionType.Deposit or >= 0x80) return false;
        byte[] common = encoded.ToArray();
        common[0] = (byte)TransactionType.DynamicFee;
        if (!Receipt.TryDecode(common, out Receipt? read)) return true;
        receipt = new Receipt { Type = (TransactionType)encoded[0], Succeeded = read!.Succeeded, CumulativeGasUsed = read.CumulativeGasUsed, Logs = read.Logs };
        return true;
    }
}
