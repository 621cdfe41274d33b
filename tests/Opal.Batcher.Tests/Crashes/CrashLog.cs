using Opal.Storage;

namespace Opal.Batcher.Tests.Crashes;

/// <summary>
/// A log whose writer dies: killed, what it appended is there; without power, only what was synced, and perhaps some of what came after. Its disk may be full: then
/// nothing is appended, or what is appended cannot be synced and the log has to be opened again.
/// </summary>
internal sealed class CrashLog(IFrameLog kept, CrashPoints points, CrashDisk disk) : IFrameLog
{
    private FrameAddress _synced = kept.End;
    private bool _isBroken;

    public FrameAddress Begin => kept.Begin;

    public FrameAddress End => kept.End;

    public long Size => kept.Size;

    public FrameAddress Append(byte type, ReadOnlySpan<byte> payload)
    {
        points.Step();
        if (disk.IsFull || _isBroken) throw new IOException(_isBroken ? "open the log again" : "no space left on the disk");
        FrameAddress address = kept.Append(type, payload);
        points.Step();
        return address;
    }

    public void Sync()
    {
        points.Step();
        _isBroken |= disk.FailsToSync;
        if (_isBroken) throw new IOException("the disk did not take what was written");
        _synced = kept.End;
        points.Step();
    }

    /// <summary>The power goes: of the frames that were not synced some number is left.</summary>
    public void LosePower(Random random)
    {
        FrameAddress[] loose = [.. kept.ReadFrom(kept.Begin).Select(static f => f.Address).Where(a => a.Value >= _synced.Value)];
        int left = random.Next(loose.Length + 1);
        if (left < loose.Length) kept.Truncate(loose[left]);
    }

    public Frame Read(FrameAddress address) => kept.Read(address);

    public IEnumerable<Frame> ReadFrom(FrameAddress address) => kept.ReadFrom(address);

    public void Truncate(FrameAddress end) => kept.Truncate(end);

    public void DropBefore(FrameAddress address)
    {
        points.Step();
        kept.DropBefore(address);
    }

    public void Dispose()
    {
    }
}
