using Opal.Crypto;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>Recovers the senders of a block on all processors, as an importing node does before it executes.</summary>
internal static class SenderRecovery
{
    public static void Recover(Transaction[] transactions) =>
        Parallel.For(0, transactions.Length, i => transactions[i].TryGetSender(NativeCrypto.Instance, out _));
}
