using Opal.Cli.Doctor;

namespace Opal.Cli.Tests.Doctor;

/// <summary>A machine with nothing wrong, until told otherwise.</summary>
internal sealed class FakeHost : IHostView
{
    public string? Holder { get; set; }

    /// <summary>The paths that cannot be written end with this.</summary>
    public string? ReadOnly { get; set; }

    public long Disk { get; set; } = 500_000_000_000;

    public TimeSpan ServersAhead { get; set; }

    public DateTimeOffset Now { get; set; }

    public long FreeMemory { get; set; } = 16_000_000_000;

    public long OpenFileLimit { get; set; } = 65_536;

    public int Processors { get; set; } = 8;

    public string? ListenerOn(string address, int port) => Holder;

    public string? WriteFault(string path) => ReadOnly is { } end && path.EndsWith(end, StringComparison.Ordinal) ? $"{path}: Permission denied" : null;

    public long FreeDisk(string path) => Disk;

    public Task<DateTimeOffset?> TimeAtAsync(Uri server, CancellationToken cancellation) => Task.FromResult<DateTimeOffset?>(Now + ServersAhead);
}
