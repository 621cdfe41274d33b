using Microsoft.Extensions.Logging;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>Sends transactions of one account to L1 until they are confirmed.</summary>
/// <remarks>
/// Nonces follow the order of the calls of <see cref="SendAsync(TxCandidate, CancellationToken)"/>, which may overlap. One manager must own the account: a second
/// program with the same key would take its nonces.
/// </remarks>
public sealed class TransactionManager
{
    /// <summary>The most gas a transaction may have from Osaka on (EIP-7825).</summary>
    private const ulong MaxTransactionGas = 1 << 24;

    private readonly EthClient _l1;
    private readonly ISigner _signer;
    private readonly TxManagerOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly FeeEstimator _fees;
    private readonly NonceSource _nonces;
    private ulong? _chainId;
    private int _pending;

    /// <summary>A manager of the signer's account.</summary>
    public TransactionManager(EthClient l1, ISigner signer, TxManagerOptions options, TimeProvider clock, ILogger logger)
    {
        (_l1, _signer, _options, _clock, _logger) = (l1, signer, options, clock, logger);
        _fees = new FeeEstimator(l1, options);
        _nonces = new NonceSource(l1, signer.Address, logger);
    }

    /// <summary>The account.</summary>
    public Address Sender => _signer.Address;

    /// <summary>The transactions on their way.</summary>
    public int Pending => _pending;

    /// <summary>Sends a transaction and waits until it is confirmed.</summary>
    /// <returns>The receipt. A transaction that was mined and reverted is confirmed too: see <see cref="TxReceiptInfo.Succeeded"/>.</returns>
    /// <exception cref="TxManagerException">It was given up.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; if it was published, it may still be mined.</exception>
    public Task<TxReceiptInfo> SendAsync(TxCandidate candidate, CancellationToken cancellation = default) => SendAsync(candidate, null, null, cancellation);

    /// <summary>Sends a transaction and waits until it is confirmed; each version is recorded first, and what an earlier run published is taken up again.</summary>
    /// <param name="candidate">What is to happen.</param>
    /// <param name="recorder">Hears of every version before L1 does; null for nobody.</param>
    /// <param name="resume">What an earlier run published of the same candidate; null sends it for the first time.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>The receipt, as for <see cref="SendAsync(TxCandidate, CancellationToken)"/>.</returns>
    /// <exception cref="TxManagerException">It was given up. With <see cref="TxFailure.NonceTaken"/> none of the earlier versions is mined or can be any more.</exception>
    /// <exception cref="IOException">The recorder failed; that version was not published.</exception>
    public async Task<TxReceiptInfo> SendAsync(TxCandidate candidate, ITxRecorder? recorder, TxResume? resume, CancellationToken cancellation)
    {
        if (candidate.HasBlobs && candidate.To is null) throw new ArgumentException("a blob transaction needs a recipient", nameof(candidate));
        using var overall = new CancellationTokenSource(_options.SendTimeout > TimeSpan.Zero ? _options.SendTimeout : Timeout.InfiniteTimeSpan, _clock);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, overall.Token);
        Interlocked.Increment(ref _pending);
        var attempt = new SendAttempt(candidate, recorder, resume);
        try
        {
            return await SendTakingNoncesAsync(attempt, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TxManagerException(TxFailure.TimedOut, $"transaction of {Sender} was not confirmed within {_options.SendTimeout.TotalSeconds:0} s") { Published = attempt.Published };
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }

    /// <summary>A nonce that turns out to be taken, before anything was published with it, is replaced by a fresh one.</summary>
    private async Task<TxReceiptInfo> SendTakingNoncesAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        for (int taken = 1; ; taken++)
        {
            TxResume? resume = taken == 1 ? attempt.Resume : null;
            ulong nonce = resume is null ? await AcquireNonceAsync(cancellation) : _nonces.Adopt(resume.Nonce);
            attempt.Begin(nonce, resume);
            bool resetNonces = false;
            try
            {
                return await SendWithNonceAsync(attempt, cancellation);
            }
            catch (TxManagerException error) when (error.Failure == TxFailure.NonceTaken)
            {
                resetNonces = true;
                if (attempt.Published.Count > 0 || taken >= _options.SafeAbortNonceTooLowCount) throw;
                _logger.LogWarning("Nonce {Nonce} of {Account} is taken; asking L1 for the next one", nonce, Sender);
            }
            finally
            {
                _nonces.Release(nonce, attempt.Published.Count > 0 || resetNonces);
                if (resetNonces) _nonces.Reset();
            }
        }
    }

