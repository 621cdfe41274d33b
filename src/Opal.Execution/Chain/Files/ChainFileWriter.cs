using System.IO.Compression;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Writes a file of blocks as <c>geth export</c> does: their RLP one after another, compressed with gzip when the name ends in <c>.gz</c>.</summary>
public sealed class ChainFileWriter : IDisposable
{
    private readonly Stream _stream;

    /// <summary>Creates a file, or goes on at the end of one that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="append">Whether to keep what the file holds already.</param>
    public ChainFileWriter(string path, bool append = false)
    {
        var file = new FileStream(path, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 20);
        _stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new BufferedStream(new GZipStream(file, CompressionLevel.Fastest), 1 << 16) : file;
    }

    /// <summary>Writes a block.</summary>
    public void Write(Block block) => _stream.Write(block.Encode());

    /// <summary>Writes canonical blocks, both bounds included.</summary>
    /// <param name="chain">Where they are.</param>
    /// <param name="from">The first one's number.</param>
    /// <param name="to">The last one's number.</param>
    /// <param name="progress">Told of the number of each block written.</param>
    /// <param name="cancellation">Ends it between two blocks.</param>
    /// <exception cref="ChainFileException">A block in the range is not there.</exception>
    public void WriteRange(Blockchain chain, ulong from, ulong to, Action<ulong>? progress = null, CancellationToken cancellation = default)
    {
        for (ulong number = from; number <= to; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (chain.FindCanonical(number) is not { } block) throw new ChainFileException($"block {number} is not in the chain, which ends at {chain.Head.Number}");
            Write(block.Block);
            progress?.Invoke(number);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
