using System.Collections.Concurrent;
using System.Diagnostics;
using Opal.Testing;

namespace Opal.EndToEnd.Tests;

/// <summary>A program started for a test, its output kept, killed with all its children at the end.</summary>
internal sealed class OpalProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private bool _disposed;

    private OpalProcess(Process process) => _process = process;

    /// <summary>The built `opal` program.</summary>
    public static string Opal { get; } = Path.Combine(Vectors.RepositoryRoot, "src", "Opal.Cli", "bin", "Release", "net10.0", "opal");

    /// <summary>The folder of the scenarios and their npm packages.</summary>
    public static string Scripts { get; } = Path.Combine(Vectors.RepositoryRoot, "tests", "Opal.EndToEnd.Tests", "js");

    /// <summary>The program and the first of its arguments.</summary>
    public string Name => string.Join(' ', _process.StartInfo.ArgumentList.Skip(1).Where(static argument => !argument.Contains('=', StringComparison.Ordinal)).Take(3).Select(Path.GetFileName));

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>The newest lines of standard output and error together.</summary>
    public string Tail(int lines = 60) => string.Join('\n', _lines.TakeLast(lines));

    public static OpalProcess Start(string program, IEnumerable<string> arguments, string? workingDirectory = null)
    {
        // A test run started in the background ignores SIGINT, and its children would inherit that: a user's shell does not start programs so.
        var info = new ProcessStartInfo("env") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        info.ArgumentList.Add("--default-signal=INT");
        info.ArgumentList.Add(program);
        foreach (string argument in arguments) info.ArgumentList.Add(argument);
        if (workingDirectory is not null) info.WorkingDirectory = workingDirectory;
        var process = new Process { StartInfo = info };
        var started = new OpalProcess(process);
        process.OutputDataReceived += (_, e) => started.Keep(e.Data);
        process.ErrorDataReceived += (_, e) => started.Keep(e.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return started;
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        _lines.Enqueue(line);
        while (_lines.Count > 5000) _lines.TryDequeue(out _);
    }

    /// <summary>Waits until the program ends; at the time limit it is killed and the test fails with its output.</summary>
    public async Task<int> WaitAsync(TimeSpan limit)
    {
        int? code = await TryWaitAsync(limit);
        Assert.True(code is not null, $"{_process.StartInfo.ArgumentList[1]} did not end within {limit.TotalSeconds} s:\n{Tail()}");
        return code.Value;
    }

    /// <summary>Waits until the program ends; at the time limit it is killed and there is no code.</summary>
    public async Task<int?> TryWaitAsync(TimeSpan limit)
    {
        using var cancel = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(cancel.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            return null;
        }
    }

    /// <summary>Asks the program to stop as Ctrl-C does.</summary>
    public async Task<int> InterruptAsync(TimeSpan limit)
    {
        using Process kill = Process.Start("kill", ["-INT", _process.Id.ToString()]);
        await kill.WaitForExitAsync();
        return await WaitAsync(limit);
    }

    /// <summary>Ends the program as `kill -9` does.</summary>
    public void Kill()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
