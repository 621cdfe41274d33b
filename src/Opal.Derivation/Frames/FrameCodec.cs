using System.Buffers.Binary;

namespace Opal.Derivation;

/// <summary>Reads and writes the data of batcher transactions: a version byte and frames (derivation.md#batcher-transaction-format).</summary>
public static class FrameCodec
{
    /// <summary>The version byte of batcher data made of frames.</summary>
    public const byte Version = 0;

    /// <summary>Reads all frames. One bad frame rejects the whole: cases D-FR-01 to 06.</summary>
    /// <param name="data">Version byte and frames.</param>
    /// <param name="frames">Takes the frames, whose data are slices of <paramref name="data"/>; left as it was on failure.</param>
    /// <param name="rule">Why not.</param>
    public static bool TryParseAll(ReadOnlyMemory<byte> data, List<Frame> frames, out DataRule rule)
    {
        rule = Check(data.Span);
        if (rule != DataRule.None) return false;
        int before = frames.Count;
        ReadOnlyMemory<byte> rest = data[1..];
        while (!rest.IsEmpty)
        {
            rule = Parse(ref rest, out Frame frame);
            if (rule != DataRule.None)
            {
                frames.RemoveRange(before, frames.Count - before);
                return false;
            }

            frames.Add(frame);
        }

        return true;
    }

    private static DataRule Check(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return DataRule.Empty;
        if (data[0] != Version) return DataRule.UnknownVersion;
        return data.Length == 1 ? DataRule.NoFrames : DataRule.None;
    }

    private static DataRule Parse(ref ReadOnlyMemory<byte> rest, out Frame frame)
    {
        frame = default;
        ReadOnlySpan<byte> bytes = rest.Span;
        if (bytes.Length < ChannelId.Size + 6) return DataRule.TruncatedFrame;
        ushort number = BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes[18..]);
        if (length > Frame.MaxDataLength) return DataRule.FrameTooLong;
        int end = ChannelId.Size + 6 + (int)length;
        if (bytes.Length <= end) return DataRule.TruncatedFrame;
        byte isLast = bytes[end];
        if (isLast > 1) return DataRule.InvalidIsLast;
        frame = new Frame(new ChannelId(bytes[..ChannelId.Size]), number, rest.Slice(ChannelId.Size + 6, (int)length), isLast == 1);
        rest = rest[(end + 1)..];
        return DataRule.None;
    }

    /// <summary>Writes a frame.</summary>
    /// <param name="frame">The frame; at most 1,000,000 bytes of data.</param>
    /// <param name="destination">At least <see cref="Frame.Overhead"/> more bytes than the frame's data.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Write(in Frame frame, Span<byte> destination)
    {
        if (frame.Data.Length > Frame.MaxDataLength) throw new ArgumentException("a frame carries at most 1,000,000 bytes", nameof(frame));
        frame.Channel.CopyTo(destination);
        BinaryPrimitives.WriteUInt16BigEndian(destination[16..], frame.Number);
        BinaryPrimitives.WriteUInt32BigEndian(destination[18..], (uint)frame.Data.Length);
        frame.Data.Span.CopyTo(destination[22..]);
        destination[22 + frame.Data.Length] = frame.IsLast ? (byte)1 : (byte)0;
        return Frame.Overhead + frame.Data.Length;
    }

    /// <summary>The data of a batcher transaction that carries these frames: the version byte and the frames.</summary>
    public static byte[] Encode(IReadOnlyList<Frame> frames)
    {
        int size = 1;
        for (int i = 0; i < frames.Count; i++) size += Frame.Overhead + frames[i].Data.Length;
        var data = new byte[size];
        data[0] = Version;
        int at = 1;
        for (int i = 0; i < frames.Count; i++) at += Write(frames[i], data.AsSpan(at));
        return data;
    }
}
