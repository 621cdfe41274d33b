using System.Text;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>The journal's records as bytes: RLP lists, read strictly.</summary>
internal static class JournalRecords
{
    public static byte[] Write(ClosedChannel channel)
    {
        var to = new RlpWriter(1024 + (int)channel.DataBytes);
        int list = to.BeginList();
        Write(to, channel.Id);
        to.WriteUInt64((ulong)channel.Reason);
        to.WriteBool(channel.AsBlobs);
        to.WriteUInt64((ulong)channel.EstimatedBytes);
        to.WriteUInt64(channel.FirstBlock.Number);
        int blocks = to.BeginList();
        foreach (PostedBlock block in channel.Blocks)
        {
            to.WriteHash(block.Id.Hash);
            to.WriteUInt64(block.Time);
            to.WriteUInt64(block.Origin);
            to.WriteUInt64(block.OriginTime);
            to.WriteBool(block.IsEmpty);
        }

        to.EndList(blocks);
        int frames = to.BeginList();
        foreach (Frame frame in channel.Frames) to.WriteBytes(frame.Data.Span);
        to.EndList(frames);
        to.EndList(list);
        return to.ToArray();
    }

    public static bool TryReadChannel(ReadOnlySpan<byte> payload, out ClosedChannel? channel)
    {
        channel = null;
        if (!RlpReader.TryOpenList(payload, out RlpReader from) || !TryReadId(ref from, out ChannelId id)) return false;
        if (!from.TryReadUInt64(out ulong reason) || !from.TryReadBool(out bool asBlobs) || !from.TryReadUInt64(out ulong estimated) || !from.TryReadUInt64(out ulong number)) return false;
        if (!from.TryReadList(out RlpReader blocks) || !from.TryReadList(out RlpReader frames) || !from.TryEnd()) return false;
        var read = new List<PostedBlock>();
        for (; !blocks.AtEnd; number++)
        {
            if (!blocks.TryReadHash(out Hash256 hash) || !blocks.TryReadUInt64(out ulong time) || !blocks.TryReadUInt64(out ulong origin)) return false;
            if (!blocks.TryReadUInt64(out ulong originTime) || !blocks.TryReadBool(out bool isEmpty)) return false;
            read.Add(new PostedBlock(new BlockId(hash, number), time, origin, originTime, isEmpty));
        }

        var data = new List<byte[]>();
        while (!frames.AtEnd)
        {
            if (!frames.TryReadBytes(out ReadOnlySpan<byte> bytes)) return false;
            data.Add(bytes.ToArray());
        }

        if (read.Count == 0 || data.Count is 0 or > ushort.MaxValue || reason > byte.MaxValue) return false;
        var cut = new Frame[data.Count];
        for (int i = 0; i < cut.Length; i++) cut[i] = new Frame(id, (ushort)i, data[i], i == cut.Length - 1);
        channel = new ClosedChannel(id, [.. read], cut, (ChannelCloseReason)reason, asBlobs, (long)estimated);
        return true;
    }

    public static byte[] WritePlan(in ChannelId channel, SentTransaction transaction)
    {
        var to = new RlpWriter();
        int list = to.BeginList();
        to.WriteUInt64(transaction.Id);
        Write(to, channel);
        to.WriteUInt64((ulong)transaction.FirstFrame);
        to.WriteUInt64((ulong)transaction.FrameCount);
        to.EndList(list);
        return to.ToArray();
    }

    public static bool TryReadPlan(ReadOnlySpan<byte> payload, out ChannelId channel, out SentTransaction? transaction)
    {
        channel = default;
        transaction = null;
        if (!RlpReader.TryOpenList(payload, out RlpReader from) || !from.TryReadUInt64(out ulong id) || !TryReadId(ref from, out channel)) return false;
        if (!from.TryReadUInt64(out ulong first) || !from.TryReadUInt64(out ulong count) || !from.TryEnd() || first > ushort.MaxValue || count is 0 or > ushort.MaxValue) return false;
        transaction = new SentTransaction(id, (int)first, (int)count);
        return true;
    }

