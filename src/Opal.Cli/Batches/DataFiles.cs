using System.Buffers;
using System.IO.Compression;
using Opal.Cli.EvmTool;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.Batches;

/// <summary>Reads batcher data from files by what they look like: raw or in hexadecimal, packed by gzip or not, or JSON.</summary>
internal sealed class DataFiles(KnownRollup rollup, ICrypto crypto)
{
    private const string Known = "batcher data (first byte 0), a channel, blobs, a signed transaction, or JSON of frames or blobs";

    private static readonly SearchValues<byte> s_hexText = SearchValues.Create("0123456789abcdefABCDEFxX \t\r\n"u8);

    /// <summary>The contents of paths in order: files, folders, .tar.gz archives. Where all of them know their L1 blocks they are put in L1's order.</summary>
    /// <param name="paths">The paths; - is standard input.</param>
    /// <param name="stdin">Standard input.</param>
    public List<InboxTransaction> Read(IReadOnlyList<string> paths, Stream stdin)
    {
        var found = new List<InboxTransaction>();
        foreach (string path in paths)
        {
            if (path == "-") found.AddRange(Parse("standard input", Whole(stdin)));
            else foreach (InputFile file in InputFiles.Read([path], static _ => true)) found.AddRange(file.Problem is { } problem ? [Faulty(file.Name, problem)] : Parse(file.Name, file.Content));
        }

        return found.TrueForAll(static transaction => transaction.Block is not null)
            ? [.. found.OrderBy(static transaction => transaction.Block!.Value.Number).ThenBy(static transaction => transaction.Index)]
            : found;
    }

    /// <summary>The contents of a file.</summary>
    public List<InboxTransaction> Parse(string name, byte[] content)
    {
        if (content is [0x1f, 0x8b, ..])
        {
            try
            {
                using var gzip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
                content = Whole(gzip);
            }
            catch (InvalidDataException error)
            {
                return [Faulty(name, $"the gzip stream is damaged: {error.Message}")];
            }
        }

        ReadOnlySpan<byte> text = content.AsSpan().Trim(" \t\r\n"u8);
        if (text.IsEmpty) return [Faulty(name, "it is empty")];
        if (text[0] is (byte)'{' or (byte)'[') return new DataJson(this, rollup, name).Read(content);
        if (!TryReadHex(text, out List<byte[]> items)) return [OfBytes(name, content)];
        return [.. items.Select((item, i) => OfBytes(items.Count == 1 ? name : $"{name}, line {i + 1}", item))];
    }

    /// <summary>Data in hexadecimal: a line each where lines begin with 0x, else all lines together.</summary>
    private static bool TryReadHex(ReadOnlySpan<byte> text, out List<byte[]> items)
    {
        items = [];
        if (text.ContainsAnyExcept(s_hexText)) return false;
        string[] lines = System.Text.Encoding.ASCII.GetString(text).Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (!Array.TrueForAll(lines, static line => line.StartsWith("0x", StringComparison.OrdinalIgnoreCase))) lines = [string.Concat(lines)];
        foreach (string line in lines)
        {
            if (!Hex.TryDecode(line, out byte[] bytes) || bytes.Length == 0) return false;
            items.Add(bytes);
        }

        return true;
    }

    /// <summary>Data by their first bytes and length.</summary>
    public InboxTransaction OfBytes(string name, byte[] data)
    {
        if (data.Length > 0 && data.Length % BlobCodec.BlobSize == 0) return OfBlobs(name, data.Chunk(BlobCodec.BlobSize));
        if (data is [FrameCodec.Version, ..]) return new InboxTransaction { File = name, Parts = [new DataPart(Carrier.Calldata, data, data.Length)] };
        if (TryReadTransaction(name, data, out InboxTransaction? transaction)) return transaction!;
        return data is [1, ..] || data.Length > 0 && (data[0] & 15) is 8 or 15
            ? new InboxTransaction { File = name, Parts = [new DataPart(Carrier.Channel, data, data.Length)] }
            : Faulty(name, $"its first byte is 0x{data[0]:x2}: it is none of {Known}");
    }

    /// <summary>Blobs of 131,072 bytes.</summary>
    public static InboxTransaction OfBlobs(string name, IEnumerable<byte[]> blobs) =>
        new() { File = name, Parts = [.. blobs.Select(static blob => L1Inbox.BlobPart(blob, null))] };

    /// <summary>A signed transaction. Its data count whoever signed it; who did is shown.</summary>
    public InboxTransaction OfTransaction(string name, Transaction transaction, BlobSidecar? sidecar)
    {
        Address? from = transaction.TryGetSender(crypto, out Address sender) ? sender : null;
        return new InboxTransaction
        {
            File = name,
            Hash = transaction.Hash,
            From = from,
            IsFromBatcher = rollup.Batcher is { } batcher ? from == batcher : null,
            Type = transaction.Type,
            Parts = transaction.Type != TransactionType.Blob ? [new DataPart(Carrier.Calldata, transaction.Data, transaction.Data.Length)]
                : sidecar is not null ? [.. sidecar.Blobs.Select((blob, i) => L1Inbox.BlobPart(blob, transaction.BlobVersionedHashes[i]))]
                : [.. transaction.BlobVersionedHashes.Select(static hash => new DataPart(Carrier.Blob, default, 0, hash, "the blob is not in the file; give its blobs, or read the transaction from L1 with --tx"))],
        };
    }

    private bool TryReadTransaction(string name, byte[] data, out InboxTransaction? transaction)
    {
        transaction = null;
        if (Transaction.TryDecode(data, out Transaction? plain, out _)) transaction = OfTransaction(name, plain!, null);
        else if (PooledTransaction.TryDecode(data, crypto, out PooledTransaction? pooled, out _)) transaction = OfTransaction(name, pooled!.Transaction, pooled.Sidecar);
        return transaction is not null;
    }

    /// <summary>A file that cannot be read.</summary>
    public static InboxTransaction Faulty(string name, string problem) => new() { File = name, Problem = problem };

    private static byte[] Whole(Stream stream)
    {
        using var whole = new MemoryStream();
        stream.CopyTo(whole);
        return whole.ToArray();
    }
}
