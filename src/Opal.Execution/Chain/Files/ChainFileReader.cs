using System.IO.Compression;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Reads a file of blocks as <c>geth export</c> writes it: their RLP one after another, compressed with gzip when the name ends in <c>.gz</c>.</summary>
public sealed class ChainFileReader : IDisposable
{
    private const int MaxBlockSize = 256 << 20;

    private readonly FileStream _file;
    private readonly Stream _stream;
    private readonly string _path;
    private byte[] _buffer = new byte[1 << 16];
    private long _offset;
    private long _blocks;

    private ChainFileReader(string path, FileStream file)
    {
        _path = path;
        _file = file;
        _stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new BufferedStream(new GZipStream(file, CompressionMode.Decompress), 1 << 16)
            : file;
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="ChainFileException">It is not there or cannot be read.</exception>
    public static ChainFileReader Open(string path)
    {
        try
        {
            return new ChainFileReader(path, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ChainFileException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The file's size in bytes, as it is on disk.</summary>
    public long Length => _file.Length;

    /// <summary>How much of <see cref="Length"/> was read so far, in bytes.</summary>
    public long Position => _file.Position;

    /// <summary>The next block; null at the end.</summary>
    /// <exception cref="ChainFileException">The file ends inside a block, or what comes next is no block.</exception>
    public Block? ReadNext()
    {
        try
        {
            return ReadBlock();
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw new ChainFileException($"{_path} cannot be read after {_blocks} blocks: {error.Message}", error);
        }
    }

    private Block? ReadBlock()
    {
        int first = _stream.ReadByte();
        if (first < 0) return null;
        if (first < 0xc0) throw Fault("no RLP list begins there");
        _buffer[0] = (byte)first;
        int prefix = 1;
        long size = first - 0xc0;
        if (first > 0xf7)
        {
            prefix += first - 0xf7;
            ReadExactly(1, prefix - 1);
            size = 0;
            for (int i = 1; i < prefix; i++)
            {
                if (size >= MaxBlockSize) throw Fault("a block there claims to be larger than any can be");
                size = (size << 8) | _buffer[i];
            }
        }

        if (size > MaxBlockSize) throw Fault("a block there claims to be larger than any can be");
        int length = prefix + (int)size;
        if (_buffer.Length < length) Array.Resize(ref _buffer, Math.Max(length, _buffer.Length * 2));
        ReadExactly(prefix, (int)size);
        if (!Block.TryDecode(_buffer.AsSpan(0, length), out Block? block)) throw Fault("what is there is no block");
        _offset += length;
        _blocks++;
        return block;
    }

    private void ReadExactly(int at, int count)
    {
        if (_stream.ReadAtLeast(_buffer.AsSpan(at, count), count, throwOnEndOfStream: false) < count) throw Fault("the file ends inside a block there");
    }

    private ChainFileException Fault(string problem) => new($"{_path}, block {_blocks} of the file, byte {_offset}: {problem}");

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _file.Dispose();
    }
}
