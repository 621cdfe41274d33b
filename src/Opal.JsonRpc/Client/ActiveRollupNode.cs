using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>One connection to several rollup nodes, for who only reads: the one that is sequencing is asked, else any that answers.</summary>
/// <remarks>A call that gets no usable answer is made again to the next one that answers, so that only calls that may be repeated belong here.</remarks>
public sealed class ActiveRollupNode : IRpcClient, IDisposable
{
    private readonly IReadOnlyList<IRpcClient> _nodes;
    private readonly ActiveSequencerSearch _search;

    /// <summary>A connection to some rollup nodes.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="options">Times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log changes.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public ActiveRollupNode(IReadOnlyList<IRpcClient> nodes, ActiveSequencerOptions options, TimeProvider time, ILogger logger)
    {
        if (nodes.Count == 0) throw new ArgumentException("at least one rollup node is needed", nameof(nodes));
        _nodes = nodes;
        _search = new ActiveSequencerSearch(nodes, acceptsInactive: true, options, time, logger);
    }

    /// <summary>The one that is asked, as messages name it; null before the first call and while none answers.</summary>
    public string? Following => _search.Active is { } index ? _nodes[index].Endpoint : null;

    /// <inheritdoc/>
    public string Endpoint => Following ?? string.Join(" or ", _nodes.Select(static node => node.Endpoint));

    /// <inheritdoc/>
    public async Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        int index = await _search.FindAsync(cancellation);
        for (int more = _nodes.Count - 1; ; more--)
        {
            try
            {
                return await _nodes[index].SendAsync(requests, cancellation);
            }
            catch (RpcTransportException) when (more > 0)
            {
                _search.Suspect(index);
                int next = await _search.FindAsync(cancellation);
                if (next == index) throw; // it says that it is well, and no other is better
                index = next;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _search.Dispose();
}
