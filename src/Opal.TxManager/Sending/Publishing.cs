using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>Offers versions of a transaction to L1's pools: the first, the same again where a pool lost it, and raised ones.</summary>
internal sealed class Publishing(ManagerParts parts, Preparation preparation, NonceGaps gaps)
{
    /// <summary>Signs and publishes what is due: the newest version, or one that offers more, unless the limit forbids it.</summary>
    /// <exception cref="TxManagerException">It cannot get into the pools, and no version is there.</exception>
    public async Task OfferAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        DateTimeOffset now = parts.Clock.GetUtcNow();
        (TxFees? Fees, bool MustRaise, int Raises) before = attempt.Mark();
        bool isTold = false;
        try
        {
            attempt.OfferAt = null;
            if (attempt.GasLimit is null || attempt.Fees is null) await preparation.PrepareAsync(attempt, cancellation);
            if (attempt.MustRaise || attempt.MayBeStale) await TryRaiseAsync(attempt, onlyIfStale: !attempt.MustRaise, cancellation); // at the limit the last version is offered again: what stood in its way may be gone
            attempt.MayBeStale = false;
            await parts.Head.ReadAsync(cancellation);
            if (await SignAsync(attempt, cancellation) is not { } signed)
            {
                attempt.TakeBack(before);
                return;
            }

            isTold = true;
            if (attempt.Recorder is { } recorder && attempt.TryAddRecorded(signed.Hash)) await recorder.PublishingAsync(new TxVersion(attempt.Nonce, signed.Hash, attempt.Fees!.Value), cancellation);
            byte[] encoded = attempt.Sidecar is { } sidecar ? new PooledTransaction(signed, sidecar).Encode() : signed.Encoded;
            await HandleAsync(attempt, signed, await parts.L1.PublishAsync(encoded, cancellation), cancellation);
        }
        catch (TxManagerException error) when (error.Failure == TxFailure.FeeLimit || (attempt.MayBeOut.Count > 0 && error.Failure is TxFailure.Reverts or TxFailure.InsufficientFunds or TxFailure.Refused))
        {
            // It may pass, or an earlier version is there that may still be mined.
            attempt.IsAtLimit |= error.Failure == TxFailure.FeeLimit;
            attempt.LastAnswer = PoolAnswer.Later;
            Tell(attempt, error.Message);
            attempt.OfferAt = now + parts.Options.ReceiptQueryInterval;
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            if (!isTold) attempt.TakeBack(before); // the price may be another one when it is tried again
            bool isHopeless = error is RpcTransportException { IsTransient: false } || now - attempt.Begun >= parts.Options.NotInMempoolTimeout;
            if (isHopeless && attempt.MayBeOut.Count == 0) throw;
            Tell(attempt, $"L1 gave no answer: {error.Message}");
            attempt.LastAnswer = PoolAnswer.NoAnswer;
            attempt.OfferAt = now + parts.Options.RetryInterval;
        }
    }

    /// <summary>A problem that may repeat: the status says it at once, the log once a minute.</summary>
    private void Tell(SendAttempt attempt, string problem)
    {
        attempt.Problem = problem;
        if (attempt.IsTimeToTell(parts.Clock.GetUtcNow())) parts.Logger.LogWarning("The transaction with nonce {Nonce} of {Account} waits: {Problem}", attempt.Nonce, parts.Sender, problem);
    }

    /// <summary>Makes a new offer by the pools' rule; false when the limit forbids it or it is not needed.</summary>
    private async Task<bool> TryRaiseAsync(SendAttempt attempt, bool onlyIfStale, CancellationToken cancellation)
    {
        bool isBlob = attempt.Candidate.HasBlobs;
        (TxPrices prices, BlockHeader head) = await parts.Fees.EstimateAsync(isBlob, cancellation);
        await preparation.BuildSidecarAsync(attempt, head, cancellation);
        TxFees old = attempt.Fees!.Value;
        if (onlyIfStale && !FeeRules.IsStale(old, prices, isBlob)) return false;
        TxFees raised = attempt.MayBeOut.Count > 0 ? FeeRules.Raise(old, prices, isBlob) : FeeRules.Approach(old, prices, isBlob);
        string? problem = FeeRules.TooHigh(prices, parts.Options);
        if (problem is null && !FeeRules.IsWithinLimit(raised, prices, isBlob, parts.Options))
        {
            problem = $"the fee limit forbids a raise to {raised}: more than {parts.Options.FeeLimitMultiplier} times the price on L1 (fee-limit-multiplier, txmgr.fee-limit-threshold)";
        }

        if (problem is not null)
        {
            attempt.IsAtLimit = true;
            Tell(attempt, problem);
            return false;
        }

        parts.Logger.LogInformation("Raising the fees of the transaction with nonce {Nonce} from {Old} to {New}", attempt.Nonce, old, raised);
        parts.Metrics.Raised();
        attempt.Offer(raised);
        attempt.Problem = null;
        return true;
    }

    /// <summary>
    /// Offers the price of the moment again, where no version can be paid any more, L1 has lost all of them and the price has fallen since they were offered: then no
    /// rule of the pools binds a new version to their fees, and without it the account would wait for ether that it does not need.
    /// </summary>
    /// <returns>False when a version is still there, or the price is not lower.</returns>
    private async Task<bool> TryLowerAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        bool isBlob = attempt.Candidate.HasBlobs;
        (TxPrices prices, _) = await parts.Fees.EstimateAsync(isBlob, cancellation);
        TxFees old = attempt.Fees!.Value, fresh = FeeRules.Initial(prices, isBlob);
        if (MostCost(attempt, fresh) >= MostCost(attempt, old)) return false;
        if (!await IsLostAsync(attempt, cancellation)) return false;
        parts.Logger.LogWarning("L1's pool lost the transaction with nonce {Nonce}, and the account cannot pay for {Old} again: lowering its fees to {New}", attempt.Nonce, old, fresh);
        attempt.Offer(fresh);
        return true;
    }

    /// <summary>Whether neither a pool nor a block has any version.</summary>
    private async Task<bool> IsLostAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        foreach (Hash256 version in attempt.MayBeOut)
        {
            if (!(await parts.L1.LookForAsync(version, cancellation)).AllLack) return false;
        }

        return true;
    }

    /// <summary>The most wei that a version may cost.</summary>
    private static UInt256 MostCost(SendAttempt attempt, in TxFees fees) =>
        (fees.FeeCap * attempt.GasLimit!.Value) + attempt.Candidate.Value + (fees.BlobFeeCap * ((ulong)attempt.BlobHashes.Length * BlobGas.GasPerBlob));

    /// <summary>The version that the fees ask for; null when the signer failed, which is tried again.</summary>
    private async Task<Transaction?> SignAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        TxFees fees = attempt.Fees!.Value;
        if (attempt.Signed is { } same && same.MaxFeePerGas == fees.FeeCap && same.MaxPriorityFeePerGas == fees.Tip && same.MaxFeePerBlobGas == fees.BlobFeeCap) return same;
        TxCandidate candidate = attempt.Candidate;
        var unsigned = new Transaction
        {
            Type = candidate.HasBlobs ? TransactionType.Blob : TransactionType.DynamicFee,
            ChainId = parts.L1.ChainId,
            Nonce = attempt.Nonce,
            MaxFeePerGas = fees.FeeCap,
            MaxPriorityFeePerGas = fees.Tip,
            MaxFeePerBlobGas = fees.BlobFeeCap,
            GasLimit = attempt.GasLimit!.Value,
            To = candidate.To,
            Value = candidate.Value,
            Data = candidate.Data,
            BlobVersionedHashes = attempt.BlobHashes,
        };
        try
        {
            attempt.Signed = await parts.Signer.SignAsync(unsigned, cancellation).AsTask().WaitAsync(parts.Options.NetworkTimeout, parts.Clock, cancellation);
            attempt.IsUnsigned = false;
            return attempt.Signed;
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException or TimeoutException)
        {
            attempt.IsUnsigned = true;
            attempt.LastAnswer = PoolAnswer.Later;
            string why = error is TimeoutException ? $"no answer within {parts.Options.NetworkTimeout.TotalSeconds:0.#} s" : error.Message;
            Tell(attempt, $"the signer did not sign: {why}");
            attempt.OfferAt = parts.Clock.GetUtcNow() + parts.Options.RetryInterval;
            return null;
        }
    }

    private async Task HandleAsync(SendAttempt attempt, Transaction signed, Publication said, CancellationToken cancellation)
    {
        DateTimeOffset now = parts.Clock.GetUtcNow();
        TxManagerOptions options = parts.Options;
        attempt.LastAnswer = said.Answer;
        if (said.MayBeOut) attempt.AddMayBeOut(signed.Hash);
        bool isNowhere = attempt.MayBeOut.Count == 0 || (said.Answer == PoolAnswer.AlreadyReserved && await IsLostAsync(attempt, cancellation));
        switch (said.Answer)
        {
            case PoolAnswer.Taken:
                Taken(attempt, signed, now);
                return;
            case PoolAnswer.NonceTooLow when isNowhere:
                throw new TxManagerException(TxFailure.NonceTaken, $"nonce {attempt.Nonce} of {parts.Sender} is taken ({said.Problem})");
            case PoolAnswer.NonceTooLow:
                attempt.SuspectsNonce = true; // a version of ours may be the one that is mined
                return;
            case PoolAnswer.AlreadyReserved when isNowhere:
                throw new TxManagerException(TxFailure.AlreadyReserved, $"L1's pool holds transactions of {parts.Sender} of the other kind (blob or ordinary); cancel them or wait ({said.Problem})");
            case PoolAnswer.Refused when isNowhere:
                throw new TxManagerException(TxFailure.Refused, $"L1 refuses the transaction with nonce {attempt.Nonce} of {parts.Sender}: {said.Problem}");
            case PoolAnswer.InsufficientFunds:
                string lacking = await LackingAsync(attempt, said.Problem, cancellation);
                if (isNowhere) throw new TxManagerException(TxFailure.InsufficientFunds, lacking);
                if (await TryLowerAsync(attempt, cancellation))
                {
                    attempt.OfferAt = now;
                    return;
                }

                attempt.BackToAccepted();
                attempt.VersionSince = (now, parts.Head.Moves);
                attempt.OfferAt = now + options.ReceiptQueryInterval;
                Tell(attempt, lacking);
                return;
            case PoolAnswer.Underpriced:
                attempt.MustRaise = true;
                attempt.OfferAt = attempt.IsAtLimit ? now + options.ReceiptQueryInterval : now;
                break;
            default:
                attempt.OfferAt = now + (isNowhere || said.MayBeOut ? options.RetryInterval : options.ReceiptQueryInterval);
                break;
        }

        parts.Metrics.Refused(said.Answer);
        bool isToldAlready = said.Answer == PoolAnswer.Underpriced && attempt.IsAtLimit; // which limit, that is
        if (!isToldAlready) Tell(attempt, $"L1's pool did not take it ({attempt.Fees}): {said.Problem}");
    }

    private void Taken(SendAttempt attempt, Transaction signed, DateTimeOffset now)
    {
        attempt.Problem = null;
        TimeSpan rebroadcast = parts.Options.RebroadcastInterval;
        attempt.PoolCheckAt = rebroadcast > TimeSpan.Zero ? now + rebroadcast : null;
        if (!attempt.Accepted()) return;
        attempt.VersionSince = (now, parts.Head.Moves);
        parts.Metrics.Published(attempt);
        parts.Logger.LogInformation("Published transaction {Hash}: nonce {Nonce}, gas limit {Gas}, {Fees}{Blobs}", signed.Hash, attempt.Nonce, signed.GasLimit, attempt.Fees,
            attempt.BlobHashes.Length > 0 ? $", {attempt.BlobHashes.Length} blobs" : "");
    }

    /// <summary>How much ether the account lacks for this version, in words.</summary>
    private async Task<string> LackingAsync(SendAttempt attempt, string said, CancellationToken cancellation)
    {
        UInt256 cost = MostCost(attempt, attempt.Fees!.Value);
        try
        {
            UInt256 balance = await parts.L1.ReadAsync((client, token) => client.GetBalanceAsync(parts.Sender, BlockParameter.Latest, token), cancellation);
            parts.Metrics.Balance(balance);
            string missing = balance < cost ? $"{EtherText.Of(cost - balance)} ether are missing" : "what is pending takes the rest";
            return $"the account {parts.Sender} cannot pay for its transactions on L1: it has {EtherText.Of(balance)} ether, the transaction with nonce {attempt.Nonce} may cost {EtherText.Of(cost)}: {missing}; send ether to it";
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            return $"the account {parts.Sender} cannot pay for its transactions on L1: send ether to it ({said})";
        }
    }

    /// <summary>Looks at a transaction that waits to be mined: whether L1's pools lost it, or its fees are to be raised.</summary>
    public async Task ConsiderAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        DateTimeOffset now = parts.Clock.GetUtcNow();
        try
        {
            await parts.Head.ReadAsync(cancellation);
            if (attempt.OfferAt is not null)
            {
                if (attempt.LastAnswer == PoolAnswer.NonceGap) await gaps.ConsiderAsync(attempt, await NextNonceAsync(cancellation), cancellation);
                return;
            }

            if (attempt.Signed is not null && attempt.PoolCheckAt is { } check && check <= now)
            {
                attempt.PoolCheckAt = now + parts.Options.RebroadcastInterval;
                if ((await parts.L1.LookForAsync(attempt.Signed.Hash, cancellation)).SomeLack)
                {
                    // Some providers never show what is pending: that is no news every time.
                    LogLevel level = attempt.IsTimeToTell(now) ? LogLevel.Warning : LogLevel.Debug;
                    parts.Logger.Log(level, "L1's pool does not have transaction {Hash} (nonce {Nonce}): publishing it again", attempt.Signed.Hash, attempt.Nonce);
                    parts.Metrics.Republished();
                    attempt.OfferAt = now;
                }
            }

            if (now - attempt.VersionSince.At < parts.Options.ResubmissionTimeout) return;
            if (parts.Head.Moves == attempt.VersionSince.HeadMoves) return; // L1 stands still: no fee would help
            await ConsiderRaisingAsync(attempt, now, cancellation);
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            Tell(attempt, $"L1 gave no answer: {error.Message}");
        }
    }

    private Task<ulong> NextNonceAsync(CancellationToken cancellation) => parts.L1.NextNonceAsync(parts.Sender, BlockParameter.Latest, cancellation);

    /// <summary>One that waits behind lower nonces is raised only when its offer no longer pays for a block: raising it would not get it mined sooner.</summary>
    private async Task ConsiderRaisingAsync(SendAttempt attempt, DateTimeOffset now, CancellationToken cancellation)
    {
        ulong next = await NextNonceAsync(cancellation);
        if (next > attempt.Nonce)
        {
            attempt.SuspectsNonce = true;
            attempt.OfferAt = null;
            return;
        }

        if (next < attempt.Nonce) await gaps.ConsiderAsync(attempt, next, cancellation);
        else attempt.StuckBehind = null;
        if (await TryRaiseAsync(attempt, onlyIfStale: next < attempt.Nonce, cancellation)) attempt.OfferAt = now;
    }
}
