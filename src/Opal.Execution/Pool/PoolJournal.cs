using Microsoft.Extensions.Logging;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>A file of transactions that outlives the process. Thread-safe.</summary>
/// <remarks>
/// The form is the known client's, so that either can read what the other wrote: one RLP item a transaction, a list for a legacy one and
/// a string with the EIP-2718 encoding for others. Additions are appended; now and then the file is written anew with what the pool still
/// holds. A torn end, as a crash leaves it, is cut off.
/// </remarks>
internal sealed class PoolJournal : IDisposable
{
    private const long MaxAppended = 64L << 20;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly ILogger _logger;
    private FileStream? _file;
    private long _appended;

    /// <param name="path">The file; it and its directory are created when absent.</param>
    /// <param name="logger">Where failures to write are told.</param>
    public PoolJournal(string path, ILogger logger)
    {
        _path = Path.GetFullPath(path);
        _logger = logger;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
    }

    /// <summary>Whether so much was appended that the file should be written anew.</summary>
    public bool IsLong
    {
        get
        {
            lock (_lock) return _appended > MaxAppended;
        }
    }

    /// <summary>Reads what is there, as far as it is whole.</summary>
    /// <param name="lost">Bytes at the end that are no transaction.</param>
    public List<Transaction> Load(out long lost)
    {
        lost = 0;
        List<Transaction> loaded = [];
        if (!File.Exists(_path)) return loaded;
        byte[] bytes = File.ReadAllBytes(_path);
        var reader = new RlpReader(bytes);
        int whole = 0;
        while (!reader.AtEnd)
        {
            ReadOnlySpan<byte> encoded;
            bool read = reader.NextIsList ? reader.TryReadRaw(out encoded) : reader.TryReadBytes(out encoded);
            if (!read || !Transaction.TryDecode(encoded, out Transaction? transaction, out _)) break;
            loaded.Add(transaction!);
            whole = bytes.Length - reader.Rest.Length;
        }

        lost = bytes.Length - whole;
        return loaded;
    }

    /// <summary>Appends a transaction; it is with the operating system when this returns.</summary>
    public void Append(Transaction transaction)
    {
        lock (_lock)
        {
            try
            {
                _file ??= new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
                byte[] item = ItemOf(transaction);
                _file.Write(item);
                _appended += item.Length;
            }
            catch (IOException error)
            {
                _logger.LogError(error, "Transaction {Hash} could not be written to {Path}; it will not outlive this process", transaction.Hash, _path);
                Close();
            }
        }
    }

    /// <summary>Writes the file anew with these transactions. The old file stays until the new one is on the disk.</summary>
    public void Rewrite(IReadOnlyList<Transaction> transactions)
    {
        lock (_lock)
        {
            string fresh = _path + ".new";
            try
            {
                Close();
                using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None))
                {
                    foreach (Transaction transaction in transactions) file.Write(ItemOf(transaction));
                    file.Flush(flushToDisk: true);
                }

                File.Move(fresh, _path, overwrite: true);
                _appended = 0;
            }
            catch (IOException error)
            {
                _logger.LogError(error, "The pool's journal {Path} could not be written anew", _path);
            }
        }
    }

    private static byte[] ItemOf(Transaction transaction)
    {
        if (transaction.Type == TransactionType.Legacy) return transaction.Encoded;
        var writer = new RlpWriter(transaction.Encoded.Length + 9);
        writer.WriteBytes(transaction.Encoded);
        return writer.ToArray();
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_lock) Close();
    }
}
