using Opal.Primitives;

namespace Opal.Derivation;

/// <summary>The columns of a span batch's transactions, and how transactions are put together from them.</summary>
internal readonly ref struct SpanTransactions(
    BitList creations,
    BitList parities,
    ReadOnlySpan<byte> signatures,
    ReadOnlySpan<byte> recipients,
    ReadOnlySpan<byte> data,
    ulong[] nonces,
    ulong[] gasLimits,
    BitList protections)
{
    private readonly BitList _creations = creations, _parities = parities, _protections = protections;
    private readonly ReadOnlySpan<byte> _signatures = signatures, _recipients = recipients, _data = data;
    private readonly ulong[]? _nonces = nonces, _gasLimits = gasLimits;

    /// <summary>Takes one transaction's data: a type byte up to 0x7f if there is one, and an RLP list. Type 0 stands for no type byte too.</summary>
    public static bool TryTakeData(ref SpanReader reader, out byte type, out ReadOnlySpan<byte> data)
    {
        type = 0;
        data = default;
        ReadOnlySpan<byte> rest = reader.Rest;
        if (rest.IsEmpty) return false;
        int prefix = 0;
        if (rest[0] <= 0x7f)
        {
            type = rest[0];
            prefix = 1;
        }

        var items = new RlpReader(rest[prefix..]);
        if (!items.NextIsList || !items.TryReadRaw(out ReadOnlySpan<byte> list) || list.Length > SpanBatch.MaxElements) return false;
        return reader.TryReadBytes(prefix + list.Length, out data);
    }

    /// <summary>Puts the transactions together. False: one of them cannot be.</summary>
    public bool TryRebuild(ulong chainId, out byte[][] transactions)
    {
        transactions = [];
        int count = _nonces!.Length;
        var rebuilt = new byte[count][];
        var writer = new RlpWriter(1024);
        var data = new SpanReader(_data);
        int recipient = 0, legacy = 0;
        for (int i = 0; i < count; i++)
        {
            TryTakeData(ref data, out byte type, out ReadOnlySpan<byte> part);
            ReadOnlySpan<byte> to = default;
            if (!_creations[i])
            {
                to = _recipients.Slice(recipient * Address.Size, Address.Size);
                recipient++;
            }

            UInt256 v = _parities[i] ? UInt256.One : UInt256.Zero;
            if (type == 0)
            {
                if (part[0] <= 0x7f) return false; // a written type byte of 0 (V-07)
                v += _protections[legacy++] ? (new UInt256(chainId) * 2) + 35 : new UInt256(27);
            }

            writer.Clear();
            bool ok = type switch
            {
                0 => TryWriteLegacy(writer, part, i, to),
                1 or 2 or 4 => TryWriteTyped(writer, type, part[1..], i, to, chainId),
                _ => false,
            };
            if (!ok) return false;
            rebuilt[i] = Finish(writer, i, v, type);
        }

        transactions = rebuilt;
        return true;
    }

    /// <summary>Writes the signature, closes the list and puts the type byte in front.</summary>
    private byte[] Finish(RlpWriter writer, int index, in UInt256 v, byte type)
    {
        ReadOnlySpan<byte> signature = _signatures.Slice(index * 64, 64);
        writer.WriteUInt256(v);
        writer.WriteUInt256(UInt256.FromBigEndian(signature[..32]));
        writer.WriteUInt256(UInt256.FromBigEndian(signature[32..]));
        writer.EndList(0);
        int prefix = type == 0 ? 0 : 1;
        var transaction = new byte[prefix + writer.Length];
        if (type != 0) transaction[0] = type;
        writer.Written.CopyTo(transaction.AsSpan(prefix));
        return transaction;
    }

    private bool TryWriteLegacy(RlpWriter writer, ReadOnlySpan<byte> data, int index, ReadOnlySpan<byte> to)
    {
        if (!RlpReader.TryOpenList(data, out RlpReader fields)
            || !TryReadInteger(ref fields, int.MaxValue, out ReadOnlySpan<byte> value)
            || !TryReadInteger(ref fields, int.MaxValue, out ReadOnlySpan<byte> gasPrice)
            || !fields.TryReadBytes(out ReadOnlySpan<byte> input)
            || !fields.TryEnd())
        {
            return false;
        }

        writer.WriteUInt64(_nonces![index]);
        writer.WriteBytes(gasPrice);
        writer.WriteUInt64(_gasLimits![index]);
        writer.WriteBytes(to);
        writer.WriteBytes(value);
        writer.WriteBytes(input);
        return true;
    }

    private bool TryWriteTyped(RlpWriter writer, byte type, ReadOnlySpan<byte> data, int index, ReadOnlySpan<byte> to, ulong chainId)
    {
        if (type == 4 && to.IsEmpty) return false;
        int widest = type == 4 ? 32 : int.MaxValue;
        ReadOnlySpan<byte> maxFee = default, authorizations = default;
        if (!RlpReader.TryOpenList(data, out RlpReader fields)
            || !TryReadInteger(ref fields, widest, out ReadOnlySpan<byte> value)
            || !TryReadInteger(ref fields, widest, out ReadOnlySpan<byte> price)
            || (type != 1 && !TryReadInteger(ref fields, widest, out maxFee))
            || !fields.TryReadBytes(out ReadOnlySpan<byte> input)
            || !fields.TryReadRaw(out ReadOnlySpan<byte> accessList)
            || (type == 4 && !fields.TryReadRaw(out authorizations))
            || !fields.TryEnd()
            || !IsAccessList(accessList)
            || (type == 4 && !IsAuthorizationList(authorizations)))
        {
            return false;
        }

        writer.WriteUInt64(chainId);
        writer.WriteUInt64(_nonces![index]);
        writer.WriteBytes(price);
        if (type != 1) writer.WriteBytes(maxFee);
        writer.WriteUInt64(_gasLimits![index]);
        writer.WriteBytes(to);
        writer.WriteBytes(value);
        writer.WriteBytes(input);
        writer.WriteRaw(accessList);
        if (type == 4) writer.WriteRaw(authorizations);
        return true;
    }

    /// <summary>Reads a number without leading zeros; it is not looked at otherwise, whatever its size.</summary>
    private static bool TryReadInteger(scoped ref RlpReader fields, int maxSize, out ReadOnlySpan<byte> bytes) =>
        fields.TryReadBytes(out bytes) && bytes.Length <= maxSize && (bytes.IsEmpty || bytes[0] != 0);

    private static bool IsAccessList(ReadOnlySpan<byte> encoded)
    {
        if (!RlpReader.TryOpenList(encoded, out RlpReader entries)) return false;
        while (!entries.AtEnd)
        {
            if (!entries.TryReadList(out RlpReader entry) || !entry.TryReadAddress(out _) || !entry.TryReadList(out RlpReader keys) || !entry.TryEnd()) return false;
            while (!keys.AtEnd)
            {
                if (!keys.TryReadHash(out _)) return false;
            }
        }

        return true;
    }

    private static bool IsAuthorizationList(ReadOnlySpan<byte> encoded)
    {
        if (!RlpReader.TryOpenList(encoded, out RlpReader entries)) return false;
        while (!entries.AtEnd)
        {
            if (!entries.TryReadList(out RlpReader entry)
                || !entry.TryReadUInt256(out _)
                || !entry.TryReadAddress(out _)
                || !entry.TryReadUInt64(out _)
                || !entry.TryReadUInt64(out ulong parity)
                || parity > byte.MaxValue
                || !entry.TryReadUInt256(out _)
                || !entry.TryReadUInt256(out _)
                || !entry.TryEnd())
            {
                return false;
            }
        }

        return true;
    }
}
