using System.Diagnostics;
using System.Globalization;

namespace Opal.Benchmarks;

/// <summary>Our node in a process of its own, so that it and the peer are loaded alike.</summary>
internal sealed class RpcNode : IDisposable
{
    private readonly Process _process;

    private RpcNode(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Memory in use now, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Processor time taken so far, in seconds.</summary>
    public double CpuSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <exception cref="PeerException">It does not start.</exception>
    public static RpcNode Start(int fillers, bool import)
    {
        string program = Environment.ProcessPath ?? throw new PeerException("this program's own path is unknown");
        List<string> arguments = ["bench", "rpc-serve", "--accounts", fillers.ToString(CultureInfo.InvariantCulture)];
        if (import) arguments.Add("--import");
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") arguments.Insert(0, Environment.GetCommandLineArgs()[0]);
        Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        string? line = process.StandardOutput.ReadLine();
        if (line is null || !line.StartsWith(RpcServer.Ready, StringComparison.Ordinal))
        {
            process.WaitForExit(1000);
            throw new PeerException($"our node did not start: {line ?? "its output ended"}");
        }

        return new RpcNode(process, int.Parse(line.AsSpan(RpcServer.Ready.Length), CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(10_000)) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
