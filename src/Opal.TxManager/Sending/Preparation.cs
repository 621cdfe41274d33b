using Microsoft.Extensions.Logging;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>Finds out what stays the same over all versions of a transaction: blobs with their proofs, and the gas limit; and the first offer of fees.</summary>
internal sealed class Preparation(ManagerParts parts)
{
    /// <summary>The most gas a transaction may have from Osaka on (EIP-7825).</summary>
    private const ulong MaxTransactionGas = 1 << 24;

    /// <exception cref="TxManagerException">It would revert, cannot be paid, or breaks a rule.</exception>
    public async Task PrepareAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        TxCandidate candidate = attempt.Candidate;
        (TxPrices prices, BlockHeader head) = await parts.Fees.EstimateAsync(candidate.HasBlobs, cancellation);
        bool isOsaka = IsOsaka(head);
        await BuildSidecarAsync(attempt, head, cancellation);
        ulong gas = candidate.GasLimit ?? await EstimateGasAsync(attempt, cancellation);
        if (isOsaka && gas > MaxTransactionGas)
        {
            throw new TxManagerException(TxFailure.Refused, $"the transaction to {To(candidate)} needs {gas} gas; L1 allows a transaction {MaxTransactionGas} (EIP-7825): do less at a time");
        }

        if (attempt.Fees is null) // else a raise begins at the last version's
        {
            if (FeeRules.TooHigh(prices, parts.Options) is { } problem) throw new TxManagerException(TxFailure.FeeLimit, problem);
            attempt.Offer(FeeRules.Initial(prices, candidate.HasBlobs));
        }

        attempt.GasLimit = gas;
    }

    private bool IsOsaka(BlockHeader head) => (parts.Options.CellProofTime ?? BlobSidecars.KnownCellProofTime(parts.L1.ChainId!.Value)) is { } time && time <= head.Timestamp;

    /// <summary>Makes the proofs that L1's pools want at a head; anew when Osaka came since, as they are no part of what is signed.</summary>
    public async Task BuildSidecarAsync(SendAttempt attempt, BlockHeader head, CancellationToken cancellation)
    {
        bool cells = IsOsaka(head);
        if (!attempt.Candidate.HasBlobs || (attempt.Sidecar is { } made && (made.WrapperVersion == 1 || !cells))) return;
        attempt.Sidecar = await Task.Run(() => BlobSidecars.Build(attempt.Candidate.Blobs!, cells), cancellation);
        attempt.BlobHashes = [.. attempt.Sidecar.Commitments.Select(static c => Kzg.VersionedHash(c))];
    }

    private static string To(TxCandidate candidate) => candidate.To?.ToString() ?? "a new contract";

    private async Task<ulong> EstimateGasAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        try
        {
            var call = new EthCall
            {
                From = parts.Sender, To = attempt.Candidate.To, Data = attempt.Candidate.Data, Value = attempt.Candidate.Value, BlobVersionedHashes = attempt.BlobHashes,
            };
            ulong estimate = await parts.L1.ReadAsync((client, token) => client.EstimateGasAsync(call, null, token), cancellation);
            ulong roomy = estimate + (estimate / 5);
            return roomy > MaxTransactionGas && estimate <= MaxTransactionGas ? MaxTransactionGas : roomy;
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.ExecutionReverted || error.Error.Message.Contains("revert", StringComparison.OrdinalIgnoreCase))
        {
            throw new TxManagerException(TxFailure.Reverts, $"the transaction to {To(attempt.Candidate)} would revert: {error.Error.Message}", error);
        }
        catch (RpcCallException error) when (PoolAnswers.Of(error) == PoolAnswer.InsufficientFunds)
        {
            throw new TxManagerException(TxFailure.InsufficientFunds, $"the account {parts.Sender} cannot pay for its transactions on L1: send ether to it ({error.Error.Message})", error);
        }
    }
}
