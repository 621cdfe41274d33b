using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>An L1 block as a provider gave it.</summary>
/// <param name="Header">The header, whose hash has been checked.</param>
/// <param name="Transactions">The transactions in order; null stands for one of a type unknown here.</param>
/// <param name="Hashes">The transactions' hashes; of unknown ones as the provider states them, unless <paramref name="IsVerified"/>.</param>
/// <param name="IsVerified">
/// Whether the transactions make up the header's transactions root, or the provider is trusted. False only where a transaction is of unknown type and the provider has no method
/// that gives its bytes: then nothing shows that there is no known transaction in that place, and a second provider has to be asked.
/// </param>
public sealed record L1BlockAnswer(BlockHeader Header, IReadOnlyList<Transaction?> Transactions, IReadOnlyList<Hash256> Hashes, bool IsVerified)
{
    /// <summary>Whether two unverified answers say the same: the same hashes, with the same ones of unknown type.</summary>
    public bool AgreesWith(L1BlockAnswer other) =>
        Header.Hash == other.Header.Hash && Hashes.SequenceEqual(other.Hashes) && Transactions.Select(static t => t is null).SequenceEqual(other.Transactions.Select(static t => t is null));
}
