using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>A block header, immutable once built. The hash is computed once and kept.</summary>
/// <remarks>Wire: the RLP list of the fields in the order they stand here; the optional ones are absent from the end. Times are in seconds, amounts in wei.</remarks>
public sealed class BlockHeader
{
    private Cached? _cached;

    private sealed class Cached(byte[] encoded, Hash256 hash)
    {
        internal readonly byte[] Encoded = encoded;
        internal readonly Hash256 Hash = hash;
    }

    /// <summary>The parent's hash.</summary>
    public Hash256 ParentHash { get; init; }

    /// <summary>keccak256(rlp(ommers)); always that of the empty list after the merge.</summary>
    public Hash256 OmmersHash { get; init; } = Hash256.EmptyList;

    /// <summary>The fee recipient.</summary>
    public Address Beneficiary { get; init; }

    /// <summary>The root of the state after the block.</summary>
    public Hash256 StateRoot { get; init; }

    /// <summary>The root of the transactions trie.</summary>
    public Hash256 TransactionsRoot { get; init; }

    /// <summary>The root of the receipts trie.</summary>
    public Hash256 ReceiptsRoot { get; init; }

    /// <summary>The union of the receipts' bloom filters.</summary>
    public Bloom LogsBloom { get; init; } = Bloom.Empty;

    /// <summary>Zero after the merge.</summary>
    public UInt256 Difficulty { get; init; }

    /// <summary>The block number.</summary>
    public ulong Number { get; init; }

    /// <summary>The gas limit.</summary>
    public ulong GasLimit { get; init; }

    /// <summary>The gas used.</summary>
    public ulong GasUsed { get; init; }

    /// <summary>Seconds since the Unix epoch.</summary>
    public ulong Timestamp { get; init; }

    /// <summary>Free bytes on L1; on L2 the fee market's parameters from Holocene on (<see cref="Eip1559ExtraData"/>).</summary>
    public byte[] ExtraData { get; init; } = [];

    /// <summary>PREVRANDAO after the merge.</summary>
    public Hash256 MixHash { get; init; }

    /// <summary>Zero after the merge.</summary>
    public ulong Nonce { get; init; }

    /// <summary>EIP-1559's base fee; from London on.</summary>
    public UInt256? BaseFeePerGas { get; init; }

    /// <summary>The root of the withdrawals trie (EIP-4895); on L2 from Isthmus on the storage root of the L2ToL1MessagePasser.</summary>
    public Hash256? WithdrawalsRoot { get; init; }

    /// <summary>Blob gas used (EIP-4844); on L2 zero, from Jovian on the block's DA footprint.</summary>
    public ulong? BlobGasUsed { get; init; }

    /// <summary>Excess blob gas (EIP-4844); zero on L2.</summary>
    public ulong? ExcessBlobGas { get; init; }

    /// <summary>The parent beacon block's root (EIP-4788); on L2 that of the L1 origin.</summary>
    public Hash256? ParentBeaconBlockRoot { get; init; }

    /// <summary>The commitment to the requests (EIP-7685); sha256 of nothing on L2.</summary>
    public Hash256? RequestsHash { get; init; }

    /// <summary>keccak256 of the encoding.</summary>
    public Hash256 Hash => GetCached().Hash;

    /// <summary>Hash and number.</summary>
    public BlockId Id => new(Hash, Number);

    /// <summary>The RLP encoding; the caller does not change it.</summary>
    public byte[] Encode() => GetCached().Encoded;

    private Cached GetCached()
    {
        Cached? known = _cached;
        if (known is null)
        {
            var writer = new RlpWriter(700);
            Write(writer);
            byte[] encoded = writer.ToArray();
            _cached = known = new Cached(encoded, Keccak256.Hash(encoded));
        }

        return known;
    }

