using Opal.Derivation;

namespace Opal.Batcher;

/// <summary>Cuts compressed channels into frames (derivation.md#frame-format).</summary>
public static class FrameCutter
{
    /// <summary>The bytes of a channel that fit a carrier beside its version byte and the frame's own fields.</summary>
    /// <param name="carrierBytes">What a blob or a transaction's calldata holds.</param>
    /// <exception cref="ArgumentOutOfRangeException">Nothing fits.</exception>
    public static int DataBytes(int carrierBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(carrierBytes, 1 + Frame.Overhead);
        return Math.Min(Frame.MaxDataLength, carrierBytes - 1 - Frame.Overhead);
    }

    /// <summary>The frames, one a carrier: every one fills its carrier but the last.</summary>
    /// <exception cref="ArgumentException">It would take more than the 65,536 frames that can be numbered.</exception>
    public static Frame[] Cut(ChannelId id, ReadOnlyMemory<byte> channel, int carrierBytes)
    {
        int each = DataBytes(carrierBytes), count = Math.Max(1, (channel.Length + each - 1) / each);
        if (count > ushort.MaxValue + 1) throw new ArgumentException($"a channel of {channel.Length} bytes takes {count} frames of {each} bytes, and 65,536 is the most", nameof(carrierBytes));
        var frames = new Frame[count];
        for (int i = 0; i < count; i++)
        {
            int at = i * each;
            frames[i] = new Frame(id, (ushort)i, channel.Slice(at, Math.Min(each, channel.Length - at)), i == count - 1);
        }

        return frames;
    }
}
