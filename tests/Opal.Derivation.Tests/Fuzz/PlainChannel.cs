using System.Numerics;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation.Tests;

/// <summary>Plain readings of what batchers and L1 contracts write, one step after the other as the texts have it.</summary>
internal static class PlainChannel
{
    /// <summary>A singular batch's list, encoded again; null when it is none.</summary>
    public static byte[]? Singular(byte[] content)
    {
        try
        {
            int at = 0;
            PlainRlp tree = PlainRlp.Read(content, ref at); // bytes behind are ignored
            List<PlainRlp> fields = tree.Elements(5);
            fields[0].Fixed(32);
            fields[1].Number(8);
            fields[2].Fixed(32);
            fields[3].Number(8);
            foreach (PlainRlp transaction in fields[4].Elements()) transaction.Text();
            return tree.Encode();
        }
        catch (PlainRlp.Malformed)
        {
            return null;
        }
    }

    /// <summary>The frames, each in a line; null when the item is rejected.</summary>
    public static List<string>? Frames(byte[] item)
    {
        if (item.Length < 2 || item[0] != 0) return null;
        var frames = new List<string>();
        for (int at = 1; at < item.Length;)
        {
            if (item.Length - at < 22) return null;
            BigInteger number = Big(item, at + 16, 2), length = Big(item, at + 18, 4);
            if (length > 1_000_000 || at + 22 + length + 1 > item.Length) return null;
            int end = at + 22 + (int)length;
            if (item[end] > 1) return null;
            frames.Add($"{Hex.Encode(item.AsSpan(at, 16))} {number} {Hex.Encode(item.AsSpan(at + 22, (int)length))} {item[end] == 1}");
            at = end + 1;
        }

        return frames;
    }

    private static BigInteger Big(byte[] data, int at, int count) => new(data.AsSpan(at, count), isUnsigned: true, isBigEndian: true);

    /// <summary>The batches of a channel's content, and whether it was read to its end.</summary>
    public static (List<string> Batches, bool Whole) Read(byte[] content, RollupConfig config)
    {
        var batches = new List<string>();
        for (int at = 0; at < content.Length;)
        {
            byte[] item;
            try
            {
                (bool isList, int start, long length) = PlainRlp.Header(content, at);
                if (isList || length == 0 || start + length > content.Length) return (batches, false);
                item = content[start..(int)(start + length)];
                at = (int)(start + length);
            }
            catch (PlainRlp.Malformed)
            {
                return (batches, false);
            }

            switch (item[0])
            {
                case 0:
                    if (Singular(item[1..]) is not { } singular) return (batches, false);
                    batches.Add(Hex.Encode(singular));
                    break;
                case 1:
                    PlainSpan.Result span = PlainSpan.Decode(item[1..], config);
                    if (span.Verdict == SpanDecodeResult.Malformed) return (batches, false);
                    if (span.Verdict == SpanDecodeResult.Decoded) batches.Add(Describe(span.FirstTime, span.Epochs, [.. span.Blocks.SelectMany(static block => block)]));
                    break;
                default:
                    return (batches, false);
            }
        }

        return (batches, true);
    }

    public static string Describe(ulong time, IReadOnlyList<ulong> epochs, IReadOnlyList<byte[]> transactions) =>
        $"{time} {string.Join(',', epochs)} {string.Join(',', transactions.Select(static transaction => Hex.Encode(transaction)))}";

    /// <summary>The data that a blob's length speaks of; null when it speaks of too many.</summary>
    public static byte[]? BlobData(byte[] blob)
    {
        var content = new List<byte>();
        for (int round = 0; round < 1024; round++)
        {
            ReadOnlySpan<byte> e = blob.AsSpan(round * 128, 128);
            int x = (e[0] & 0x3f) | ((e[32] & 0x30) << 2), y = (e[32] & 0x0f) | ((e[96] & 0x0f) << 4), z = (e[64] & 0x3f) | ((e[96] & 0x30) << 2);
            content.AddRange([.. e[1..32], (byte)x, .. e[33..64], (byte)y, .. e[65..96], (byte)z, .. e[97..128]]);
        }

        int length = (content[1] << 16) | (content[2] << 8) | content[3];
        return length <= 130_044 ? [.. content[4..(4 + length)]] : null;
    }