    private void Write(RlpWriter writer)
    {
        int list = writer.BeginList();
        writer.WriteHash(ParentHash);
        writer.WriteHash(OmmersHash);
        writer.WriteAddress(Beneficiary);
        writer.WriteHash(StateRoot);
        writer.WriteHash(TransactionsRoot);
        writer.WriteHash(ReceiptsRoot);
        writer.WriteBytes(LogsBloom.Bytes);
        writer.WriteUInt256(Difficulty);
        writer.WriteUInt64(Number);
        writer.WriteUInt64(GasLimit);
        writer.WriteUInt64(GasUsed);
        writer.WriteUInt64(Timestamp);
        writer.WriteBytes(ExtraData);
        writer.WriteHash(MixHash);
        Span<byte> nonce = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(nonce, Nonce);
        writer.WriteBytes(nonce);
        if (BaseFeePerGas is { } baseFee) writer.WriteUInt256(baseFee);
        if (WithdrawalsRoot is { } withdrawals) writer.WriteHash(withdrawals);
        if (BlobGasUsed is { } blobGas) writer.WriteUInt64(blobGas);
        if (ExcessBlobGas is { } excess) writer.WriteUInt64(excess);
        if (ParentBeaconBlockRoot is { } beacon) writer.WriteHash(beacon);
        if (RequestsHash is { } requests) writer.WriteHash(requests);
        writer.EndList(list);
    }

    /// <summary>Decodes a header and nothing else.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out BlockHeader? header)
    {
        var items = new RlpReader(encoded);
        return TryRead(ref items, out header) && items.AtEnd;
    }

    /// <summary>Reads one header.</summary>
    public static bool TryRead(ref RlpReader items, out BlockHeader? header)
    {
        header = null;
        if (!items.NextIsList || !items.TryReadRaw(out ReadOnlySpan<byte> encoding) || !RlpReader.TryOpenList(encoding, out RlpReader fields)) return false;
        if (!fields.TryReadHash(out Hash256 parentHash)
            || !fields.TryReadHash(out Hash256 ommersHash)
            || !fields.TryReadAddress(out Address beneficiary)
            || !fields.TryReadHash(out Hash256 stateRoot)
            || !fields.TryReadHash(out Hash256 transactionsRoot)
            || !fields.TryReadHash(out Hash256 receiptsRoot)
            || !fields.TryReadFixed(Bloom.Size, out ReadOnlySpan<byte> bloom)
            || !fields.TryReadUInt256(out UInt256 difficulty)
            || !fields.TryReadUInt64(out ulong number)
            || !fields.TryReadUInt64(out ulong gasLimit)
            || !fields.TryReadUInt64(out ulong gasUsed)
            || !fields.TryReadUInt64(out ulong timestamp)
            || !fields.TryReadBytes(out ReadOnlySpan<byte> extraData)
            || !fields.TryReadHash(out Hash256 mixHash)
            || !fields.TryReadFixed(8, out ReadOnlySpan<byte> nonce))
        {
            return false;
        }

        UInt256? baseFee = null;
        Hash256? withdrawalsRoot = null, beaconRoot = null, requestsHash = null;
        ulong? blobGasUsed = null, excessBlobGas = null;
        if (!fields.AtEnd)
        {
            if (!fields.TryReadUInt256(out UInt256 read)) return false;
            baseFee = read;
        }

        if (!fields.AtEnd)
        {
            if (!fields.TryReadHash(out Hash256 read)) return false;
            withdrawalsRoot = read;
        }

        if (!fields.AtEnd)
        {
            if (!fields.TryReadUInt64(out ulong read)) return false;
            blobGasUsed = read;
        }

        if (!fields.AtEnd)
        {
            if (!fields.TryReadUInt64(out ulong read)) return false;
            excessBlobGas = read;
        }

        if (!fields.AtEnd)
        {
            if (!fields.TryReadHash(out Hash256 read)) return false;
            beaconRoot = read;
        }

        if (!fields.AtEnd)
        {
            if (!fields.TryReadHash(out Hash256 read)) return false;
            requestsHash = read;
        }

        if (!fields.TryEnd()) return false;
        header = new BlockHeader
        {
            ParentHash = parentHash,
            OmmersHash = ommersHash,
            Beneficiary = beneficiary,
            StateRoot = stateRoot,
            TransactionsRoot = transactionsRoot,
            ReceiptsRoot = receiptsRoot,
            LogsBloom = Bloom.FromBytes(bloom),
            Difficulty = difficulty,
            Number = number,
            GasLimit = gasLimit,
            GasUsed = gasUsed,
            Timestamp = timestamp,
            ExtraData = extraData.ToArray(),
            MixHash = mixHash,
            Nonce = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(nonce),
            BaseFeePerGas = baseFee,
            WithdrawalsRoot = withdrawalsRoot,
            BlobGasUsed = blobGasUsed,
            ExcessBlobGas = excessBlobGas,
            ParentBeaconBlockRoot = beaconRoot,
            RequestsHash = requestsHash,
            _cached = new Cached(encoding.ToArray(), Keccak256.Hash(encoding)),
        };
        return true;
    }
}