    private async Task<ulong> AcquireNonceAsync(CancellationToken cancellation)
    {
        Task<ulong> turn = _nonces.AcquireAsync(cancellation);
        try
        {
            return await RetryingAsync("the account's nonce", () => turn.IsFaulted ? turn = _nonces.AcquireAsync(cancellation) : turn, cancellation);
        }
        catch
        {
            // Given up before its turn came: what it then gets goes back, so that no gap is left.
            _ = turn.ContinueWith(late => _nonces.Release(late.Result, wasUsed: false), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    private async Task<TxReceiptInfo> SendWithNonceAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        await PrepareAsync(attempt, cancellation);
        while (true)
        {
            if (attempt.NeedsPublishing(_clock.GetUtcNow(), _options.ResubmissionTimeout)) await PublishAsync(attempt, cancellation);
            if (await FindConfirmedAsync(attempt, cancellation) is { } receipt) return receipt;
            if (attempt.NonceTooLowCount >= _options.SafeAbortNonceTooLowCount && !attempt.IsMined)
            {
                throw new TxManagerException(TxFailure.NonceTaken, $"nonce {attempt.Nonce} of {Sender} was taken by a transaction that is not ours") { Published = attempt.Published };
            }

            if (attempt.Published.Count == 0 && _clock.GetUtcNow() - attempt.Begun > _options.NotInMempoolTimeout)
            {
                throw new TxManagerException(TxFailure.NotInMempool,
                    $"L1's pool did not take the transaction with nonce {attempt.Nonce} of {Sender} within {_options.NotInMempoolTimeout.TotalSeconds:0} s: {attempt.LastProblem}");
            }

            await Task.Delay(attempt.DelayBeforeNextLook(_options), _clock, cancellation);
        }
    }

    /// <summary>Everything that stays the same over all versions: chain id, blobs with their proofs, gas limit; and the first offer of fees.</summary>
    private async Task PrepareAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        attempt.Begun = _clock.GetUtcNow();
        ulong chainId = _chainId ??= await RetryingAsync("the chain id", () => _l1.ChainIdAsync(cancellation), cancellation);
        (TxPrices prices, BlockHeader head) = await RetryingAsync("fees", () => _fees.EstimateAsync(attempt.Candidate.HasBlobs, cancellation), cancellation);
        if (attempt.Candidate.HasBlobs && attempt.Sidecar is null)
        {
            bool cells = (_options.CellProofTime ?? BlobSidecars.KnownCellProofTime(chainId)) is { } time && time <= head.Timestamp;
            attempt.Sidecar = await Task.Run(() => BlobSidecars.Build(attempt.Candidate.Blobs!, cells), cancellation);
            attempt.BlobHashes = [.. attempt.Sidecar.Commitments.Select(static c => Kzg.VersionedHash(c))];
        }

        if (attempt.Published.Count == 0) attempt.Fees = FeeRules.Initial(prices, attempt.Candidate.HasBlobs); // else a raise begins at the last version's
        attempt.GasLimit ??= attempt.Candidate.GasLimit ?? await RetryingAsync("gas", () => EstimateGasAsync(attempt, cancellation), cancellation);
    }

    private async Task<ulong> EstimateGasAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        try
        {
            var call = new EthCall
            {
                From = Sender, To = attempt.Candidate.To, Data = attempt.Candidate.Data, Value = attempt.Candidate.Value, BlobVersionedHashes = attempt.BlobHashes,
            };
            ulong estimate = await _l1.EstimateGasAsync(call, null, cancellation);
            ulong roomy = estimate + (estimate / 5);
            return roomy > MaxTransactionGas && estimate <= MaxTransactionGas ? MaxTransactionGas : roomy;
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.ExecutionReverted || error.Error.Message.Contains("revert", StringComparison.OrdinalIgnoreCase))
        {
            throw new TxManagerException(TxFailure.Reverts, $"the transaction to {attempt.Candidate.To?.ToString() ?? "a new contract"} would revert: {error.Error.Message}", error);
        }
        catch (RpcCallException error) when (PoolAnswers.Of(error) == PoolAnswer.InsufficientFunds)
        {
            throw OutOfFunds(error);
        }
    }

