using System.Collections.Concurrent;

namespace Opal.Node;

/// <summary>
/// One thread for work that takes long and awaits nothing. It is not of the thread pool, so that long work never keeps a block's timer waiting for a free thread,
/// not even on one core.
/// </summary>
internal sealed class WorkThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];

    /// <summary>Starts the thread; it ends the program's run no later than the program itself.</summary>
    public WorkThread(string name)
    {
        new Thread(() =>
        {
            foreach (Action work in _work.GetConsumingEnumerable()) work();
        })
        { IsBackground = true, Name = name }.Start();
    }

    /// <summary>Does a piece of work on the thread, after what was given before it. What it throws is the task's.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                completion.SetResult(work());
            }
            catch (Exception error)
            {
                completion.SetException(error);
            }
        });
        return completion.Task;
    }

    /// <summary>Takes no more work; the thread ends after what it was given.</summary>
    public void Dispose() => _work.CompleteAdding();
}
