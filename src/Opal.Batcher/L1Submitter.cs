using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>Submits batcher transactions through a transaction manager.</summary>
public sealed class L1Submitter(TransactionManager manager, Address inbox) : IL1Submitter
{
    private const ulong TransactionGas = 21_000;

    /// <summary>Hears of every receipt, that of a reverted transaction too, e.g. to count fees; null: nobody does.</summary>
    public Action<TxReceiptInfo>? Confirmed { get; init; }

    /// <inheritdoc/>
    public async Task<BlockId> SubmitAsync(IReadOnlyList<byte[]> carriers, bool asBlobs, ITxRecorder? recorder, TxResume? resume, CancellationToken cancellation)
    {
        TxCandidate candidate = asBlobs
            ? new TxCandidate(inbox, ReadOnlyMemory<byte>.Empty, GasLimit: TransactionGas, Blobs: [.. carriers.Select(BlobOf)])
            : new TxCandidate(inbox, carriers[0], GasLimit: CalldataGas(carriers[0]));
        try
        {
            TxReceiptInfo receipt = await manager.SendAsync(candidate, recorder, resume, cancellation);
            Confirmed?.Invoke(receipt);

            // verifiers read what was sent to the inbox whatever came of it there: one that reverted is on L1, and sending it again would post it twice
            return receipt.Block;
        }
        catch (TxManagerException error) when (error.Failure == TxFailure.AlreadyReserved)
        {
            await CancelBlockingAsync(ofBlobs: !asBlobs, cancellation);
            throw new BatchSubmissionException(error.Message, error);
        }
        catch (Exception error) when (error is TxManagerException or RpcTransportException or RpcCallException)
        {
            throw new BatchSubmissionException(error.Message, error);
        }
    }

    /// <summary>L1's pool holds a transaction of the other kind, from before the kind was changed: it is replaced by an empty one.</summary>
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

    private static byte[] BlobOf(byte[] carrier)
    {
        var blob = new byte[BlobCodec.BlobSize];
        if (!BlobCodec.TryEncode(carrier, blob)) throw new InvalidOperationException($"a carrier of {carrier.Length} bytes was cut too large for a blob");
        return blob;
    }

    /// <summary>What a transaction with this calldata and no code behind it costs: the larger of the ordinary price and EIP-7623's floor.</summary>
    internal static ulong CalldataGas(ReadOnlySpan<byte> data)
    {
        int zeros = data.Count((byte)0), others = data.Length - zeros;
        ulong ordinary = (ulong)((4L * zeros) + (16L * others)), floor = (ulong)((10L * zeros) + (40L * others));
        return TransactionGas + Math.Max(ordinary, floor);
    }
}
