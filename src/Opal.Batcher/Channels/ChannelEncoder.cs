using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Encodes blocks into singular or span batches as they come, and compresses them when it is asked.</summary>
/// <remarks>
/// The first block decides over the form: forks are asked with the time of its L1 origin, which no L1 block that carries the channel is older than.
/// So nothing is written in a form whose fork is not active yet where it is read. Spec: derivation.md#channel-format, fjord/derivation.md.
/// </remarks>
public sealed class ChannelEncoder : IChannelEncoder
{
    /// <summary>
    /// What a channel decompresses to at most, where the protocol allows more (100,000,000 from Fjord on): beyond it a channel takes much memory and
    /// time and saves nothing.
    /// </summary>
    private const int LargestContent = 32_000_000;

    /// <summary>What a batch has besides its transactions, at most, and what compression may add to bytes that do not compress.</summary>
    private const int BatchOverhead = 100;

    private readonly RollupConfig _config;
    private readonly BatcherOptions _options;
    private IBatchStream? _stream;
    private ChannelCompression _compression;
    private byte[]? _compressed;

    /// <summary>An empty channel.</summary>
    /// <param name="config">The rollup.</param>
    /// <param name="options">The kind of batches and the compression.</param>
    public ChannelEncoder(RollupConfig config, BatcherOptions options)
    {
        _config = config;
        _options = options;
    }

    /// <inheritdoc/>
    public int ContentBytes => _stream?.Length ?? 0;

    /// <inheritdoc/>
    public int MaxContentBytes { get; private set; } = LargestContent;

    /// <inheritdoc/>
    public int Add(Block block)
    {
        int bound = 0;
        foreach (Transaction transaction in block.Transactions)
        {
            if (transaction.Type != TransactionType.Deposit) bound += Math.Min(transaction.FastLzSize, transaction.Encoded.Length);
        }

        return Add(ChannelBlock.Of(block), bound);
    }

    /// <summary>Adds a block of which only the batch is known.</summary>
    /// <returns>As <see cref="Add(Block)"/>.</returns>
    public int Add(in ChannelBlock block)
    {
        int bound = 0;
        foreach (byte[] transaction in block.Batch.Transactions) bound += Math.Min(FastLz.CompressedLength(transaction), transaction.Length);
        return Add(block, bound);
    }

    /// <param name="block">The block.</param>
    /// <param name="compressed">What its transactions compress to each for itself, by a weaker compression than any used here.</param>
    private int Add(in ChannelBlock block, int compressed)
    {
        _stream ??= Begin(block.OriginTime);
        _compressed = null;
        int before = _stream.Length;
        _stream.Add(block);
        int grown = _stream.Length - before;
        if (_options.Compressor == ChannelCompressor.None) return ChannelContent.StoredBound(grown);
        return Math.Min(compressed + (2 * block.Batch.Transactions.Count) + BatchOverhead, ChannelContent.StoredBound(grown));
    }

    private IBatchStream Begin(ulong originTime)
    {
        var inclusion = new L1InclusionTime(originTime);
        MaxContentBytes = Math.Min(LargestContent, DerivationParameters.MaxRlpBytesPerChannel(_config, inclusion));
        _compression = _config.IsActive(OptimismFork.Fjord, inclusion) ? _options.Compression : ChannelCompression.Zlib;
        bool asSpan = _options.BatchType == BatchType.Span && _config.IsActive(OptimismFork.Delta, new L1OriginTime(originTime));
        return asSpan ? new SpanStream(_config, _options.MaxBlocksPerSpanBatch) : new SingularStream();
    }

    /// <inheritdoc/>
    public void RemoveLast()
    {
        if (_stream is null) throw new InvalidOperationException("nothing was added");
        _stream.RemoveLast();
        _compressed = null;
    }

    /// <inheritdoc/>
    public int Estimate()
    {
        ReadOnlySpan<byte> content = _stream is null ? default : _stream.Content;
        return _options.Compressor == ChannelCompressor.None ? ChannelContent.StoredBound(content.Length) : ChannelContent.EstimateLength(content, _compression);
    }

    /// <inheritdoc/>
    public byte[] Compress() => _compressed ??= CompressNow();

    private byte[] CompressNow()
    {
        ReadOnlySpan<byte> content = _stream is null ? default : _stream.Content;
        return _options.Compressor == ChannelCompressor.None ? ChannelContent.Store(content) : ChannelContent.Compress(content, _compression, _options.BrotliQuality);
    }
}
