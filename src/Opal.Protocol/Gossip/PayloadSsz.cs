using System.Buffers.Binary;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The SSZ encoding of an L2 execution payload, as unsafe blocks are passed on and signed.</summary>
/// <remarks>
/// Spec: protocol/rollup-node-p2p.md#block-encoding; consensus-specs, ExecutionPayload of Bellatrix (version 1), Capella (2), Deneb (3); version 4 has the
/// withdrawals root behind it (protocol/isthmus/exec-engine.md#update-to-executionpayload).
/// </remarks>
public static class PayloadSsz
{
    private const int LegacySize = 508, WithdrawalSize = 44, MaxTransactions = 1 << 20, MaxExtraData = 32, MaxWithdrawals = 16;

    /// <summary>The version that a block of a time has: 1 before Canyon, 2 before Ecotone, 3 before Isthmus, then 4.</summary>
    public static int VersionAt(RollupConfig config, L2Time time) =>
        config.IsActive(OptimismFork.Isthmus, time) ? 4 : config.IsActive(OptimismFork.Ecotone, time) ? 3 : config.IsActive(OptimismFork.Canyon, time) ? 2 : 1;

    /// <summary>Encodes a payload; fields that the version does not have are left out.</summary>
    /// <param name="payload">The payload; what its version needs must be there.</param>
    /// <param name="version">1 to 4.</param>
    public static byte[] Encode(ExecutionPayload payload, int version)
    {
        int fixedSize = FixedSize(version), transactions = 0;
        foreach (byte[] transaction in payload.Transactions) transactions += 4 + transaction.Length;
        int withdrawals = version >= 2 ? (payload.Withdrawals?.Count ?? 0) * WithdrawalSize : 0;
        var encoded = new byte[fixedSize + payload.ExtraData.Length + transactions + withdrawals];
        var writer = new Writer(encoded);
        writer.Put(payload.ParentHash.ToArray());
        writer.Put(payload.FeeRecipient.ToArray());
        writer.Put(payload.StateRoot.ToArray());
        writer.Put(payload.ReceiptsRoot.ToArray());
        writer.Put(payload.LogsBloom.Bytes);
        writer.Put(payload.PrevRandao.ToArray());
        writer.Put(payload.BlockNumber);
        writer.Put(payload.GasLimit);
        writer.Put(payload.GasUsed);
        writer.Put(payload.Timestamp);
        writer.Put((uint)fixedSize);
        writer.Put(LittleEndian(payload.BaseFeePerGas));
        writer.Put(payload.BlockHash.ToArray());
        writer.Put((uint)(fixedSize + payload.ExtraData.Length));
        if (version >= 2) writer.Put((uint)(fixedSize + payload.ExtraData.Length + transactions));
        if (version >= 3)
        {
            writer.Put(payload.BlobGasUsed ?? 0);
            writer.Put(payload.ExcessBlobGas ?? 0);
        }

        if (version >= 4) writer.Put((payload.WithdrawalsRoot ?? default).ToArray());
        writer.Put(payload.ExtraData);
        uint at = (uint)payload.Transactions.Count * 4;
        foreach (byte[] transaction in payload.Transactions)
        {
            writer.Put(at);
            at += (uint)transaction.Length;
        }

        foreach (byte[] transaction in payload.Transactions) writer.Put(transaction);
        if (version < 2) return encoded;
        foreach (Withdrawal withdrawal in payload.Withdrawals ?? [])
        {
            writer.Put(withdrawal.Index);
            writer.Put(withdrawal.ValidatorIndex);
            writer.Put(withdrawal.Address.ToArray());
            writer.Put(withdrawal.AmountGwei);
        }

        return encoded;
    }

