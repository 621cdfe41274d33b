using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>Sends batcher transactions through a transaction manager.</summary>
/// <param name="manager">The manager of the batcher's account.</param>
/// <param name="inbox">The batch inbox.</param>
public sealed class TxManagerSubmitter(TransactionManager manager, Address inbox) : IL1Submitter
{
    /// <inheritdoc/>
    public async Task<BlockId> SubmitAsync(IReadOnlyList<byte[]> carriers, bool asBlobs, CancellationToken cancellation)
    {
        try
        {
            TxReceiptInfo receipt = await manager.SendAsync(asBlobs ? WithBlobs(carriers) : WithCalldata(carriers), cancellation);
            return receipt.Succeeded ? receipt.Block : throw new BatchSubmissionException($"batcher transaction {receipt.TransactionHash} reverted on L1: is {inbox} an account without code?");
        }
        catch (TxManagerException error) when (error.Failure == TxFailure.AlreadyReserved)
        {
            // The pool holds a transaction of the other kind, from before the kind was changed: it is replaced by an empty one.
            await CancelBlockingAsync(ofBlobs: !asBlobs, cancellation);
            throw new BatchSubmissionException(error.Message, error);
        }
        catch (Exception error) when (error is TxManagerException or RpcTransportException or RpcCallException)
        {
            throw new BatchSubmissionException(error.Message, error);
        }
    }

    private async Task CancelBlockingAsync(bool ofBlobs, CancellationToken cancellation)
    {
        try
        {
            await manager.CancelPendingAsync(ofBlobs, cancellation);
        }
        catch (Exception error) when (error is TxManagerException or RpcTransportException or RpcCallException)
        {
            throw new BatchSubmissionException($"a transaction of the other kind blocks the batcher's account and cannot be cancelled: {error.Message}", error);
        }
    }

    private TxCandidate WithCalldata(IReadOnlyList<byte[]> carriers)
    {
        if (carriers.Count != 1) throw new ArgumentException("a transaction has one calldata", nameof(carriers));
        return new TxCandidate(inbox, carriers[0], UInt256.Zero, CalldataGas(carriers[0]));
    }

    private TxCandidate WithBlobs(IReadOnlyList<byte[]> carriers)
    {
        var blobs = new byte[carriers.Count][];
        for (int i = 0; i < blobs.Length; i++)
        {
            blobs[i] = new byte[BlobCodec.BlobSize];
            if (!BlobCodec.TryEncode(carriers[i], blobs[i])) throw new ArgumentException($"carrier {i} has {carriers[i].Length} bytes and does not fit a blob", nameof(carriers));
        }

        return new TxCandidate(inbox, ReadOnlyMemory<byte>.Empty, UInt256.Zero, 21_000, blobs);
    }

    /// <summary>What a transfer with this calldata takes: EIP-7623's floor, which is above the price of earlier forks.</summary>
    internal static ulong CalldataGas(ReadOnlySpan<byte> data)
    {
        ulong tokens = 0;
        foreach (byte b in data) tokens += b == 0 ? 1UL : 4UL;
        return 21_000 + (10 * tokens);
    }
}
