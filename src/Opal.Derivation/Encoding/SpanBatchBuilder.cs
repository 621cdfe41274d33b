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
    private readonly ByteWriter _transactionCounts = new();
    private readonly List<bool> _creations = [];
    private readonly List<bool> _parities = [];
    private readonly List<bool> _protections = [];
    private readonly ByteWriter _nonces = new();
    private readonly ByteWriter _gasLimits = new();
    private readonly ByteWriter _signatures = new();
    private readonly ByteWriter _recipients = new();
    private readonly ByteWriter _data = new();
    private readonly RlpWriter _writer = new(1024);
    private Hash256 _parentHash;
    private ulong _firstTimestamp, _lastTimestamp;
    private BlockId _lastEpoch;
    private Mark? _beforeLast;

    /// <summary>The number of blocks so far.</summary>
    public int BlockCount => _originBits.Count;

    /// <summary>The number of transactions so far.</summary>
    public int TransactionCount => _creations.Count;

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

        if (BlockCount == SpanBatch.MaxElements || TransactionCount + block.Transactions.Count > SpanBatch.MaxElements) return SpanBuildError.TooLarge;
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
        _transactionCounts.WriteUvarint((ulong)block.Transactions.Count);
        _beforeLast = before;
        return SpanBuildError.None;
    }

    /// <summary>Takes out the block added last. Only one block can be taken out before another is added.</summary>
    /// <exception cref="InvalidOperationException">There is none, or it was taken out already.</exception>
    public void RemoveLast()
    {
        if (_beforeLast is not { } before) throw new InvalidOperationException("only the block added last can be taken out");
        before.Restore(this);
        _beforeLast = null;
    }

    /// <summary>The bytes that <see cref="Encode()"/> gives.</summary>
    public int EncodedLength =>
        1 + SpanBatchWriter.UvarintLength(_firstTimestamp - config.GenesisL2Time) + SpanBatchWriter.UvarintLength(_lastEpoch.Number) + (2 * HashCheck.Size)
        + SpanBatchWriter.UvarintLength((ulong)BlockCount) + SpanBatchWriter.BytesOfBits(BlockCount) + _transactionCounts.Length + (2 * SpanBatchWriter.BytesOfBits(TransactionCount))
        + _signatures.Length + _recipients.Length + _data.Length + _nonces.Length + _gasLimits.Length + SpanBatchWriter.BytesOfBits(_protections.Count);

    /// <summary>The version byte and the content; at least one block was added.</summary>
    public byte[] Encode()
    {
        var batch = new byte[EncodedLength];
        Encode(batch);
        return batch;
    }

    /// <summary>Writes the version byte and the content; at least one block was added.</summary>
    /// <param name="destination">As many bytes as <see cref="EncodedLength"/> says.</param>
    public void Encode(Span<byte> destination)
    {
        if (BlockCount == 0) throw new InvalidOperationException("a span batch has at least one block");
        var output = new SpanBatchWriter(destination);
        output.Write(SpanBatch.Version);
        output.WriteUvarint(_firstTimestamp - config.GenesisL2Time);
        output.WriteUvarint(_lastEpoch.Number);
        HashCheck.Of(_parentHash).CopyTo(output.Take(HashCheck.Size));
        HashCheck.Of(_lastEpoch.Hash).CopyTo(output.Take(HashCheck.Size));
        output.WriteUvarint((ulong)BlockCount);
        output.WriteBits(_originBits);
        output.Write(_transactionCounts.Written);
        output.WriteBits(_creations);
        output.WriteBits(_parities);
        output.Write(_signatures.Written);
        output.Write(_recipients.Written);
        output.Write(_data.Written);
        output.Write(_nonces.Written);
        output.Write(_gasLimits.Written);
        output.WriteBits(_protections);
        output.End();
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
        _nonces.WriteUvarint(nonce);
        _gasLimits.WriteUvarint(gasLimit);
        _creations.Add(to is null);
        _parities.Add(parity);
        if (to is { } recipient) recipient.CopyTo(_recipients.Take(Address.Size));
        r.WriteBigEndian(_signatures.Take(32));
        s.WriteBigEndian(_signatures.Take(32));
    }

    /// <summary>How long the columns were, and what else a block changes.</summary>
    private readonly struct Mark(SpanBatchBuilder builder)
    {
        private readonly int _blocks = builder.BlockCount, _counts = builder._transactionCounts.Length;
        private readonly int _transactions = builder.TransactionCount, _legacy = builder._protections.Count;
        private readonly int _signatures = builder._signatures.Length, _recipients = builder._recipients.Length, _data = builder._data.Length;
        private readonly int _nonces = builder._nonces.Length, _gasLimits = builder._gasLimits.Length;
        private readonly ulong _lastTimestamp = builder._lastTimestamp;
        private readonly BlockId _lastEpoch = builder._lastEpoch;

        public void Restore(SpanBatchBuilder builder)
        {
            Cut(builder._originBits, _blocks);
            Cut(builder._creations, _transactions);
            Cut(builder._parities, _transactions);
            Cut(builder._protections, _legacy);
            builder._transactionCounts.Truncate(_counts);
            builder._nonces.Truncate(_nonces);
            builder._gasLimits.Truncate(_gasLimits);
            builder._signatures.Truncate(_signatures);
            builder._recipients.Truncate(_recipients);
            builder._data.Truncate(_data);
            builder._lastTimestamp = _lastTimestamp;
            builder._lastEpoch = _lastEpoch;
        }

        private static void Cut(List<bool> bits, int count) => bits.RemoveRange(count, bits.Count - count);
    }
}
