using System.Runtime.InteropServices;

namespace Opal.Storage.Tests;

/// <summary>While it lives, this process cannot write a file beyond a size: a full disk without one. Tests that use it run alone.</summary>
internal sealed unsafe partial class FileSizeLimit : IDisposable
{
    private const int FileSize = 1, Exceeded = 25, Ignore = 1;

    private readonly Limit _before;

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft, Hard;
    }

    public FileSizeLimit(long bytes)
    {
        signal(Exceeded, Ignore); // or the kernel would end the process
        Limit before;
        Assert.Equal(0, getrlimit(FileSize, &before));
        _before = before;
        Limit low = before with { Soft = (ulong)bytes };
        Assert.Equal(0, setrlimit(FileSize, &low));
    }

    public void Dispose()
    {
        Limit before = _before;
        Assert.Equal(0, setrlimit(FileSize, &before));
    }

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, Limit* limit);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, Limit* limit);
}

[CollectionDefinition("full disk", DisableParallelization = true)]
public sealed class FullDisk;
