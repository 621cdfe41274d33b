using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Why a block cannot be put into a span batch.</summary>
public enum SpanBuildError : byte
{
    None,
    /// <summary>The block does not come a block time after the one before.</summary>
    NotConsecutive,
    /// <summary>The L1 origin goes back, or forward by more than one.</summary>
    OriginJump,
    /// <summary>A transaction's type cannot be carried.</summary>
    UnsupportedType,
    /// <summary>A transaction does not parse.</summary>
    MalformedTransaction,
    /// <summary>A transaction is signed for another chain.</summary>
    WrongChain,
    /// <summary>There are too many blocks or transactions.</summary>
    TooLarge,
}

/// <summary>Collects consecutive L2 blocks into a span batch (delta/span-batches.md#span-batch-format).</summary>
public sealed class SpanBatchBuilder(RollupConfig config)
{
    private readonly List<bool> _originBits = [];
    private readonly List<int> _transactionCounts = [];
    private readonly List<bool> _creations = [];
    private readonly List<bool> _parities = [];
    private readonly List<bool> _protections = [];
    private readonly List<ulong> _nonces = [];
    private readonly List<ulong> _gasLimits = [];
    private readonly ByteWriter _signatures = new();
    private readonly ByteWriter _recipients = new();
    private readonly ByteWriter _data = new();
    private readonly RlpWriter _writer = new(1024);
    private Hash256 _parentHash;
    private ulong _firstTimestamp, _lastTimestamp;
    private BlockId _lastEpoch;

    /// <summary>The number of blocks so far.</summary>
    public int BlockCount => _originBits.Count;

    /// <summary>Adds a block. On failure nothing of it stays.</summary>
    /// <param name="block">The block.</param>
    /// <param name="sequenceNumber">Its index in its epoch; needed for the first block alone.</param>
    public SpanBuildError TryAdd(SingularBatch block, ulong sequenceNumber)
    {
        bool opensEpoch = sequenceNumber == 0;
        if (BlockCount > 0)
        {
            if (block.Timestamp != _lastTimestamp + config.BlockTimeSeconds) return SpanBuildError.NotConsecutive;
            if (block.EpochNumber < _lastEpoch.Number || block.EpochNumber - _lastEpoch.Number > 1) return SpanBuildError.OriginJump;
            opensEpoch = block.EpochNumber != _lastEpoch.Number;
        }
        else if (block.Timestamp < config.GenesisL2Time)
        {
            return SpanBuildError.NotConsecutive;
        }

        if (BlockCount == SpanBatch.MaxElements || _nonces.Count + block.Transactions.Count > SpanBatch.MaxElements) return SpanBuildError.TooLarge;
        var before = new Mark(this);
        for (int i = 0; i < block.Transactions.Count; i++)
        {
            SpanBuildError error = TryAddTransaction(block.Transactions[i]);
            if (error == SpanBuildError.None) continue;
            before.Restore(this);
            return error;
        }

        if (BlockCount == 0)
        {
            _parentHash = block.ParentHash;
            _firstTimestamp = block.Timestamp;
        }

        _lastTimestamp = block.Timestamp;
        _lastEpoch = block.Epoch;
        _originBits.Add(opensEpoch);
        _transactionCounts.Add(block.Transactions.Count);
        return SpanBuildError.None;
    }

    /// <summary>The version byte and the content; at least one block was added.</summary>
    public byte[] Encode()
    {
        if (BlockCount == 0) throw new InvalidOperationException("a span batch has at least one block");
        var output = new ByteWriter();
        output.Write(SpanBatch.Version);
        output.WriteUvarint(_firstTimestamp - config.GenesisL2Time);
        output.WriteUvarint(_lastEpoch.Number);
        HashCheck.Of(_parentHash).CopyTo(output.Take(HashCheck.Size));
        HashCheck.Of(_lastEpoch.Hash).CopyTo(output.Take(HashCheck.Size));
        output.WriteUvarint((ulong)BlockCount);
        output.WriteBits(_originBits);
        foreach (int count in _transactionCounts) output.WriteUvarint((ulong)count);
        output.WriteBits(_creations);
        output.WriteBits(_parities);
        output.Write(_signatures.Written);
        output.Write(_recipients.Written);
        output.Write(_data.Written);
        foreach (ulong nonce in _nonces) output.WriteUvarint(nonce);
        foreach (ulong gasLimit in _gasLimits) output.WriteUvarint(gasLimit);
        output.WriteBits(_protections);
        return output.ToArray();
    }

    private SpanBuildError TryAddTransaction(ReadOnlySpan<byte> transaction)
    {
        if (transaction.IsEmpty) return SpanBuildError.MalformedTransaction;
        byte type = transaction[0] >= 0xc0 ? (byte)0 : transaction[0];
        if (transaction[0] < 0xc0 && type is not (1 or 2 or 4)) return SpanBuildError.UnsupportedType;
        return type == 0 ? TryAddLegacy(transaction) : TryAddTyped(type, transaction[1..]);
    }

