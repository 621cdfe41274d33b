using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Opal.Cli.Tests.Geth;

/// <summary>The program as a process of its own.</summary>
internal sealed class GethProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly List<string> _lines = [];

    private GethProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static GethProcess Start(string folder, params string[] arguments) => StartVerb("geth", folder, arguments);

    /// <summary>Starts it with more in its environment.</summary>
    public static GethProcess Start(string folder, (string Name, string Value)[] environment, params string[] arguments) => StartVerb("geth", folder, arguments, environment);

    private static GethProcess StartVerb(string verb, string folder, string[] arguments, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "opal.dll"));
        start.ArgumentList.Add(verb);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        return new GethProcess(Process.Start(start)!);
    }

    /// <summary>Runs a command to its end.</summary>
    public static Task<(int Code, string Output)> RunAsync(string folder, params string[] arguments) => RunVerbAsync("geth", folder, arguments);

    /// <summary>Runs a command of another verb to its end.</summary>
    public static async Task<(int Code, string Output)> RunVerbAsync(string verb, string folder, params string[] arguments)
    {
        using GethProcess process = StartVerb(verb, folder, arguments);
        return (await process.ExitAsync(), process.Output);
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public string Output
    {
        get
        {
            lock (_lines) return string.Join('\n', _lines);
        }
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_lines) _lines.Add(line);
    }

    /// <summary>Waits for a line that has <paramref name="text"/>.</summary>
    public async Task WaitForAsync(string text)
    {
        var clock = Stopwatch.StartNew();
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(_process.HasExited, $"the program ended:\n{Output}");
            Assert.True(clock.Elapsed < Patience, $"no line has '{text}':\n{Output}");
            await Task.Delay(20);
        }
    }

    /// <summary>Asks it to stop, as a service manager does.</summary>
    public void Terminate()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