    public static byte[] WriteVersion(ulong transaction, in TxVersion version)
    {
        var to = new RlpWriter();
        int list = to.BeginList();
        to.WriteUInt64(transaction);
        to.WriteUInt64(version.Nonce);
        to.WriteHash(version.Hash);
        to.WriteUInt256(version.Fees.Tip);
        to.WriteUInt256(version.Fees.FeeCap);
        to.WriteUInt256(version.Fees.BlobFeeCap);
        to.EndList(list);
        return to.ToArray();
    }

    public static bool TryReadVersion(ReadOnlySpan<byte> payload, out ulong transaction, out TxVersion version)
    {
        transaction = 0;
        version = default;
        if (!RlpReader.TryOpenList(payload, out RlpReader from) || !from.TryReadUInt64(out transaction) || !from.TryReadUInt64(out ulong nonce) || !from.TryReadHash(out Hash256 hash)) return false;
        if (!from.TryReadUInt256(out UInt256 tip) || !from.TryReadUInt256(out UInt256 cap) || !from.TryReadUInt256(out UInt256 blobCap) || !from.TryEnd()) return false;
        version = new TxVersion(nonce, hash, new TxFees(tip, cap, blobCap));
        return true;
    }

    public static byte[] WriteConfirmed(ulong transaction, BlockId included)
    {
        var to = new RlpWriter();
        int list = to.BeginList();
        to.WriteUInt64(transaction);
        to.WriteUInt64(included.Number);
        to.WriteHash(included.Hash);
        to.EndList(list);
        return to.ToArray();
    }

    public static bool TryReadConfirmed(ReadOnlySpan<byte> payload, out ulong transaction, out BlockId included)
    {
        transaction = 0;
        included = default;
        if (!RlpReader.TryOpenList(payload, out RlpReader from) || !from.TryReadUInt64(out transaction) || !from.TryReadUInt64(out ulong number) || !from.TryReadHash(out Hash256 hash) || !from.TryEnd()) return false;
        included = new BlockId(hash, number);
        return true;
    }

    /// <summary>A transaction's number and a reason in words, which only a reader of the file wants.</summary>
    public static byte[] WriteTransaction(ulong transaction, string reason)
    {
        var to = new RlpWriter();
        int list = to.BeginList();
        to.WriteUInt64(transaction);
        to.WriteBytes(Encoding.UTF8.GetBytes(reason));
        to.EndList(list);
        return to.ToArray();
    }

    public static bool TryReadTransaction(ReadOnlySpan<byte> payload, out ulong transaction)
    {
        transaction = 0;
        return RlpReader.TryOpenList(payload, out RlpReader from) && from.TryReadUInt64(out transaction) && from.TryReadBytes(out _) && from.TryEnd();
    }

    public static byte[] WriteEnd(in ChannelId channel, ChannelOutcome outcome, string reason)
    {
        var to = new RlpWriter();
        int list = to.BeginList();
        Write(to, channel);
        to.WriteUInt64((ulong)outcome);
        to.WriteBytes(Encoding.UTF8.GetBytes(reason));
        to.EndList(list);
        return to.ToArray();
    }

    public static bool TryReadEnd(ReadOnlySpan<byte> payload, out ChannelId channel)
    {
        channel = default;
        return RlpReader.TryOpenList(payload, out RlpReader from) && TryReadId(ref from, out channel) && from.TryReadUInt64(out _) && from.TryReadBytes(out _) && from.TryEnd();
    }

    private static void Write(RlpWriter to, in ChannelId id)
    {
        Span<byte> bytes = stackalloc byte[ChannelId.Size];
        id.CopyTo(bytes);
        to.WriteBytes(bytes);
    }

    private static bool TryReadId(ref RlpReader from, out ChannelId id)
    {
        id = default;
        if (!from.TryReadFixed(ChannelId.Size, out ReadOnlySpan<byte> bytes)) return false;
        id = new ChannelId(bytes);
        return true;
    }
}
