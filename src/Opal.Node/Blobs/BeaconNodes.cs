using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Node;

/// <summary>
/// Several Beacon nodes that stand in for one another. Each is asked in turn for what is still missing, and what several of them give is put together.
/// Safe for many callers at once.
/// </summary>
/// <remarks>
/// The order is that of the configuration, with exceptions: a node that failed is asked last until its wait is over (30 s, doubling up to 10 min), and one that
/// lacked blobs which another had is asked after the others for the next <see cref="LackSlots"/> slots, as a node is that drops old blobs.
/// </remarks>
public sealed class BeaconNodes : IDisposable
{
    /// <summary>For how many slots a node is asked later, once it lacked what another had: 51 minutes of Ethereum's.</summary>
    public const ulong LackSlots = 256;

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(30), LongestWait = TimeSpan.FromMinutes(10); // a node that hangs takes its whole time-out each time

    private readonly Member[] _nodes;
    private readonly BlobVerifier _verifier;
    private readonly ulong _l1ChainId;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private BeaconClock? _clock;

    /// <param name="clients">The nodes, the best first; closed with this.</param>
    /// <param name="kzg">Verifies blobs.</param>
    /// <param name="l1ChainId">The L1 chain they should serve.</param>
    /// <param name="time">The clock of waits.</param>
    /// <param name="logger">Told of nodes that fail.</param>
    public BeaconNodes(IEnumerable<BeaconClient> clients, IBlobCommitments kzg, ulong l1ChainId, TimeProvider time, ILogger logger)
    {
        _nodes = [.. clients.Select(client => new Member(client, new Backoff(time, FirstWait, LongestWait)))];
        (_verifier, _l1ChainId, _logger) = (new BlobVerifier(kzg), l1ChainId, logger);
    }

    private sealed class Member(BeaconClient client, Backoff backoff)
    {
        public BeaconClient Client { get; } = client;

        public Backoff Backoff { get; } = backoff;

        /// <summary>The slot whose blobs it lacked while another had them.</summary>
        public ulong? LackedAt { get; set; }

        public bool Lacks(ulong slot) => LackedAt is { } at && slot < at + LackSlots;
    }

    /// <summary>The chain's clock, from the first node that tells it.</summary>
    /// <exception cref="SourceException">No node told it; the message says what each of them answered.</exception>
    public async Task<BeaconClock> ClockAsync(CancellationToken cancellation)
    {
        if (_clock is { } known) return known;
        var said = new List<string>();
        foreach (Member node in Ordered(slot: null))
        {
            try
            {
                BeaconClock clock = await node.Client.ClockAsync(cancellation);
                if (await node.Client.ChainIdAsync(cancellation) is { } chain && chain != _l1ChainId)
                    _logger.LogWarning("The Beacon API {Node} says that its chain is {Chain}, but the rollup's L1 is chain {L1}: is the URL right?", node.Client.Endpoint, chain, _l1ChainId);
                Succeeded(node);
                return _clock = clock;
            }
            catch (RpcTransportException error)
            {
                said.Add(error.Message);
                Failed(node, error.Message);
            }
        }

        throw new SourceException($"beacon API: {string.Join("; ", said)}");
    }

    /// <summary>Gets blobs of a slot.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="need">What derivation asks for.</param>
    /// <param name="wanted">Those of it that are wanted.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>All that are wanted, by versioned hash. Null: every node answered, and together they have not got them all.</returns>
    /// <exception cref="SourceException">Some are missing, and a node that may have them gave no usable answer; the message says what each of them answered.</exception>
    public async Task<Dictionary<Hash256, VerifiedBlob>?> FetchAsync(ulong slot, NeedBlobs need, IReadOnlySet<Hash256> wanted, CancellationToken cancellation)
    {
        var found = new Dictionary<Hash256, VerifiedBlob>();
        var missing = new HashSet<Hash256>(wanted);
        var lacking = new List<Member>();
        var said = new List<string>();
        bool faulty = false;
        foreach (Member node in Ordered(slot))
        {
            string? fault;
            try
            {
                int before = missing.Count;
                (IReadOnlyList<Hash256> hashes, IReadOnlyList<int> indices) = StillOf(need, missing);
                BeaconBlobs answer = await node.Client.GetBlobsAsync(slot, hashes, indices, cancellation);
                fault = _verifier.Take(answer, missing, found) is { } wrong ? $"{node.Client.Endpoint} {wrong}" : null;
                if (missing.Count > 0) said.Add(fault ?? answer.Absence ?? $"{node.Client.Endpoint} gave {before - missing.Count} of {before} blobs");
            }
            catch (RpcTransportException error)
            {
                said.Add(fault = error.Message);
            }

            if (fault is not null) Failed(node, fault);
            else Succeeded(node);
            if (missing.Count == 0)
            {
                lock (_lock) lacking.ForEach(other => other.LackedAt = slot);
                return found;
            }

            faulty |= fault is not null;
            if (fault is null) lacking.Add(node);
        }

        string problem = $"beacon API: {missing.Count} of {wanted.Count} blobs of L1 block {need.Block.Number} (slot {slot}) are missing: {string.Join("; ", said)}";
        if (faulty) throw new SourceException(problem);
        _logger.LogWarning("{Problem}", problem);
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Member node in _nodes) node.Client.Dispose();
    }

    private Member[] Ordered(ulong? slot)
    {
        lock (_lock) return [.. _nodes.OrderBy(node => (node.Backoff.IsDue ? 0 : 2) + (slot is { } at && node.Lacks(at) ? 1 : 0))]; // stable
    }

    private void Succeeded(Member node)
    {
        lock (_lock) node.Backoff.Succeeded();
    }

    private void Failed(Member node, string reason)
    {
        lock (_lock)
        {
            if (node.Backoff.Failures == 0 && _nodes.Length > 1) _logger.LogWarning("{Reason}; the other Beacon nodes are asked first for a while", reason);
            node.Backoff.Failed(reason);
        }
    }

    private static (IReadOnlyList<Hash256> Hashes, IReadOnlyList<int> Indices) StillOf(NeedBlobs need, HashSet<Hash256> missing)
    {
        var hashes = new List<Hash256>();
        var indices = new List<int>();
        for (int i = 0; i < need.VersionedHashes.Count; i++)
        {
            if (!missing.Contains(need.VersionedHashes[i])) continue;
            hashes.Add(need.VersionedHashes[i]);
            indices.Add(need.Indices[i]);
        }

        return (hashes, indices);
    }
}
