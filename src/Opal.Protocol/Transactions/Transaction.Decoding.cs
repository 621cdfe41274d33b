using Opal.Primitives;

namespace Opal.Protocol;

public sealed partial class Transaction
{
    /// <summary>Decodes an EIP-2718 encoding; the bytes are copied.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out Transaction? transaction, out TransactionError error) =>
        TryDecodeOwned(encoded.ToArray(), out transaction, out error);

    /// <summary>Decodes an EIP-2718 encoding and keeps the array, which nobody may change afterwards.</summary>
    public static bool TryDecodeOwned(byte[] encoded, out Transaction? transaction, out TransactionError error)
    {
        transaction = null;
        error = TransactionError.None;
        if (encoded.Length == 0)
        {
            error = TransactionError.Empty;
            return false;
        }

        byte first = encoded[0];
        if (first >= 0xc0)
        {
            transaction = DecodeLegacy(encoded, ref error);
        }
        else
        {
            transaction = first switch
            {
                (byte)TransactionType.AccessList or (byte)TransactionType.DynamicFee or (byte)TransactionType.Blob or (byte)TransactionType.SetCode =>
                    DecodeTyped(encoded, (TransactionType)first, ref error),
                (byte)TransactionType.Deposit => DecodeDeposit(encoded, ref error),
                _ => null,
            };
            if (transaction is null && error == TransactionError.None) error = TransactionError.UnknownType;
        }

        if (transaction is null) return false;
        transaction._envelope = new Envelope(encoded, Keccak256.Hash(encoded));
        return true;
    }

    /// <summary>The place in <paramref name="encoded"/> of a field just read from a list that ends where the encoding ends.</summary>
    private static ReadOnlyMemory<byte> Slice(byte[] encoded, in RlpReader items, int length) =>
        encoded.AsMemory(encoded.Length - items.Rest.Length - length, length);

    private static Transaction? DecodeLegacy(byte[] encoded, ref TransactionError error)
    {
        error = TransactionError.MalformedRlp;
        if (!RlpReader.TryOpenList(encoded, out RlpReader items)) return null;
        if (!items.TryReadUInt64(out ulong nonce)
            || !items.TryReadUInt256(out UInt256 gasPrice)
            || !items.TryReadUInt64(out ulong gasLimit)
            || !items.TryReadOptionalAddress(out Address? to)
            || !items.TryReadUInt256(out UInt256 value)
            || !items.TryReadBytes(out ReadOnlySpan<byte> data))
        {
            return null;
        }

        ReadOnlyMemory<byte> dataSlice = Slice(encoded, items, data.Length);
        if (!items.TryReadUInt256(out UInt256 v)
            || !items.TryReadUInt256(out UInt256 r)
            || !items.TryReadUInt256(out UInt256 s)
            || !items.TryEnd())
        {
            return null;
        }

        ulong? chainId = null;
        byte parity;
        if (v == 27 || v == 28)
        {
            parity = (byte)(v.U0 - 27);
        }
        else if (v >= 35)
        {
            UInt256 fromZero = v - 35;
            UInt256 id = fromZero >> 1;
            if (!id.IsUInt64)
            {
                error = TransactionError.ChainIdTooLarge;
                return null;
            }

            chainId = id.U0;
            parity = (byte)(fromZero.U0 & 1);
        }
        else
        {
            error = TransactionError.InvalidSignatureParity;
            return null;
        }

        error = TransactionError.None;
        return new Transaction
        {
            Type = TransactionType.Legacy,
            ChainId = chainId,
            Nonce = nonce,
            GasPrice = gasPrice,
            GasLimit = gasLimit,
            To = to,
            Value = value,
            Data = dataSlice,
            YParity = parity,
            R = r,
            S = s,
        };
    }

