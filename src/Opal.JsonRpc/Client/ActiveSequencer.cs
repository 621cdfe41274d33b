using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>Follows the one of several sequencers that makes blocks at the moment.</summary>
/// <remarks>
/// Which one it is, each rollup node is asked (<c>admin_sequencerActive</c>): every <see cref="ActiveSequencerOptions.CheckInterval"/>, and before the next use when a call
/// to the active one got no usable answer. An only one is followed without asking.
/// </remarks>
public sealed class ActiveSequencer : ISequencerSource, IDisposable
{
    private readonly SequencerPair[] _pairs;
    private readonly ActiveSequencerSearch _search;

    /// <summary>Follows some sequencers.</summary>
    /// <param name="l2">Their execution clients.</param>
    /// <param name="nodes">Their rollup nodes, in the same order.</param>
    /// <param name="options">Times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log changes.</param>
    /// <param name="trusted">Whether blocks of the execution clients are taken without a check of their hashes.</param>
    /// <exception cref="ArgumentException">The lists are empty or of unequal length.</exception>
    public ActiveSequencer(
        IReadOnlyList<IRpcClient> l2, IReadOnlyList<IRpcClient> nodes, ActiveSequencerOptions options, TimeProvider time, ILogger logger, bool trusted = false)
    {
        if (FaultOf(l2.Count, nodes.Count) is { } fault) throw new ArgumentException(fault, nameof(nodes));
        _search = new ActiveSequencerSearch(nodes, acceptsInactive: false, options, time, logger);
        _pairs =
        [
            .. nodes.Select((node, index) => new SequencerPair(
                new EthClient(new SuspectingRpcClient(l2[index], () => _search.Suspect(index)), trusted),
                new RollupNodeClient(new SuspectingRpcClient(node, () => _search.Suspect(index))))),
        ];
    }

    /// <summary>What is wrong with lists of so many URLs; null when nothing is.</summary>
    public static string? FaultOf(int l2, int nodes)
    {
        if (nodes == 0 || l2 == 0) return "at least one L2 RPC and one rollup node are needed";
        return l2 == nodes ? null
            : $"there are {l2} L2 RPC URLs and {nodes} rollup node URLs: give one rollup node for each L2 RPC, in the same order, so that both of a sequencer are known";
    }

    /// <summary>The rollup node of the one that is followed, as messages name it; null before the first answer and while none is active.</summary>
    public string? Following => _search.Active is { } index ? _pairs[index].Node.Rpc.Endpoint : null;

    /// <inheritdoc/>
    public async ValueTask<SequencerPair> ActiveAsync(CancellationToken cancellation) => _pairs[await _search.FindAsync(cancellation)];

    /// <inheritdoc/>
    public void Dispose() => _search.Dispose();
}
