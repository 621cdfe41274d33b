using Opal.Protocol;

namespace Opal.Node;

/// <summary>The newest signed unsafe blocks, for nodes that follow this one. Safe for concurrent use.</summary>
/// <param name="capacity">Blocks kept.</param>
public sealed class UnsafeFeed(int capacity = 256)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, SignedBlock> _blocks = [];
    private readonly Queue<ulong> _order = new();
    private TaskCompletionSource _changed = New();
    private SignedBlock? _newest;

    /// <summary>The head of the chain that is fed.</summary>
    public SignedBlock? Newest
    {
        get
        {
            lock (_lock) return _newest;
        }
    }

    /// <summary>The block of a height that was added last.</summary>
    public SignedBlock? At(ulong number)
    {
        lock (_lock) return _blocks.GetValueOrDefault(number);
    }

    /// <summary>Takes a block below the head.</summary>
    public void Add(SignedBlock block)
    {
        lock (_lock) Keep(block);
    }

    /// <summary>Takes the chain's new head, and wakes who waits for it.</summary>
    public void AddHead(SignedBlock block)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            Keep(block);
            _newest = block;
            (changed, _changed) = (_changed, New());
        }

        changed.SetResult();
    }

    private void Keep(SignedBlock block)
    {
        if (!_blocks.ContainsKey(block.Block.Number)) _order.Enqueue(block.Block.Number);
        _blocks[block.Block.Number] = block;
        while (_order.Count > capacity) _blocks.Remove(_order.Dequeue());
    }

    /// <summary>Waits until the newest block is above a height, or the time is over.</summary>
    public async Task<SignedBlock?> AboveAsync(ulong number, TimeSpan limit, TimeProvider time, CancellationToken cancellation)
    {
        Task over = Task.Delay(limit, time, cancellation);
        while (true)
        {
            Task changed;
            SignedBlock? newest;
            lock (_lock) (changed, newest) = (_changed.Task, _newest);
            if (newest is not null && newest.Block.Number > number) return newest;
            if (await Task.WhenAny(changed, over) == over) return newest;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
