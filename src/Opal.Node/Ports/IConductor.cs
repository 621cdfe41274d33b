using Opal.JsonRpc;

namespace Opal.Node;

/// <summary>Decides which of several sequencers leads (conductor.*). Reads and commits throw <see cref="SourceException"/> when there is no usable answer.</summary>
public interface IConductor
{
    /// <summary>Whether this node leads, and so may make blocks.</summary>
    Task<bool> IsLeaderAsync(CancellationToken cancellation);

    /// <summary>Has the cluster agree on a sealed block before anybody else sees it. An error when this node does not lead.</summary>
    Task CommitAsync(PayloadEnvelope payload, CancellationToken cancellation);

    /// <summary>Makes blocks from now on without asking the conductor: for the day when the cluster has no leader.</summary>
    void OverrideLeader();
}
