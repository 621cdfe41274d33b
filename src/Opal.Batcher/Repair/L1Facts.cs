using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Asks L1's execution client.</summary>
/// <param name="l1">The client.</param>
/// <param name="sender">The account that sends batcher transactions.</param>
/// <param name="systemConfig">The SystemConfig contract (rollup.json's l1_system_config_address); zero when there is none.</param>
public sealed class L1Facts(EthClient l1, Address sender, Address systemConfig) : IL1Facts
{
    private static readonly byte[] BatcherHash = Keccak256.Hash("batcherHash()"u8).ToArray()[..4];

    /// <inheritdoc/>
    public Address Sender => sender;

    /// <inheritdoc/>
    public async Task<BlockId?> FindBlockAsync(ulong number, CancellationToken cancellation) =>
        await l1.FindHeaderAsync(BlockParameter.At(number), cancellation) is { } header ? header.Id : null;

    /// <inheritdoc/>
    public async Task<L1Inclusion?> FindInclusionAsync(Hash256 transaction, CancellationToken cancellation)
    {
        if (await l1.FindReceiptAsync(transaction, cancellation) is not { } receipt) return null;

        // some clients give receipts of blocks that were reorganised away
        return await FindBlockAsync(receipt.Block.Number, cancellation) == receipt.Block ? new L1Inclusion(transaction, receipt.Block, receipt.TransactionIndex) : null;
    }

    /// <inheritdoc/>
    public async Task<Address?> FindBatcherAsync(CancellationToken cancellation)
    {
        if (systemConfig == default) return null;
        byte[] word = await l1.CallAsync(systemConfig, BatcherHash, BlockParameter.Latest, cancellation);
        return word.Length == 32 ? new Address(word.AsSpan(12)) : null;
    }

    /// <inheritdoc/>
    public async Task<ulong?> FindNewestOwnBlockAsync(int depth, CancellationToken cancellation)
    {
        ulong head = await l1.BlockNumberAsync(cancellation);
        ulong low = head >= (ulong)depth ? head - (ulong)depth : 0, high = head;
        ulong nonce = await NonceAtAsync(head, cancellation);
        if (await NonceAtAsync(low, cancellation) == nonce) return null;

        // the first block with the head's nonce holds the newest transaction: in between, nonces only grow
        while (low + 1 < high)
        {
            ulong middle = low + ((high - low) / 2);
            if (await NonceAtAsync(middle, cancellation) == nonce) high = middle;
            else low = middle;
        }

        return high;
    }

    private Task<ulong> NonceAtAsync(ulong block, CancellationToken cancellation) => l1.GetTransactionCountAsync(sender, BlockParameter.At(block), cancellation);
}
