using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>Goes through a list of rollup nodes for the one that is sequencing, and remembers it until it is due to be asked again or has failed.</summary>
/// <remarks>The search begins with the one found last and goes round the list. Safe for use by many callers at once: they share one search.</remarks>
/// <param name="nodes">The rollup nodes, at least one.</param>
/// <param name="acceptsInactive">Whether a node that answers will do when none is sequencing.</param>
/// <param name="options">Times.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where to log changes.</param>
internal sealed class ActiveSequencerSearch(
    IReadOnlyList<IRpcClient> nodes, bool acceptsInactive, ActiveSequencerOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private const string Method = "admin_sequencerActive";

    private readonly SemaphoreSlim _searching = new(1, 1);
    private readonly Lock _gate = new();
    private int? _active;
    private int _last;
    private long? _checkedAt; // as the clock measures, which no setting of the time of day moves

    /// <summary>The one found last, while it is believed in; null before the first search and while none is.</summary>
    public int? Active
    {
        get
        {
            lock (_gate) return _active;
        }
    }

    /// <summary>The index of the one to use.</summary>
    /// <exception cref="RpcTransportException">None will do; the message says why of each.</exception>
    public async ValueTask<int> FindAsync(CancellationToken cancellation)
    {
        if (Known() is { } known) return known;
        await _searching.WaitAsync(cancellation);
        try
        {
            return Known() ?? await SearchAsync(cancellation);
        }
        finally
        {
            _searching.Release();
        }
    }

    /// <summary>A call to one of them failed: if it is the one in use, it is asked again before it is used again.</summary>
    public void Suspect(int index)
    {
        lock (_gate)
        {
            if (_active == index) _checkedAt = null;
        }
    }

    private int? Known()
    {
        if (nodes.Count == 1)
        {
            lock (_gate) return _active = 0; // there is no choice: whether it is sequencing need not be asked, and its admin API need not be open
        }

        lock (_gate) return _checkedAt is { } at && time.GetElapsedTime(at) < options.CheckInterval ? _active : null;
    }

    private async Task<int> SearchAsync(CancellationToken cancellation)
    {
        int first;
        lock (_gate) first = _last;
        var problems = new List<string>();
        int? answering = null;
        for (int offset = 0; offset < nodes.Count; offset++)
        {
            int index = (first + offset) % nodes.Count;
            (bool answers, string? problem) = await AskAsync(nodes[index], cancellation);
            if (problem is null) return Use(index);
            if (answers) answering ??= index;
            problems.Add($"{nodes[index].Endpoint}: {problem}");
        }

        if (acceptsInactive && answering is { } any) return Use(any);
        lock (_gate) _active = null;
        throw new RpcTransportException(Method, $"{nodes.Count} rollup nodes", $"none of them is sequencing ({string.Join("; ", problems)})", isTransient: true);
    }

    private int Use(int index)
    {
        int? before;
        lock (_gate)
        {
            before = _active;
            _active = _last = index;
            _checkedAt = time.GetTimestamp();
        }

        if (before is null) logger.LogInformation("Following the sequencer of {Node}", nodes[index].Endpoint);
        else if (before != index) logger.LogWarning("Following the sequencer of {Node} now; until now it was {Before}", nodes[index].Endpoint, nodes[before.Value].Endpoint);
        return index;
    }

    /// <summary>Whether a node answers at all, and what keeps it from being the one to follow; null when nothing does.</summary>
    private async Task<(bool Answers, string? Problem)> AskAsync(IRpcClient node, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(options.NetworkTimeout, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            bool isActive = await new RollupNodeClient(node).SequencerActiveAsync(linked.Token).WaitAsync(linked.Token);
            return (true, isActive ? null : "is not sequencing");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (false, $"no answer within {options.NetworkTimeout.TotalSeconds:0.#} s");
        }
        catch (RpcCallException error) when (error.IsMissingMethod)
        {
            return (true, $"does not serve {Method}: enable its admin API");
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException)
        {
            return (false, error.Message);
        }
    }

    public void Dispose() => _searching.Dispose();
}
