using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>What is to happen on L1; nonce, fees and signature are the manager's business.</summary>
/// <param name="To">The recipient; null creates a contract.</param>
/// <param name="Data">Call data or init code.</param>
/// <param name="Value">Wei sent along.</param>
/// <param name="GasLimit">The gas limit; null has it estimated.</param>
/// <param name="Blobs">Blobs of 131,072 bytes each; null or empty sends an ordinary transaction.</param>
public sealed record TxCandidate(Address? To, ReadOnlyMemory<byte> Data, UInt256 Value = default, ulong? GasLimit = null, IReadOnlyList<byte[]>? Blobs = null)
{
    /// <summary>Whether this is a blob transaction.</summary>
    public bool HasBlobs => Blobs is { Count: > 0 };
}