    /// <summary>Repeats a look at L1 that failed for lack of an answer, within the time for getting into the pool.</summary>
    private async Task<T> RetryingAsync<T>(string what, Func<Task<T>> look, CancellationToken cancellation)
    {
        DateTimeOffset begun = _clock.GetUtcNow();
        while (true)
        {
            try
            {
                return await look().WaitAsync(_options.NetworkTimeout, _clock, cancellation);
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException or TimeoutException)
            {
                if (error is RpcTransportException { IsTransient: false } || _clock.GetUtcNow() - begun >= _options.NotInMempoolTimeout) throw;
                _logger.LogWarning("L1 gave no answer about {What}, asking again: {Problem}", what, error.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), _clock, cancellation);
            }
        }
    }

    private TxManagerException OutOfFunds(Exception error) =>
        new(TxFailure.InsufficientFunds, $"the account {Sender} cannot pay for its transactions on L1: send ether to it ({error.Message})", error);

    /// <summary>Signs and publishes a version; one that follows another offers more, unless the limit forbids it.</summary>
    private async Task PublishAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        try
        {
            if (attempt.MustRaise) await RaiseAsync(attempt, cancellation);
            Transaction signed = await SignAsync(attempt, cancellation);
            if (attempt.Recorder is { } recorder && attempt.TryAddRecorded(signed.Hash)) await recorder.PublishingAsync(new TxVersion(attempt.Nonce, signed.Hash, attempt.Fees), cancellation);
            byte[] encoded = attempt.Sidecar is { } sidecar ? new PooledTransaction(signed, sidecar).Encode() : signed.Encoded;
            attempt.LastTry = _clock.GetUtcNow();
            await _l1.SendRawTransactionAsync(encoded, cancellation).WaitAsync(_options.NetworkTimeout, _clock, cancellation);
            Taken(attempt, signed);
        }
        catch (RpcCallException error)
        {
            HandleRefusal(attempt, error);
        }
        catch (Exception error) when (error is RpcTransportException or TimeoutException)
        {
            attempt.LastTry = _clock.GetUtcNow();
            attempt.LastProblem = error.Message;
            attempt.RetrySoon();
            _logger.LogWarning("L1 gave no answer about a transaction with nonce {Nonce}: {Problem}", attempt.Nonce, error.Message);
        }
    }

    private async Task RaiseAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        bool isBlob = attempt.Candidate.HasBlobs;
        (TxPrices prices, _) = await _fees.EstimateAsync(isBlob, cancellation).WaitAsync(_options.NetworkTimeout, _clock, cancellation);
        TxFees raised = FeeRules.Raise(attempt.Fees, prices, isBlob);
        if (!FeeRules.IsWithinLimit(raised, prices, isBlob, _options))
        {
            _logger.LogWarning("The fees of the transaction with nonce {Nonce} are not raised: {Offer} is more than {Multiplier} times the price on L1", attempt.Nonce, raised, _options.FeeLimitMultiplier);
            attempt.IsAtLimit = true;
            return;
        }

        _logger.LogInformation("Raising the fees of the transaction with nonce {Nonce} from {Old} to {New}", attempt.Nonce, attempt.Fees, raised);
        attempt.Fees = raised;
        attempt.IsAtLimit = false;
        attempt.MustRaise = false;
    }

    private async Task<Transaction> SignAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        if (attempt.Signed is { } same && same.MaxFeePerGas == attempt.Fees.FeeCap && same.MaxPriorityFeePerGas == attempt.Fees.Tip && same.MaxFeePerBlobGas == attempt.Fees.BlobFeeCap) return same;
        TxCandidate candidate = attempt.Candidate;
        var unsigned = new Transaction
        {
            Type = candidate.HasBlobs ? TransactionType.Blob : TransactionType.DynamicFee,
            ChainId = _chainId,
            Nonce = attempt.Nonce,
            MaxFeePerGas = attempt.Fees.FeeCap,
            MaxPriorityFeePerGas = attempt.Fees.Tip,
            MaxFeePerBlobGas = attempt.Fees.BlobFeeCap,
            GasLimit = attempt.GasLimit!.Value,
            To = candidate.To,
            Value = candidate.Value,
            Data = candidate.Data,
            BlobVersionedHashes = attempt.BlobHashes,
        };
        return attempt.Signed = await _signer.SignAsync(unsigned, cancellation);
    }

    private void Taken(SendAttempt attempt, Transaction signed)
    {
        if (attempt.TryAddPublished(signed.Hash))
        {
            _logger.LogInformation("Published transaction {Hash}: nonce {Nonce}, gas limit {Gas}, {Fees}{Blobs}", signed.Hash, attempt.Nonce, signed.GasLimit, attempt.Fees,
                attempt.BlobHashes.Length > 0 ? $", {attempt.BlobHashes.Length} blobs" : "");
        }

        attempt.MustRaise = true;
    }

    private void HandleRefusal(SendAttempt attempt, RpcCallException error)
    {
        attempt.LastProblem = error.Error.Message;
        PoolAnswer answer = PoolAnswers.Of(error);
        switch (answer)
        {
            case PoolAnswer.Taken when attempt.Signed is { } signed:
                Taken(attempt, signed);
                return;
            case PoolAnswer.NonceTooLow:
                attempt.NonceTooLowCount++;
                if (attempt.Published.Count == 0) throw new TxManagerException(TxFailure.NonceTaken, $"nonce {attempt.Nonce} of {Sender} is taken ({error.Error.Message})", error);
                return;
            case PoolAnswer.Underpriced:
                attempt.MustRaise = true;
                if (!attempt.IsAtLimit) attempt.RetryNow();
                break;
            case PoolAnswer.InsufficientFunds:
                if (attempt.Published.Count == 0) throw OutOfFunds(error);
                break;
            case PoolAnswer.AlreadyReserved when attempt.Published.Count == 0:
                throw new TxManagerException(TxFailure.AlreadyReserved, $"L1's pool holds transactions of {Sender} of the other kind (blob or ordinary); cancel them or wait ({error.Error.Message})", error);
            case PoolAnswer.Refused when attempt.Published.Count == 0:
                throw new TxManagerException(TxFailure.Refused, $"L1 refuses the transaction with nonce {attempt.Nonce} of {Sender}: {error.Error.Message}", error);
            default:
                attempt.RetrySoon();
                break;
        }

        _logger.LogWarning("L1's pool did not take the transaction with nonce {Nonce} ({Fees}): {Problem}", attempt.Nonce, attempt.Fees, error.Error.Message);
    }

    /// <summary>Looks whether a version is mined, and deep enough. One that was mined and is no longer goes back to waiting.</summary>
    private async Task<TxReceiptInfo?> FindConfirmedAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        if (attempt.Published.Count == 0) return null;
        try
        {
            TxReceiptInfo? receipt = null;
            for (int i = attempt.Published.Count - 1; i >= 0 && receipt is null; i--)
            {
                receipt = await _l1.FindReceiptAsync(attempt.Published[i], cancellation).WaitAsync(_options.NetworkTimeout, _clock, cancellation);
            }

            if (receipt is null)
            {
                if (attempt.IsMined)
                {
                    _logger.LogWarning("The transaction with nonce {Nonce} was mined and is not any more: L1 was reorganised", attempt.Nonce);
                    attempt.Unmined();
                }

                return null;
            }

            if (attempt.MinedIn != receipt.Block) _logger.LogDebug("Transaction {Hash} is in L1 block {Block}", receipt.TransactionHash, receipt.Block.Number);
            attempt.Mined(receipt.Block);
            ulong head = await _l1.BlockNumberAsync(cancellation).WaitAsync(_options.NetworkTimeout, _clock, cancellation);
            if (head + 1 < receipt.Block.Number + _options.ConfirmationBlocks) return null;
            _logger.LogInformation("Transaction {Hash} is confirmed in L1 block {Block}{Reverted}: gas {Gas} at {Price} wei", receipt.TransactionHash, receipt.Block.Number,
                receipt.Succeeded ? "" : ", reverted", receipt.Receipt.GasUsed, receipt.Receipt.EffectiveGasPrice);
            return receipt;
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException or TimeoutException)
        {
            _logger.LogWarning("L1 gave no answer about the receipt of the transaction with nonce {Nonce}: {Problem}", attempt.Nonce, error.Message);
            return null;
        }
    }

    /// <summary>Replaces the oldest transaction of the account that L1's pool still holds by an empty one to the account itself.</summary>
    /// <param name="ofBlobs">Whether the one to replace is a blob transaction: only such a one can replace it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TxManagerException">It was given up.</exception>
    public Task<TxReceiptInfo> CancelPendingAsync(bool ofBlobs, CancellationToken cancellation = default)
    {
        _nonces.Reset();
        return SendAsync(new TxCandidate(Sender, ReadOnlyMemory<byte>.Empty, UInt256.Zero, 21_000, ofBlobs ? [new byte[Kzg.BlobSize]] : null), cancellation);
    }
}
