using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace Opal.Cli.Doctor;

/// <summary>This machine, read from /proc and the file system.</summary>
internal sealed partial class LinuxHost : IHostView
{
    private const int MayWrite = 2;
    private const string Listening = "0A";

    /// <inheritdoc/>
    public string? ListenerOn(string address, int port)
    {
        if (!IPAddress.TryParse(address == "localhost" ? "127.0.0.1" : address, out IPAddress? wanted)) wanted = IPAddress.Any;
        foreach (string table in new[] { "/proc/net/tcp", "/proc/net/tcp6" })
        {
            if (!File.Exists(table)) continue;
            foreach (string line in File.ReadLines(table).Skip(1))
            {
                string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length < 10 || fields[3] != Listening) continue;
                int colon = fields[1].LastIndexOf(':');
                if (int.Parse(fields[1].AsSpan(colon + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) != port) continue;
                if (Meets(AddressOf(fields[1][..colon]), wanted)) return OwnerOf(fields[9]);
            }
        }

        return null;
    }

    private static bool Meets(IPAddress held, IPAddress wanted)
    {
        if (held.IsIPv4MappedToIPv6) held = held.MapToIPv4();
        return held.Equals(wanted) || IsAny(held) || IsAny(wanted);

        static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
    }

    /// <summary>The kernel writes an address as words of four bytes, each in the machine's byte order.</summary>
    private static IPAddress AddressOf(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        for (int i = 0; i < bytes.Length; i += 4) bytes.AsSpan(i, 4).Reverse();
        return new IPAddress(bytes);
    }

    private static string OwnerOf(string inode)
    {
        string socket = $"socket:[{inode}]";
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(static path => char.IsAsciiDigit(path[6])))
        {
            try
            {
                if (Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(file => new FileInfo(file).LinkTarget == socket))
                {
                    return $"{File.ReadAllText(Path.Combine(process, "comm")).Trim()} (process {process[6..]})";
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // it ended meanwhile, or is another user's: then the owner stays unknown
            }
        }

        return "a process of another user";
    }

    /// <inheritdoc/>
    public string? WriteFault(string path)
    {
        string existing = Existing(path);
        if (access(existing, MayWrite) == 0) return existing == Path.GetFullPath(path) || Directory.Exists(existing) ? null : $"{existing} is a file, not a folder";
        return $"{existing}: {Marshal.GetLastPInvokeErrorMessage()}";
    }

    /// <inheritdoc/>
    public long FreeDisk(string path) => new DriveInfo(Existing(path)).AvailableFreeSpace;

    /// <summary>The path itself, or the nearest folder above it that is there.</summary>
    private static string Existing(string path)
    {
        string at = Path.GetFullPath(path);
        while (!Path.Exists(at) && Path.GetDirectoryName(at) is { } parent) at = parent;
        return at;
    }

    /// <inheritdoc/>
    public long FreeMemory
    {
        get
        {
            long limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            string? line = File.ReadLines("/proc/meminfo").FirstOrDefault(static text => text.StartsWith("MemAvailable:", StringComparison.Ordinal));
            return line is not null && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], out long kibibytes)
                ? Math.Min(limit, kibibytes * 1024)
                : limit;
        }
    }

    /// <inheritdoc/>
    public long OpenFileLimit
    {
        get
        {
            string line = File.ReadLines("/proc/self/limits").First(static text => text.StartsWith("Max open files", StringComparison.Ordinal));
            return long.TryParse(line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], out long soft) ? soft
                : long.MaxValue; // else "unlimited"
        }
    }

    /// <inheritdoc/>
    public int Processors => Environment.ProcessorCount;

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> TimeAtAsync(Uri server, CancellationToken cancellation)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = !server.IsLoopback, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Head, server.GetLeftPart(UriPartial.Authority));
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return response.Headers.Date;
        }
        catch (HttpRequestException)
        {
            return null; // whether it answers is another check's question
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int access(string path, int mode);
}
