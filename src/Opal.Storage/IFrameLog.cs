namespace Opal.Storage;

/// <summary>Where a frame of a log begins; addresses grow with the log, and stay valid for the life of the frame.</summary>
/// <param name="Value">The number of the file in the upper 32 bits, the offset in it in the lower.</param>
public readonly record struct FrameAddress(ulong Value)
{
    /// <summary>The number of the file.</summary>
    public uint File => (uint)(Value >> 32);

    /// <summary>The offset in the file, in bytes.</summary>
    public uint Offset => (uint)Value;
}

/// <summary>A frame as it is read back.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Type">What the writer called it.</param>
/// <param name="Payload">What the writer put into it.</param>
public readonly record struct Frame(FrameAddress Address, byte Type, ReadOnlyMemory<byte> Payload);

/// <summary>An append-only log of checksummed frames in files of bounded size. One writer; any number of readers beside it.</summary>
/// <remarks>
/// A frame is visible to readers as soon as it is appended, and durable after <see cref="Sync"/>. Opening cuts a torn end off; a bad frame that good ones
/// follow is corruption (<see cref="StoreCorruptException"/>, which names file and offset). A failed write (a full disk) throws an
/// <see cref="IOException"/> and leaves the log as it was before the frame.
/// </remarks>
public interface IFrameLog : IDisposable
{
    /// <summary>The address of the oldest frame kept; equal to <see cref="End"/> when the log is empty.</summary>
    FrameAddress Begin { get; }

    /// <summary>Where the next frame will be, or after it in a new file: any frame's address is below.</summary>
    FrameAddress End { get; }

    /// <summary>Bytes on disk.</summary>
    long Size { get; }

    /// <summary>Appends a frame.</summary>
    /// <param name="type">Anything; not 0.</param>
    /// <param name="payload">At most 2^31 - 64 bytes.</param>
    FrameAddress Append(byte type, ReadOnlySpan<byte> payload);

    /// <summary>Makes all frames durable.</summary>
    void Sync();

    /// <summary>Reads a frame whose address is known; its checksum is verified.</summary>
    /// <exception cref="StoreCorruptException">What is there is not a whole frame.</exception>
    Frame Read(FrameAddress address);

    /// <summary>Reads frames in order, verified, from an address on (that of a frame, <see cref="Begin"/> or <see cref="End"/>) to the end as it is when the reading gets there.</summary>
    IEnumerable<Frame> ReadFrom(FrameAddress address);

    /// <summary>Drops all frames from an address on. Durable when it returns.</summary>
    void Truncate(FrameAddress end);

    /// <summary>Drops whole files of which every frame is below an address; never the file that is written to. Addresses of the frames that stay do not change.</summary>
    void DropBefore(FrameAddress address);
}