    private static Transaction? DecodeTyped(byte[] encoded, TransactionType type, ref TransactionError error)
    {
        error = TransactionError.MalformedRlp;
        if (!RlpReader.TryOpenList(encoded.AsSpan(1), out RlpReader items)) return null;
        if (!items.TryReadUInt256(out UInt256 chainId) || !items.TryReadUInt64(out ulong nonce) || !items.TryReadUInt256(out UInt256 priority)) return null;
        UInt256 maxFee = priority;
        if (type != TransactionType.AccessList && !items.TryReadUInt256(out maxFee)) return null;
        if (!items.TryReadUInt64(out ulong gasLimit)
            || !items.TryReadOptionalAddress(out Address? to)
            || !items.TryReadUInt256(out UInt256 value)
            || !items.TryReadBytes(out ReadOnlySpan<byte> data))
        {
            return null;
        }

        ReadOnlyMemory<byte> dataSlice = Slice(encoded, items, data.Length);
        if (!TryReadAccessList(ref items, out AccessListItem[] accessList))
        {
            error = TransactionError.MalformedAccessList;
            return null;
        }

        UInt256 maxFeePerBlobGas = default;
        Hash256[] blobHashes = [];
        Authorization[] authorizations = [];
        if (type == TransactionType.Blob)
        {
            if (!items.TryReadUInt256(out maxFeePerBlobGas) || !TryReadHashes(ref items, out blobHashes)) return null;
        }
        else if (type == TransactionType.SetCode && !TryReadAuthorizations(ref items, out authorizations))
        {
            error = TransactionError.MalformedAuthorization;
            return null;
        }

        if (!items.TryReadUInt256(out UInt256 parity)
            || !items.TryReadUInt256(out UInt256 r)
            || !items.TryReadUInt256(out UInt256 s)
            || !items.TryEnd())
        {
            return null;
        }

        error = TransactionError.None;
        if (!chainId.IsUInt64) error = TransactionError.ChainIdTooLarge;
        else if (parity > 1) error = TransactionError.InvalidSignatureParity;
        else if (to is null && type is (TransactionType.Blob or TransactionType.SetCode)) error = TransactionError.MissingRecipient;
        if (error != TransactionError.None) return null;
        return new Transaction
        {
            Type = type,
            ChainId = chainId.U0,
            Nonce = nonce,
            MaxFeePerGas = maxFee,
            MaxPriorityFeePerGas = priority,
            GasLimit = gasLimit,
            To = to,
            Value = value,
            Data = dataSlice,
            AccessList = accessList,
            MaxFeePerBlobGas = maxFeePerBlobGas,
            BlobVersionedHashes = blobHashes,
            AuthorizationList = authorizations,
            YParity = (byte)parity.U0,
            R = r,
            S = s,
        };
    }

    private static Transaction? DecodeDeposit(byte[] encoded, ref TransactionError error)
    {
        error = TransactionError.MalformedRlp;
        if (!RlpReader.TryOpenList(encoded.AsSpan(1), out RlpReader items)) return null;
        if (!items.TryReadHash(out Hash256 sourceHash)
            || !items.TryReadAddress(out Address from)
            || !items.TryReadOptionalAddress(out Address? to)
            || !items.TryReadUInt256(out UInt256 mint)
            || !items.TryReadUInt256(out UInt256 value)
            || !items.TryReadUInt64(out ulong gasLimit)
            || !items.TryReadBool(out bool isSystem)
            || !items.TryReadBytes(out ReadOnlySpan<byte> data)
            || !items.TryEnd())
        {
            return null;
        }

        error = TransactionError.None;
        return new Transaction
        {
            Type = TransactionType.Deposit,
            SourceHash = sourceHash,
            From = from,
            To = to,
            Mint = mint.IsZero ? null : mint,
            Value = value,
            GasLimit = gasLimit,
            IsSystemTransaction = isSystem,
            Data = encoded.AsMemory(encoded.Length - data.Length, data.Length),
        };
    }

    private static bool TryReadAccessList(ref RlpReader items, out AccessListItem[] accessList)
    {
        accessList = [];
        if (!items.TryReadList(out RlpReader entries)) return false;
        if (entries.AtEnd) return true;
        var list = new List<AccessListItem>();
        while (!entries.AtEnd)
        {
            if (!entries.TryReadList(out RlpReader entry)
                || !entry.TryReadAddress(out Address address)
                || !TryReadHashes(ref entry, out Hash256[] keys)
                || !entry.TryEnd())
            {
                return false;
            }

            list.Add(new AccessListItem(address, keys));
        }

        accessList = list.ToArray();
        return true;
    }

    private static bool TryReadHashes(ref RlpReader items, out Hash256[] hashes)
    {
        hashes = [];
        if (!items.TryReadList(out RlpReader list)) return false;
        if (list.Rest.Length % 33 != 0) return false;
        var read = new Hash256[list.Rest.Length / 33];
        for (int i = 0; i < read.Length; i++)
        {
            if (!list.TryReadHash(out read[i])) return false;
        }

        hashes = read;
        return list.TryEnd();
    }

    private static bool TryReadAuthorizations(ref RlpReader items, out Authorization[] authorizations)
    {
        authorizations = [];
        if (!items.TryReadList(out RlpReader entries)) return false;
        var list = new List<Authorization>();
        while (!entries.AtEnd)
        {
            if (!entries.TryReadList(out RlpReader entry)
                || !entry.TryReadUInt256(out UInt256 chainId)
                || !entry.TryReadAddress(out Address address)
                || !entry.TryReadUInt64(out ulong nonce)
                || !entry.TryReadUInt64(out ulong parity)
                || parity > 255
                || !entry.TryReadUInt256(out UInt256 r)
                || !entry.TryReadUInt256(out UInt256 s)
                || !entry.TryEnd())
            {
                return false;
            }

            list.Add(new Authorization(chainId, address, nonce, (byte)parity, r, s));
        }

        authorizations = list.ToArray();
        return true;
    }
}
