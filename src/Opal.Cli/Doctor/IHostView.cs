namespace Opal.Cli.Doctor;

/// <summary>The machine, as far as the checks look at it. Nothing of it changes anything.</summary>
internal interface IHostView
{
    /// <summary>Who listens on a port of an address; null when nobody does.</summary>
    string? ListenerOn(string address, int port);

    /// <summary>Why this user cannot write a file or folder, or make it; null when that is possible.</summary>
    string? WriteFault(string path);

    /// <summary>Bytes free on the disk that holds a path, or would.</summary>
    long FreeDisk(string path);

    /// <summary>Bytes of memory that programs can still get, inside the limits of the container.</summary>
    long FreeMemory { get; }

    /// <summary>Files and sockets a process may have open.</summary>
    long OpenFileLimit { get; }

    /// <summary>Processors this program may use.</summary>
    int Processors { get; }

    /// <summary>The time in a server's HTTP header; null when it gives none.</summary>
    Task<DateTimeOffset?> TimeAtAsync(Uri server, CancellationToken cancellation);
}