    /// <summary>Decodes a payload. Offsets must be those of the one canonical encoding. The block's hash is not checked here.</summary>
    /// <param name="encoded">The bytes.</param>
    /// <param name="version">1 to 4.</param>
    /// <param name="payload">The payload.</param>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, int version, out ExecutionPayload? payload)
    {
        payload = null;
        int fixedSize = FixedSize(version);
        if (encoded.Length < fixedSize) return false;
        uint extra = ReadUInt32(encoded[436..]), transactions = ReadUInt32(encoded[504..]);
        uint withdrawals = version >= 2 ? ReadUInt32(encoded[508..]) : (uint)encoded.Length;
        if (extra != fixedSize || transactions < extra || withdrawals < transactions || withdrawals > encoded.Length || transactions - extra > MaxExtraData) return false;
        if (!TryReadList(encoded[(int)transactions..(int)withdrawals], out byte[][] list)) return false;
        Withdrawal[]? paid = null;
        if (version >= 2 && !TryReadWithdrawals(encoded[(int)withdrawals..], out paid)) return false;
        payload = new ExecutionPayload
        {
            ParentHash = new Hash256(encoded[..32]),
            FeeRecipient = new Address(encoded[32..52]),
            StateRoot = new Hash256(encoded[52..84]),
            ReceiptsRoot = new Hash256(encoded[84..116]),
            LogsBloom = Bloom.FromBytes(encoded[116..372]),
            PrevRandao = new Hash256(encoded[372..404]),
            BlockNumber = ReadUInt64(encoded[404..]),
            GasLimit = ReadUInt64(encoded[412..]),
            GasUsed = ReadUInt64(encoded[420..]),
            Timestamp = ReadUInt64(encoded[428..]),
            ExtraData = encoded[(int)extra..(int)transactions].ToArray(),
            BaseFeePerGas = FromLittleEndian(encoded[440..472]),
            BlockHash = new Hash256(encoded[472..504]),
            Transactions = list,
            Withdrawals = paid,
            BlobGasUsed = version >= 3 ? ReadUInt64(encoded[512..]) : null,
            ExcessBlobGas = version >= 3 ? ReadUInt64(encoded[520..]) : null,
            WithdrawalsRoot = version >= 4 ? new Hash256(encoded[528..560]) : null,
        };
        return true;
    }

    private static int FixedSize(int version) => version switch
    {
        1 => LegacySize,
        2 => LegacySize + 4,
        3 => LegacySize + 4 + 16,
        4 => LegacySize + 4 + 16 + 32,
        _ => throw new ArgumentOutOfRangeException(nameof(version), version, "payload versions are 1 to 4"),
    };

    private static bool TryReadList(ReadOnlySpan<byte> bytes, out byte[][] list)
    {
        list = [];
        if (bytes.IsEmpty) return true;
        if (bytes.Length < 4) return false;
        uint first = ReadUInt32(bytes);
        if (first == 0 || first % 4 != 0 || first > bytes.Length || first / 4 > MaxTransactions) return false;
        var found = new byte[first / 4][];
        uint start = first;
        for (int i = 0; i < found.Length; i++)
        {
            uint end = i + 1 < found.Length ? ReadUInt32(bytes[((i + 1) * 4)..]) : (uint)bytes.Length;
            if (end < start || end > bytes.Length) return false;
            found[i] = bytes[(int)start..(int)end].ToArray();
            start = end;
        }

        list = found;
        return true;
    }

    private static bool TryReadWithdrawals(ReadOnlySpan<byte> bytes, out Withdrawal[]? withdrawals)
    {
        withdrawals = null;
        if (bytes.Length % WithdrawalSize != 0 || bytes.Length / WithdrawalSize > MaxWithdrawals) return false;
        withdrawals = new Withdrawal[bytes.Length / WithdrawalSize];
        for (int i = 0; i < withdrawals.Length; i++)
        {
            ReadOnlySpan<byte> one = bytes.Slice(i * WithdrawalSize, WithdrawalSize);
            withdrawals[i] = new Withdrawal(ReadUInt64(one), ReadUInt64(one[8..]), new Address(one[16..36]), ReadUInt64(one[36..]));
        }

        return true;
    }

    private static byte[] LittleEndian(UInt256 value)
    {
        byte[] bytes = value.ToBigEndianArray();
        Array.Reverse(bytes);
        return bytes;
    }

    private static UInt256 FromLittleEndian(ReadOnlySpan<byte> bytes)
    {
        Span<byte> reversed = stackalloc byte[32];
        bytes.CopyTo(reversed);
        reversed.Reverse();
        return UInt256.FromBigEndian(reversed);
    }

    private static uint ReadUInt32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static ulong ReadUInt64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    private ref struct Writer(Span<byte> rest)
    {
        private Span<byte> _rest = rest;

        public void Put(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_rest);
            _rest = _rest[bytes.Length..];
        }

        public void Put(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_rest, value);
            _rest = _rest[4..];
        }

        public void Put(ulong value)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_rest, value);
            _rest = _rest[8..];
        }
    }
}
