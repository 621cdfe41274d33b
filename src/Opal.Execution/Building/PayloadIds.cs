using System.Buffers.Binary;
using System.Security.Cryptography;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Names payloads: a version byte, then 7 bytes of a digest over the parent and the attributes.</summary>
/// <remarks>Two requests for the same block get the same id (holocene/exec-engine.md#payloadid-computation says where the fee parameters go).</remarks>
public static class PayloadIds
{
    /// <summary>The version of the forkchoiceUpdated call that began a payload.</summary>
    public static byte VersionOf(PayloadId id) => (byte)(id.Value >> 56);

    /// <summary>The id of the payload with these attributes on this parent.</summary>
    public static PayloadId Of(in Hash256 parent, PayloadAttributes attributes, byte version)
    {
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> word = stackalloc byte[32];

        void Number(ulong value, Span<byte> buffer)
        {
            BinaryPrimitives.WriteUInt64BigEndian(buffer, value);
            hasher.AppendData(buffer[..8]);
        }

        hasher.AppendData(parent.ToArray());
        Number(attributes.Timestamp, word);
        hasher.AppendData(attributes.PrevRandao.ToArray());
        hasher.AppendData(attributes.SuggestedFeeRecipient.ToArray());
        var withdrawals = new RlpWriter(64);
        int list = withdrawals.BeginList();
        foreach (Withdrawal withdrawal in attributes.Withdrawals ?? []) withdrawal.WriteTo(withdrawals);
        withdrawals.EndList(list);
        hasher.AppendData(withdrawals.Written);
        if (attributes.ParentBeaconBlockRoot is { } root) hasher.AppendData(root.ToArray());
        if (attributes.NoTxPool || attributes.Transactions.Count > 0)
        {
            hasher.AppendData([attributes.NoTxPool ? (byte)1 : (byte)0]);
            Number((ulong)attributes.Transactions.Count, word);
            foreach (byte[] transaction in attributes.Transactions) hasher.AppendData(Keccak256.Hash(transaction).ToArray());
        }

        if (attributes.GasLimit is { } gasLimit) Number(gasLimit, word);
        if (attributes.Eip1559Params is { } fees) hasher.AppendData(fees);
        if (attributes.MinBaseFee is { } minBaseFee) Number(minBaseFee, word);

        hasher.GetHashAndReset(word);
        word[0] = version;
        return new PayloadId(BinaryPrimitives.ReadUInt64BigEndian(word));
    }
}
