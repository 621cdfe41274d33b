using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// Has a finalized header confirmed by the other endpoints, since no hash shows that a block is final, or canonical at all, and finality is never taken back.
/// </summary>
/// <remarks>
/// Each other endpoint says what it has at that height. One that is behind says nothing. One that does not answer now but has within the last ten minutes is
/// waited for, so that a short failure does not open the door; one that is away for longer has no say. With an objection, more than half of all that have the
/// height must agree. A header that is not confirmed is not used: the finalized block stays where it was until the next look.
/// </remarks>
internal sealed class FinalizedAgreement(IReadOnlyList<L1Endpoint> endpoints, ILogger logger)
{
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(10);

    /// <summary>Null when the header may be used, else why not.</summary>
    public async Task<string?> FindObjectionAsync(BlockHeader header, L1Endpoint from, CancellationToken cancellation)
    {
        (L1Endpoint Endpoint, Hash256? Hash, bool IsSilent)[] votes =
            await Task.WhenAll(endpoints.Where(other => other != from).Select(other => AskAsync(other, header.Number, cancellation)));
        if (Array.Find(votes, vote => vote.IsSilent && vote.Endpoint.Health.HasAnsweredWithin(s_memory)) is { Endpoint: { } silent })
            return $"the finalized block {header.Number} {header.Hash} of {from.Name} is not confirmed: {silent.Name} does not answer at the moment";
        int agreed = 1 + votes.Count(vote => vote.Hash == header.Hash), total = 1 + votes.Count(vote => vote.Hash is not null);
        if (agreed == total) return null;
        foreach ((L1Endpoint other, Hash256? hash, _) in votes)
        {
            if (hash is { } contrary && contrary != header.Hash)
                logger.LogWarning("L1 endpoints disagree: block {Number} is final and {Hash} says {Endpoint}, but {OtherHash} says {OtherEndpoint}", header.Number, header.Hash, from.Name, contrary, other.Name);
        }

        if (agreed * 2 > total) return null;
        from.Health.Failed();
        return $"L1 endpoints disagree on the finalized block {header.Number}: {agreed} of {total} have {header.Hash}, as {from.Name} says";
    }

    private static async Task<(L1Endpoint Endpoint, Hash256? Hash, bool IsSilent)> AskAsync(L1Endpoint other, ulong number, CancellationToken cancellation)
    {
        try
        {
            return (other, (await other.Client.FindHeaderAsync(BlockParameter.At(number), cancellation))?.Hash, false);
        }
        catch (RpcCallException error) when (UnknownBlock.IsSaidBy(error))
        {
            return (other, null, false); // some clients say with an error that they are behind
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException && !cancellation.IsCancellationRequested)
        {
            other.Health.Failed();
            return (other, null, true);
        }
    }
}
