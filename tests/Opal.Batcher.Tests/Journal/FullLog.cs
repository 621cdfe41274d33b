using Opal.Storage;

namespace Opal.Batcher.Tests.Journal;

/// <summary>A log on a disk that is full at times: what cannot be written leaves it as it was, and after what cannot be synced it takes nothing until it is opened again.</summary>
/// <param name="kept">What there is on the disk; null keeps it in memory.</param>
internal sealed class FullLog(IFrameLog? kept = null) : IFrameLog
{
    private readonly IFrameLog _kept = kept ?? new MemoryFrameLog();
    private bool _isBroken;

    public bool IsFull { get; set; }

    public bool FailsToSync { get; set; }

    /// <summary>Thrown where the disk is full.</summary>
    public Exception Problem { get; set; } = new IOException("no space left on the disk");

    public FrameAddress Begin => _kept.Begin;

    public FrameAddress End => _kept.End;

    public long Size => _kept.Size;

    public FrameAddress Append(byte type, ReadOnlySpan<byte> payload) =>
        _isBroken ? throw new IOException("open the log again") : IsFull ? throw Problem : _kept.Append(type, payload);

    public void Sync()
    {
        _isBroken |= FailsToSync;
        if (_isBroken) throw new IOException("the disk did not take what was written");
        _kept.Sync();
    }

    public Frame Read(FrameAddress address) => _kept.Read(address);

    public IEnumerable<Frame> ReadFrom(FrameAddress address) => _kept.ReadFrom(address);

    public void Truncate(FrameAddress end) => _kept.Truncate(end);

    public void DropBefore(FrameAddress address) => _kept.DropBefore(address);

    public void Dispose() => _kept.Dispose();
}
