using Opal.Primitives;

namespace Opal.Execution;

/// <summary>One sender's pooled transactions in nonce order.</summary>
/// <param name="Sender">The account.</param>
/// <param name="Pending">Executable now.</param>
/// <param name="Queued">Waiting for a missing nonce or for balance.</param>
public sealed record SenderContent(Address Sender, IReadOnlyList<PoolTransaction> Pending, IReadOnlyList<PoolTransaction> Queued);
