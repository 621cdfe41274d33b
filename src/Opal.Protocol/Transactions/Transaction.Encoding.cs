using Opal.Primitives;

namespace Opal.Protocol;

public sealed partial class Transaction
{
    /// <summary>What the sender signs. Zero for deposits, which nobody signs.</summary>
    public Hash256 SigningHash()
    {
        if (IsDeposit) return Hash256.Zero;
        var writer = new RlpWriter(128 + Data.Length);
        if (Type == TransactionType.Legacy)
        {
            int list = writer.BeginList();
            WriteLegacyFields(writer);
            if (ChainId is { } id)
            {
                writer.WriteUInt64(id);
                writer.WriteUInt64(0);
                writer.WriteUInt64(0);
            }

            writer.EndList(list);
            return Keccak256.Hash(writer.Written);
        }

        WritePayload(writer, signed: false);
        return Keccak256.Hash(writer.Written);
    }

    private byte[] Encode()
    {
        var writer = new RlpWriter(192 + Data.Length);
        if (Type == TransactionType.Legacy)
        {
            int list = writer.BeginList();
            WriteLegacyFields(writer);
            writer.WriteUInt256(V);
            writer.WriteUInt256(R);
            writer.WriteUInt256(S);
            writer.EndList(list);
        }
        else
        {
            WritePayload(writer, signed: true);
        }

        return writer.ToArray();
    }

    private void WriteLegacyFields(RlpWriter writer)
    {
        writer.WriteUInt64(Nonce);
        writer.WriteUInt256(GasPrice);
        writer.WriteUInt64(GasLimit);
        writer.WriteOptionalAddress(To);
        writer.WriteUInt256(Value);
        writer.WriteBytes(Data.Span);
    }

    /// <summary>The type byte and the list of fields of a typed transaction, with or without its signature.</summary>
    private void WritePayload(RlpWriter writer, bool signed)
    {
        writer.WriteRaw([(byte)Type]);
        int list = writer.BeginList();
        if (IsDeposit)
        {
            WriteDepositFields(writer);
            writer.EndList(list);
            return;
        }

        writer.WriteUInt64(ChainId ?? 0);
        writer.WriteUInt64(Nonce);
        if (Type == TransactionType.AccessList)
        {
            writer.WriteUInt256(GasPrice);
        }
        else
        {
            writer.WriteUInt256(MaxPriorityFeePerGas);
            writer.WriteUInt256(MaxFeePerGas);
        }

        writer.WriteUInt64(GasLimit);
        writer.WriteOptionalAddress(To);
        writer.WriteUInt256(Value);
        writer.WriteBytes(Data.Span);
        WriteAccessList(writer);
        if (Type == TransactionType.Blob)
        {
            writer.WriteUInt256(MaxFeePerBlobGas);
            int hashes = writer.BeginList();
            foreach (Hash256 hash in BlobVersionedHashes) writer.WriteHash(hash);
            writer.EndList(hashes);
        }
        else if (Type == TransactionType.SetCode)
        {
            WriteAuthorizations(writer);
        }

        if (signed)
        {
            writer.WriteUInt64(YParity);
            writer.WriteUInt256(R);
            writer.WriteUInt256(S);
        }

        writer.EndList(list);
    }

    private void WriteDepositFields(RlpWriter writer)
    {
        writer.WriteHash(SourceHash);
        writer.WriteAddress(From);
        writer.WriteOptionalAddress(To);
        writer.WriteUInt256(Mint ?? UInt256.Zero);
        writer.WriteUInt256(Value);
        writer.WriteUInt64(GasLimit);
        writer.WriteBool(IsSystemTransaction);
        writer.WriteBytes(Data.Span);
    }

    private void WriteAccessList(RlpWriter writer)
    {
        int list = writer.BeginList();
        foreach (AccessListItem item in AccessList)
        {
            int entry = writer.BeginList();
            writer.WriteAddress(item.Address);
            int keys = writer.BeginList();
            foreach (Hash256 key in item.StorageKeys) writer.WriteHash(key);
            writer.EndList(keys);
            writer.EndList(entry);
        }

        writer.EndList(list);
    }

    private void WriteAuthorizations(RlpWriter writer)
    {
        int list = writer.BeginList();
        foreach (Authorization authorization in AuthorizationList)
        {
            int entry = writer.BeginList();
            writer.WriteUInt256(authorization.ChainId);
            writer.WriteAddress(authorization.Address);
            writer.WriteUInt64(authorization.Nonce);
            writer.WriteUInt64(authorization.YParity);
            writer.WriteUInt256(authorization.R);
            writer.WriteUInt256(authorization.S);
            writer.EndList(entry);
        }

        writer.EndList(list);
    }
}
