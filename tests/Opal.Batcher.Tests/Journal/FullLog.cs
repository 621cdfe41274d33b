using Opal.Storage;

namespace Opal.Batcher.Tests.Journal;

/// <summary>A log on a disk that is full at times: what cannot be written leaves it as it was.</summary>
internal sealed class FullLog : IFrameLog
{
    private readonly MemoryFrameLog _kept = new();

    public bool IsFull { get; set; }

    public FrameAddress Begin => _kept.Begin;

    public FrameAddress End => _kept.End;

    public long Size => _kept.Size;

    public FrameAddress Append(byte type, ReadOnlySpan<byte> payload) => IsFull ? throw new IOException("no space left on the disk") : _kept.Append(type, payload);

    public void Sync() => _kept.Sync();

    public Frame Read(FrameAddress address) => _kept.Read(address);

    public IEnumerable<Frame> ReadFrom(FrameAddress address) => _kept.ReadFrom(address);

    public void Truncate(FrameAddress end) => _kept.Truncate(end);

    public void DropBefore(FrameAddress address) => _kept.DropBefore(address);

    public void Dispose()
    {
    }
}
