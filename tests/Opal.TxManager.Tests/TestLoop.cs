using System.Collections.Concurrent;

namespace Opal.TxManager.Tests;

/// <summary>Runs a test and everything it awaits on one thread, first come first served, so that it can tell when nothing is left to run.</summary>
internal sealed class TestLoop : SynchronizationContext
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = [];

    public override void Post(SendOrPostCallback d, object? state) => _queue.Add((d, state));

    /// <summary>Runs a test to its end.</summary>
    public static void Run(Func<Task> test)
    {
        SynchronizationContext? before = Current;
        var loop = new TestLoop();
        SetSynchronizationContext(loop);
        try
        {
            Task running = test();
            running.ContinueWith(static (_, state) => ((TestLoop)state!)._queue.Add((static _ => { }, null)), loop, TaskScheduler.Default);
            while (!running.IsCompleted)
            {
                Assert.True(loop._queue.TryTake(out (SendOrPostCallback Callback, object? State) next, TimeSpan.FromSeconds(60)), "the test hangs");
                next.Callback(next.State);
            }

            running.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Lets everything else run until nothing is left that could.</summary>
    public static async Task SettleAsync()
    {
        var loop = (TestLoop)Current!;
        do await Task.Yield();
        while (loop._queue.Count > 0);
    }
}
