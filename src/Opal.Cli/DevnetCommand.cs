using System.Runtime.InteropServices;
using Opal.Devnet;
using Spectre.Console;

namespace Opal.Cli;

/// <summary>Runs a devnet until it is told to stop: SIGINT or SIGTERM stops it cleanly, a second one at once.</summary>
internal static class DevnetCommand
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(DevnetOptions options, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        int signals = 0;
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref signals) > 1) Environment.Exit(130);
            stop.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            var progress = new Progress(clock);
            await using RunningDevnet devnet = await RunningDevnet.StartAsync(options, progress.Say, stop.Token).ConfigureAwait(false);
            progress.Say($"ready: everything is in {Path.Combine(options.DataDirectory, DevnetDescription.FileName)}");
            await WatchAsync(devnet, clock, stop.Token).ConfigureAwait(false);
            Console.WriteLine("stopping");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.WriteLine("stopped");
            return 0;
        }
        catch (DevnetException error)
        {
            Console.Error.WriteLine($"opal devnet: {error.Message}");
            return 1;
        }

        Console.WriteLine("stopped");
        return 0;
    }

    private static async Task WatchAsync(RunningDevnet devnet, System.Diagnostics.Stopwatch clock, CancellationToken stop)
    {
        bool terminal = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;
        try
        {
            if (terminal)
            {
                DevnetStatus first = await devnet.StatusAsync(stop).ConfigureAwait(false);
                await AnsiConsole.Live(DevnetTable.Render(first, devnet.Description, clock.Elapsed)).StartAsync(async live =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        live.UpdateTarget(DevnetTable.Render(await devnet.StatusAsync(stop).ConfigureAwait(false), devnet.Description, clock.Elapsed));
                        await devnet.DelayOrFailureAsync(TimeSpan.FromSeconds(1), stop).ConfigureAwait(false);
                    }
                }).ConfigureAwait(false);
            }
            else
            {
                while (!stop.IsCancellationRequested)
                {
                    Console.WriteLine(DevnetTable.Line(await devnet.StatusAsync(stop).ConfigureAwait(false)));
                    await devnet.DelayOrFailureAsync(LineInterval, stop).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the user asked to stop
        }
    }

    /// <summary>Start-up lines with the time since the start.</summary>
    private sealed class Progress(System.Diagnostics.Stopwatch clock)
    {
        public void Say(string text) => Console.WriteLine($"[{clock.Elapsed.TotalSeconds,5:F1} s] {text}");
    }
}
