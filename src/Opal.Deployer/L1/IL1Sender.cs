using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.L1;

/// <summary>A transaction to sign: everything but the fees, which are the sender's.</summary>
/// <param name="Nonce">The account's nonce.</param>
/// <param name="To">The callee; null creates a contract.</param>
/// <param name="Data">Calldata or init code.</param>
/// <param name="Value">Wei.</param>
/// <param name="GasLimit">Gas.</param>
public sealed record L1Transaction(ulong Nonce, Address? To, ReadOnlyMemory<byte> Data, UInt256 Value, ulong GasLimit);

/// <summary>A signed transaction, ready to broadcast.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Raw">Its EIP-2718 bytes.</param>
public sealed record SignedL1Transaction(Hash256 Hash, ReadOnlyMemory<byte> Raw);

/// <summary>What became of a transaction in a block.</summary>
/// <param name="Success">Whether it took effect.</param>
/// <param name="BlockNumber">The block.</param>
/// <param name="BlockHash">The block's hash.</param>
/// <param name="GasUsed">Gas.</param>
public sealed record L1Receipt(bool Success, ulong BlockNumber, Hash256 BlockHash, ulong GasUsed);

/// <summary>The outcome of a call that changes nothing.</summary>
/// <param name="Success">False: reverted.</param>
/// <param name="Data">What was returned, or the revert data.</param>
public readonly record struct L1CallResult(bool Success, byte[] Data);

/// <summary>An account on L1 and the way to it: what a deployment needs of the world.</summary>
/// <remarks>Methods throw <see cref="DeployerException"/> or the transport's exception when L1 cannot be reached or refuses.</remarks>
public interface IL1Sender
{
    /// <summary>The account.</summary>
    Address Address { get; }

    /// <summary>The chain id.</summary>
    Task<ulong> GetChainIdAsync(CancellationToken cancellation);

    /// <summary>The nonce of the account in the latest block.</summary>
    Task<ulong> GetNonceAsync(CancellationToken cancellation);

    /// <summary>The balance of any account in the latest block, wei.</summary>
    Task<UInt256> GetBalanceAsync(Address address, CancellationToken cancellation);

    /// <summary>The code of any account in the latest block.</summary>
    Task<byte[]> GetCodeAsync(Address address, CancellationToken cancellation);

    /// <summary>A storage slot in the latest block.</summary>
    Task<UInt256> GetStorageAsync(Address address, UInt256 slot, CancellationToken cancellation);

    /// <summary>A call from the account; on the latest block, or on one by number.</summary>
    Task<L1CallResult> CallAsync(Address? to, ReadOnlyMemory<byte> data, UInt256 value, ulong? blockNumber, CancellationToken cancellation);

    /// <summary>The block with this hash, number (decimal or 0x) or tag; null when there is none.</summary>
    Task<L1BlockRef?> GetBlockAsync(string hashNumberOrTag, CancellationToken cancellation);

    /// <summary>Signs, at the fees that L1 asks now.</summary>
    /// <param name="transactions">In order of their nonces.</param>
    /// <param name="attempt">0 at first; each further attempt at the same nonces pays at least a quarter more than the one before.</param>
    /// <param name="cancellation">Ends it.</param>
    Task<IReadOnlyList<SignedL1Transaction>> SignAsync(IReadOnlyList<L1Transaction> transactions, int attempt, CancellationToken cancellation);

    /// <summary>Broadcasts in order. A transaction that L1 knows already, or whose nonce is used, is no error: the receipts decide.</summary>
    Task BroadcastAsync(IReadOnlyList<SignedL1Transaction> transactions, CancellationToken cancellation);

    /// <summary>The receipt of a transaction; null while it is in no block.</summary>
    Task<L1Receipt?> GetReceiptAsync(Hash256 hash, CancellationToken cancellation);
}
