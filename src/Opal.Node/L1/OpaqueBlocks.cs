using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Decides on blocks with transactions of unknown type that their provider has no bytes of, so that no root shows whether they are what it says.</summary>
/// <remarks>
/// <para>
/// The threat: a provider that wants to hold the safe head back, or to have an empty block derived in a batch's place, labels the batcher's transaction as
/// one of unknown type. The header does not show it. What is known then: the header is the chain's (its hash is checked), the other transactions are their own, and the list's
/// length and order are the provider's word alone.
/// </para>
/// <para>
/// So a second endpoint is asked for the same block by hash. One that has bytes settles it, whatever it says of the transactions: its block fits the root. Else both must name the
/// same hashes with the same ones unknown: the lie would have to be told twice. Two endpoints that contradict each other, or a second one that does not answer, mean that
/// the block is not used yet.
/// </para>
/// <para>
/// With a single endpoint there is nobody to ask, and refusing would stop the node at the first transaction of a new type for good. It is used, with one warning that names
/// the remedy. Such an operator trusts the provider for more than this already: which block is canonical is its word alone too. A block whose transactions are all known is never touched by any of this.
/// </para>
/// </remarks>
internal sealed class OpaqueBlocks(IReadOnlyList<L1Endpoint> endpoints, ILogger logger)
{
    private int _hasWarned;

    /// <summary>The block to use in place of an unverified answer.</summary>
    /// <exception cref="SourceException">No second endpoint confirms it.</exception>
    public async Task<L1BlockAnswer> ConfirmAsync(L1BlockAnswer answer, L1Endpoint from, CancellationToken cancellation)
    {
        if (endpoints.Count == 1)
        {
            Warn(answer.Header, $"{from.Name} is the only endpoint");
            return answer;
        }

        string problem = "no other endpoint has it";
        foreach (L1Endpoint other in endpoints.Where(other => other != from).OrderBy(static other => other.Health.NotBefore))
        {
            L1BlockAnswer? second;
            try
            {
                second = await other.Client.FindBlockAsync(BlockParameter.At(answer.Header.Hash), cancellation);
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException && !cancellation.IsCancellationRequested)
            {
                other.Health.Failed();
                problem = error.Message;
                continue;
            }

            if (second is null) continue;
            if (second.IsVerified)
            {
                if (second.Transactions.Where((transaction, i) => transaction is not null && (i >= answer.Transactions.Count || answer.Transactions[i] is null)).Any())
                {
                    logger.LogWarning("L1 endpoint {Endpoint} labels known transactions of block {Number} as of unknown type", from.Name, answer.Header.Number);
                    from.Health.Failed();
                }

                return second;
            }

            if (answer.AgreesWith(second))
            {
                Warn(answer.Header, $"{from.Name} and {other.Name} agree on it");
                return answer;
            }

            problem = $"{from.Name} and {other.Name} list different transactions";
            logger.LogWarning("L1 block {Number} {Hash}: {Problem}", answer.Header.Number, answer.Header.Hash, problem);
        }

        throw new SourceException($"L1: block {answer.Header.Number} has transactions of unknown type whose bytes {from.Name} does not give, and nobody confirms it: {problem}");
    }

    private void Warn(BlockHeader header, string ground)
    {
        if (Interlocked.Exchange(ref _hasWarned, 1) == 1) return;
        logger.LogWarning(
            "L1 block {Number} has transactions of a type this program does not know, and the provider does not give their bytes, so that they are not checked; it is used because {Ground}. "
            + "An endpoint with eth_getRawTransactionByHash or debug_getRawTransaction closes this gap. This is said once",
            header.Number, ground);
    }
}