    /// <summary>Whether a log is an update that changes the config or the signer.</summary>
    public static bool IsUpdate(LogEntry log, bool ecotone)
    {
        if (log.Topics.Length != 3 || log.Topics[0] != SystemConfigUpdates.Topic || !log.Topics[1].IsZero) return false;
        BigInteger type = Big(log.Topics[2].ToArray(), 0, 32);
        if (type > 7) return false;
        int words = type == 1 ? 2 : 1;
        if (log.Data.Length != 64 + (32 * words) || Big(log.Data, 0, 32) != 32 || Big(log.Data, 32, 32) != 32 * words) return false;
        BigInteger word = Big(log.Data, 64, 32);
        switch ((int)type)
        {
            case 0 or 3: return word < BigInteger.One << 160;
            case 1:
                // version, 23 zero bytes, two scalars; the first of them only in version 1
                return !ecotone || (log.Data[96] <= 1 && Big(log.Data, 97, 23).IsZero && (log.Data[96] == 1 || Big(log.Data, 120, 4).IsZero));
            case 4:
                return word < BigInteger.One << 64 && Big(log.Data, 88, 4).IsZero == Big(log.Data, 92, 4).IsZero;
            case 5: return true;
            case 7: return word < 65_536;
            default: return word < BigInteger.One << 64;
        }
    }

    /// <summary>Whether a log is a deposit.</summary>
    public static bool IsDeposit(LogEntry log)
    {
        if (log.Topics.Length != 4 || log.Topics[0] != DepositEvents.Topic || !log.Topics[3].IsZero) return false;
        if (!Big(log.Topics[1].ToArray(), 0, 12).IsZero || !Big(log.Topics[2].ToArray(), 0, 12).IsZero) return false;
        if (log.Data.Length < 64 || log.Data.Length % 32 != 0 || Big(log.Data, 0, 32) != 32) return false;
        BigInteger length = Big(log.Data, 32, 32), padded = (length + 31) / 32 * 32;
        return length >= 73 && padded == log.Data.Length - 64;
    }
}

/// <summary>The channel reader alone, in an L1 block of a rollup.</summary>
internal sealed class ReaderKit : IChannelSource
{
    private readonly RecordingObserver _observer = new();
    private readonly ChannelReader _reader;
    private byte[]? _channel;

    public ReaderKit(RollupConfig config)
    {
        var traversal = new L1Traversal(config, new Exchange(), _observer);
        traversal.Reset(new L1BlockRef(default, 9, default, config.GenesisL2Time + 100), config.GenesisSystemConfig);
        _reader = new ChannelReader(config, traversal, _observer) { Source = this };
    }

    public Pull Next(out RawChannel channel)
    {
        channel = default;
        if (_channel is null) return Pull.Starved;
        channel = new RawChannel(default, _channel, []);
        _channel = null;
        return Pull.Yielded;
    }

    public void Reset() => _channel = null;

    /// <summary>The batches of a channel and the rule that ended it.</summary>
    public (List<string> Batches, ChannelRule Rule) Read(byte[] channel)
    {
        _channel = channel;
        _observer.Channels.Clear();
        _observer.Batches.Clear();
        var batches = new List<string>();
        while (true)
        {
            switch (_reader.Next(out Batch batch))
            {
                case Pull.Yielded when batch.Span is { } span:
                    ulong[] epochs = [.. Enumerable.Range(0, span.BlockCount).Select(span.EpochOf)];
                    byte[][] transactions = [.. Enumerable.Range(0, span.BlockCount).SelectMany(block => span.TransactionsOf(block).ToArray())];
                    batches.Add(PlainChannel.Describe(span.Timestamp, epochs, transactions));
                    break;
                case Pull.Yielded:
                    batches.Add(Hex.Encode(batch.Singular!.Encode().AsSpan(1)));
                    break;
                case Pull.Starved:
                    return (batches, _observer.Channels.Count == 0 ? ChannelRule.None : _observer.Channels[0]);
            }
        }
    }
}
