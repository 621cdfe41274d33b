using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Looks what became of the versions of a transaction: mined, deep enough, reorganised away, or its nonce taken by another.</summary>
internal sealed class Confirming(ManagerParts parts)
{
    /// <summary>The receipt of the version that is deep enough; null while there is none. One that was mined and is no longer goes back to waiting.</summary>
    /// <exception cref="TxManagerException">The nonce is taken for good by a transaction that is not ours.</exception>
    public async Task<TxReceiptInfo?> LookAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        if (attempt.MayBeOut.Count == 0) return null;
        try
        {
            (TxReceiptInfo Receipt, ulong Depth)? found = await parts.L1.FindReceiptAsync(attempt.MayBeOut, cancellation);
            if (found is not { } mined)
            {
                if (attempt.IsMined)
                {
                    parts.Logger.LogWarning("The transaction with nonce {Nonce} was mined in L1 block {Block} and is not any more: L1 was reorganised", attempt.Nonce, attempt.MinedIn!.Value.Number);
                    parts.Metrics.ReorganisedAway();
                    attempt.Unmined(parts.Clock.GetUtcNow());
                }

                if (attempt.SuspectsNonce) await CheckNonceAsync(attempt, cancellation);
                return null;
            }

            TxReceiptInfo receipt = mined.Receipt;
            if (attempt.MinedIn is { } before && before != receipt.Block) parts.Logger.LogWarning("Transaction {Hash} moved from L1 block {Old} to {Block}: L1 was reorganised", receipt.TransactionHash, before, receipt.Block);
            else if (!attempt.IsMined) parts.Logger.LogDebug("Transaction {Hash} is in L1 block {Block}", receipt.TransactionHash, receipt.Block.Number);
            attempt.Mined(receipt.Block);
            if (mined.Depth < parts.Options.ConfirmationBlocks) return null;
            parts.Logger.LogInformation("Transaction {Hash} is confirmed in L1 block {Block}{Reverted}: gas {Gas} at {Price} gwei, {Fee} ether in all", receipt.TransactionHash, receipt.Block.Number,
                receipt.Succeeded ? "" : ", reverted", receipt.Receipt.GasUsed, EtherText.Gwei(receipt.Receipt.EffectiveGasPrice), EtherText.Of(TxMetrics.FeeOf(receipt)));
            return receipt;
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            attempt.Problem = $"L1 gave no answer about the receipt: {error.Message}";
            if (attempt.IsTimeToTell(parts.Clock.GetUtcNow())) parts.Logger.LogWarning("L1 gave no answer about the receipt of the transaction with nonce {Nonce}: {Problem}", attempt.Nonce, error.Message);
            return null;
        }
    }

    /// <summary>
    /// No version has a receipt: is the nonce still free? A nonce counts as taken only when several looks say so and the other transaction is as deep as a
    /// confirmation asks for; until then a reorg may give it back, and our version be mined after all.
    /// </summary>
    private async Task CheckNonceAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        ulong next = await parts.L1.NextNonceAsync(parts.Sender, BlockParameter.Latest, cancellation);
        if (next <= attempt.Nonce)
        {
            attempt.SuspectsNonce = false;
            attempt.NonceTaken = default;
            attempt.OfferAt = parts.Clock.GetUtcNow();
            return;
        }

        if (!await parts.L1.IsUsedByAnotherAsync(parts.Sender, attempt.Nonce, attempt.MayBeOut, cancellation))
        {
            attempt.Problem = $"nonce {attempt.Nonce} of {parts.Sender} is used on L1; the endpoint that says so does not tell by which transaction";
            return;
        }

        await parts.Head.ReadAsync(cancellation);
        ulong head = parts.Head.Number;
        (int looks, ulong since) = attempt.NonceTaken;
        attempt.NonceTaken = (looks + 1, looks == 0 ? head : since);
        attempt.Problem = $"nonce {attempt.Nonce} of {parts.Sender} is used on L1, and none of its {attempt.MayBeOut.Count} versions has a receipt";
        if (looks == 0) parts.Logger.LogWarning("{Problem}: looking again", attempt.Problem);
        if (looks + 1 < parts.Options.SafeAbortNonceTooLowCount || !await IsTakenForGoodAsync(attempt, head, cancellation)) return;
        throw new TxManagerException(TxFailure.NonceTaken, $"nonce {attempt.Nonce} of {parts.Sender} was taken by a transaction that is not ours: does another program use this key?") { Published = attempt.MayBeOut };
    }

    private async Task<bool> IsTakenForGoodAsync(SendAttempt attempt, ulong head, CancellationToken cancellation)
    {
        ulong depth = parts.Options.ConfirmationBlocks;
        if (depth <= 1) return true;
        if (head + 1 < depth) return false;
        try
        {
            var deep = BlockParameter.At(head + 1 - depth);
            return await parts.L1.ReadAsync((client, token) => client.GetTransactionCountAsync(parts.Sender, deep, token), cancellation) > attempt.Nonce;
        }
        catch (RpcCallException error)
        {
            parts.Logger.LogDebug("L1 does not tell the nonce in an earlier block ({Problem}): waiting for {Depth} blocks instead", error.Message, depth);
            return head + 1 >= attempt.NonceTaken.SinceHead + depth;
        }
    }
}
