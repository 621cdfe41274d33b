using System.Buffers.Binary;
using Opal.Batcher;
using Opal.Crypto;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>What channels are made of.</summary>
/// <param name="AsSpan">One span batch a channel; else a singular batch a block.</param>
/// <param name="Compression">How they are compressed.</param>
internal readonly record struct ChannelShape(bool AsSpan, ChannelCompression Compression)
{
    public override string ToString() => $"{(AsSpan ? "span" : "singular")}, {Compression.ToString().ToLowerInvariant()}";
}

/// <summary>Posts L2 blocks to the L1 in memory, a channel of <see cref="ChunkBlocks"/> at a time, each frame in a blob.</summary>
/// <param name="rollup">The rollup.</param>
/// <param name="l1">Where to post.</param>
/// <param name="contents">What the blocks hold.</param>
/// <param name="shape">The channels' shape.</param>
internal sealed class BatchPoster(BenchRollup rollup, BenchL1 l1, BlockContents contents, ChannelShape shape)
{
    /// <summary>L2 blocks of a channel: ten minutes of a chain.</summary>
    public const ulong ChunkBlocks = 300;

    private ulong _channels, _nonce;

    /// <summary>The newest L2 block posted.</summary>
    public ulong Posted { get; private set; }

    /// <summary>The sequenced transactions posted.</summary>
    public long Transactions { get; private set; }

    /// <summary>Bytes of the channels posted.</summary>
    public long PostedBytes { get; private set; }

    /// <summary>What they decompress to.</summary>
    public long ContentBytes { get; private set; }

    /// <summary>Posts the next channel, and mines the L1 blocks that its L2 blocks have as origins.</summary>
    /// <param name="last">No L2 block behind this one is posted.</param>
    /// <param name="hashOf">The hash of an L2 block by its number; of spans only the block before the first is asked for.</param>
    public void PostNext(ulong last, Func<ulong, Hash256> hashOf)
    {
        ulong first = Posted + 1, end = Math.Min(last, Posted + ChunkBlocks);
        l1.MineTo(BenchRollup.OriginOf(end));
        var content = new RlpWriter(65_536);
        var span = new SpanBatchBuilder(rollup.Config);
        for (ulong number = first; number <= end; number++)
        {
            ulong origin = BenchRollup.OriginOf(number);
            IReadOnlyList<byte[]> transactions = contents.Of(number);
            Transactions += transactions.Count;
            var batch = new SingularBatch
            {
                ParentHash = !shape.AsSpan || number == first ? hashOf(number - 1) : default,
                EpochNumber = origin,
                EpochHash = l1.At(origin)!.Hash,
                Timestamp = BenchRollup.GenesisTime + (number * BenchRollup.L2BlockTime),
                Transactions = transactions,
            };
            if (!shape.AsSpan) content.WriteBytes(batch.Encode());
            else if (span.TryAdd(batch, number % BenchRollup.EpochBlocks) is var error and not SpanBuildError.None) throw new InvalidDataException($"block {number} does not fit into a span: {error}");
        }

        if (shape.AsSpan) content.WriteBytes(span.Encode());
        Posted = end;
        byte[] channel = ChannelContent.Compress(content.Written, shape.Compression);
        PostedBytes += channel.Length;
        ContentBytes += content.Length;
        Post(channel);
    }

    private void Post(byte[] channel)
    {
        const int FrameData = BlobCodec.MaxDataLength - 1 - Frame.Overhead;
        Span<byte> name = stackalloc byte[ChannelId.Size];
        BinaryPrimitives.WriteUInt64BigEndian(name, ++_channels);
        var id = new ChannelId(name);
        var hashes = new List<Hash256>();
        for (int at = 0; at < channel.Length; at += FrameData)
        {
            int length = Math.Min(FrameData, channel.Length - at);
            var blob = new byte[BlobCodec.BlobSize];
            byte[] data = FrameCodec.Encode([new Frame(id, (ushort)hashes.Count, channel.AsMemory(at, length), at + length == channel.Length)]);
            if (!BlobCodec.TryEncode(data, blob)) throw new InvalidOperationException("a frame is cut to fit a blob");
            Hash256 hash = Keccak256.Hash(data); // stands for the commitment, which nobody checks here
            l1.AddBlob(hash, blob);
            hashes.Add(hash);
        }

        var transaction = new Transaction
        {
            Type = TransactionType.Blob, ChainId = rollup.Config.L1ChainId, Nonce = _nonce++, To = rollup.Config.BatchInboxAddress, GasLimit = 21_000, BlobVersionedHashes = [.. hashes],
        };
        EcdsaSignature signature = Secp256k1.Sign(transaction.SigningHash(), BenchRollup.BatcherKey);
        l1.Mine(transaction.WithSignature(signature.YParity, signature.R, signature.S));
    }
}
