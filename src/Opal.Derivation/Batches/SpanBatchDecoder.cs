using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>How far the decoding of a span batch came.</summary>
public enum SpanDecodeResult : byte
{
    /// <summary>All is well.</summary>
    Decoded,
    /// <summary>The raw fields do not parse: the rest of the channel is unreadable too (D-CR-08).</summary>
    Malformed,
    /// <summary>The raw fields are well, but a transaction cannot be rebuilt: only this batch is lost (D-CR-09).</summary>
    NotRebuildable,
}

/// <summary>Decodes span batches (delta/span-batches.md#span-batch-format).</summary>
public static class SpanBatchDecoder
{
    private const int SignatureSize = 64;

    /// <summary>Decodes the content behind the version byte. Bytes behind it are ignored.</summary>
    public static SpanDecodeResult Decode(ReadOnlySpan<byte> content, RollupConfig config, out SpanBatch? batch)
    {
        batch = null;
        var reader = new SpanReader(content);
        if (!reader.TryReadUvarint(out ulong relativeTimestamp)
            || !reader.TryReadUvarint(out ulong lastOrigin)
            || !reader.TryReadBytes(HashCheck.Size, out ReadOnlySpan<byte> parentCheck)
            || !reader.TryReadBytes(HashCheck.Size, out ReadOnlySpan<byte> originCheck)
            || !reader.TryReadUvarint(out ulong blockCount)
            || blockCount is 0 or > SpanBatch.MaxElements
            || !reader.TryReadBits((int)blockCount, out BitList originBits)
            || !TryReadTransactionCounts(ref reader, (int)blockCount, out int[] transactionEnds)
            || !TryReadTransactions(ref reader, transactionEnds[^1], out SpanTransactions transactions))
        {
            return SpanDecodeResult.Malformed;
        }

        var epochs = new ulong[(int)blockCount];
        ulong epoch = lastOrigin;
        for (int i = epochs.Length - 1; i >= 0; i--)
        {
            epochs[i] = epoch;
            if (i > 0 && originBits[i]) epoch = unchecked(epoch - 1);
        }

        if (!transactions.TryRebuild(config.L2ChainId, out byte[][] rebuilt)) return SpanDecodeResult.NotRebuildable;
        batch = new SpanBatch(
            new HashCheck(parentCheck),
            new HashCheck(originCheck),
            unchecked(config.GenesisL2Time + relativeTimestamp),
            config.BlockTimeSeconds,
            epochs,
            transactionEnds,
            rebuilt);
        return SpanDecodeResult.Decoded;
    }

    private static bool TryReadTransactionCounts(ref SpanReader reader, int blockCount, out int[] ends)
    {
        ends = [];
        if (blockCount > reader.Rest.Length) return false; // a count takes at least a byte
        var read = new int[blockCount];
        ulong total = 0;
        for (int i = 0; i < blockCount; i++)
        {
            if (!reader.TryReadUvarint(out ulong count) || count > SpanBatch.MaxElements) return false;
            total += count;
            if (total > SpanBatch.MaxElements) return false;
            read[i] = (int)total;
        }

        ends = read;
        return true;
    }

    private static bool TryReadTransactions(ref SpanReader reader, int count, out SpanTransactions transactions)
    {
        transactions = default;
        if (!reader.TryReadBits(count, out BitList creations)
            || !reader.TryReadBits(count, out BitList parities)
            || !reader.TryReadBytes(count * SignatureSize, out ReadOnlySpan<byte> signatures)
            || !reader.TryReadBytes((count - creations.CountOnes()) * Address.Size, out ReadOnlySpan<byte> recipients))
        {
            return false;
        }

        ReadOnlySpan<byte> data = reader.Rest;
        int legacyCount = 0;
        for (int i = 0; i < count; i++)
        {
            if (!SpanTransactions.TryTakeData(ref reader, out byte type, out _)) return false;
            if (type == 0) legacyCount++;
        }

        data = data[..^reader.Rest.Length];
        var nonces = new ulong[count];
        var gasLimits = new ulong[count];
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryReadUvarint(out nonces[i])) return false;
        }

        for (int i = 0; i < count; i++)
        {
            if (!reader.TryReadUvarint(out gasLimits[i])) return false;
        }

        if (!reader.TryReadBits(legacyCount, out BitList protections)) return false;
        transactions = new SpanTransactions(creations, parities, signatures, recipients, data, nonces, gasLimits, protections);
        return true;
    }
}
