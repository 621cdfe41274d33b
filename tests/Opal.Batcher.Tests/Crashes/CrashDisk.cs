namespace Opal.Batcher.Tests.Crashes;

/// <summary>What is wrong with the disk of a journal.</summary>
internal sealed class CrashDisk
{
    /// <summary>Nothing can be appended.</summary>
    public bool IsFull { get; set; }

    /// <summary>What was appended cannot be made durable.</summary>
    public bool FailsToSync { get; set; }

    public bool IsWell => !IsFull && !FailsToSync;
}