    private SpanBuildError TryAddLegacy(ReadOnlySpan<byte> encoded)
    {
        if (!RlpReader.TryOpenList(encoded, out RlpReader fields)
            || !fields.TryReadUInt64(out ulong nonce)
            || !fields.TryReadRaw(out ReadOnlySpan<byte> gasPrice)
            || !fields.TryReadUInt64(out ulong gasLimit)
            || !fields.TryReadOptionalAddress(out Address? to)
            || !fields.TryReadRaw(out ReadOnlySpan<byte> value)
            || !fields.TryReadRaw(out ReadOnlySpan<byte> data)
            || !fields.TryReadUInt256(out UInt256 v)
            || !fields.TryReadUInt256(out UInt256 r)
            || !fields.TryReadUInt256(out UInt256 s)
            || !fields.TryEnd())
        {
            return SpanBuildError.MalformedTransaction;
        }

        UInt256 protectedBase = (new UInt256(config.L2ChainId) * 2) + 35;
        bool isProtected = v != new UInt256(27) && v != new UInt256(28);
        UInt256 lowest = isProtected ? protectedBase : new UInt256(27);
        if (v != lowest && v != lowest + 1) return SpanBuildError.WrongChain;
        _writer.Clear();
        _writer.WriteRaw(value);
        _writer.WriteRaw(gasPrice);
        _writer.WriteRaw(data);
        _writer.EndList(0);
        _protections.Add(isProtected);
        AddColumns(nonce, gasLimit, to, v != lowest, r, s);
        return SpanBuildError.None;
    }

    private SpanBuildError TryAddTyped(byte type, ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> maxFee = default, authorizations = default;
        if (!RlpReader.TryOpenList(payload, out RlpReader fields)
            || !fields.TryReadUInt256(out UInt256 chainId)
            || !fields.TryReadUInt64(out ulong nonce)
            || !fields.TryReadRaw(out ReadOnlySpan<byte> price)
            || (type != 1 && !fields.TryReadRaw(out maxFee))
            || !fields.TryReadUInt64(out ulong gasLimit)
            || !fields.TryReadOptionalAddress(out Address? to)
            || !fields.TryReadRaw(out ReadOnlySpan<byte> value)
            || !fields.TryReadRaw(out ReadOnlySpan<byte> data)
            || !fields.TryReadRaw(out ReadOnlySpan<byte> accessList)
            || (type == 4 && !fields.TryReadRaw(out authorizations))
            || !fields.TryReadBool(out bool parity)
            || !fields.TryReadUInt256(out UInt256 r)
            || !fields.TryReadUInt256(out UInt256 s)
            || !fields.TryEnd()
            || (type == 4 && to is null))
        {
            return SpanBuildError.MalformedTransaction;
        }

        if (chainId != new UInt256(config.L2ChainId)) return SpanBuildError.WrongChain;
        _writer.Clear();
        _writer.WriteRaw(value);
        _writer.WriteRaw(price);
        _writer.WriteRaw(maxFee);
        _writer.WriteRaw(data);
        _writer.WriteRaw(accessList);
        _writer.WriteRaw(authorizations);
        _writer.EndList(0);
        _data.Write(type);
        AddColumns(nonce, gasLimit, to, parity, r, s);
        return SpanBuildError.None;
    }

    private void AddColumns(ulong nonce, ulong gasLimit, Address? to, bool parity, in UInt256 r, in UInt256 s)
    {
        _data.Write(_writer.Written);
        _nonces.Add(nonce);
        _gasLimits.Add(gasLimit);
        _creations.Add(to is null);
        _parities.Add(parity);
        if (to is { } recipient) recipient.CopyTo(_recipients.Take(Address.Size));
        r.WriteBigEndian(_signatures.Take(32));
        s.WriteBigEndian(_signatures.Take(32));
    }

    /// <summary>How long the columns were.</summary>
    private readonly struct Mark(SpanBatchBuilder builder)
    {
        private readonly int _transactions = builder._nonces.Count, _legacy = builder._protections.Count;
        private readonly int _signatures = builder._signatures.Length, _recipients = builder._recipients.Length, _data = builder._data.Length;

        public void Restore(SpanBatchBuilder builder)
        {
            int added = builder._nonces.Count - _transactions;
            builder._nonces.RemoveRange(_transactions, added);
            builder._gasLimits.RemoveRange(_transactions, added);
            builder._creations.RemoveRange(_transactions, added);
            builder._parities.RemoveRange(_transactions, added);
            builder._protections.RemoveRange(_legacy, builder._protections.Count - _legacy);
            builder._signatures.Truncate(_signatures);
            builder._recipients.Truncate(_recipients);
            builder._data.Truncate(_data);
        }
    }
}
