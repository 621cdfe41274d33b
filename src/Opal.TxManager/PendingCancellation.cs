using Opal.JsonRpc;

namespace Opal.TxManager;

/// <summary>What came of cancelling an account's transactions in L1's pool.</summary>
/// <param name="Receipts">The receipts of the empty transactions that took their place, in order of nonces. One that was mined before it could be replaced has none.</param>
/// <param name="LeftAlone">Nonces that were not touched, as this program's own transactions on their way have them.</param>
public sealed record PendingCancellation(IReadOnlyList<TxReceiptInfo> Receipts, IReadOnlyList<ulong> LeftAlone);
