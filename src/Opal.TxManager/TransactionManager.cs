using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Sends transactions of one account to L1 until they are confirmed.</summary>
/// <remarks>
/// Nonces follow the order of the calls of <see cref="SendAsync(TxCandidate, CancellationToken)"/>, which may overlap. One manager must own the account: a second
/// program with the same key would take its nonces.
/// </remarks>
public sealed class TransactionManager : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<SendAttempt> _attempts = [];
    private readonly LiveOptions _live;
    private readonly TxMetrics _metrics;
    private readonly ManagerParts _parts;
    private readonly Publishing _publishing;
    private readonly Confirming _confirming;
    private int _pending;

    /// <summary>A manager of the signer's account over one L1 endpoint.</summary>
    public TransactionManager(EthClient l1, ISigner signer, TxManagerOptions options, TimeProvider clock, ILogger logger) : this([l1], signer, options, clock, logger) { }

    /// <summary>A manager of the signer's account.</summary>
    /// <param name="l1">The L1 endpoints: transactions are published to all of them, receipts looked for at all of them.</param>
    /// <param name="signer">Holds the account's key.</param>
    /// <param name="options">How transactions are priced, repeated and confirmed.</param>
    /// <param name="clock">The clock of all waits.</param>
    /// <param name="logger">Hears what an operator needs to know.</param>
    /// <param name="role">What the account is for (batcher, proposer), as metrics name it.</param>
    public TransactionManager(IReadOnlyList<EthClient> l1, ISigner signer, TxManagerOptions options, TimeProvider clock, ILogger logger, string role = "")
    {
        _live = new LiveOptions(options);
        _metrics = new TxMetrics(signer.Address, role);
        _parts = new ManagerParts(new L1Endpoints(l1, _live, clock, logger, _metrics), signer, _live, clock, logger, _metrics);
        _publishing = new Publishing(_parts, new Preparation(_parts), new NonceGaps(_parts, SendWithNonceAsync));
        _confirming = new Confirming(_parts);
        _metrics.Watch(() => Status);
    }

    /// <summary>The account.</summary>
    public Address Sender => _parts.Sender;

    /// <summary>The transactions on their way.</summary>
    public int Pending => _pending;

    /// <summary>The options of the moment.</summary>
    public TxManagerOptions Options => _live.Current;

    /// <summary>How the account's transactions are doing.</summary>
    public TxManagerStatus Status
    {
        get
        {
            SendAttempt[] attempts;
            lock (_gate) attempts = [.. _attempts.OrderBy(static attempt => attempt.Nonce)];
            (long published, long raised, long confirmed, long reverted) = _metrics.Counts;
            return new TxManagerStatus
            {
                Account = Sender,
                Pending = _pending,
                NextNonce = _parts.Nonces.Next,
                OldestNonce = attempts.Length > 0 ? attempts[0].Nonce : null,
                OldestPendingAge = attempts.Length > 0 ? _parts.Clock.GetUtcNow() - attempts.Min(static attempt => attempt.Begun) : null,
                OldestFees = attempts.Length > 0 ? attempts[0].Fees : null,
                Problem = Array.Find(attempts, static attempt => attempt.Problem is not null)?.Problem ?? (Array.Exists(attempts, static attempt => !attempt.IsMined) ? _parts.Head.Problem : null),
                Published = published,
                Raised = raised,
                Confirmed = confirmed,
                Reverted = reverted,
                FeesSpent = _metrics.Spent,
                Balance = _metrics.LastBalance,
            };
        }
    }

    /// <summary>Asks every L1 endpoint for its chain id, as every program should before it starts.</summary>
    /// <returns>The chain id.</returns>
    /// <exception cref="TxManagerException">Endpoints are on different chains, or not on the configured one: <see cref="TxFailure.WrongChain"/>.</exception>
    /// <exception cref="RpcTransportException">No endpoint answered.</exception>
    public Task<ulong> CheckChainAsync(CancellationToken cancellation = default) => _parts.L1.CheckChainAsync(cancellation);

    /// <summary>Reads the account's balance in the latest L1 block, wei; the metric and the status show it from then on.</summary>
    public async Task<UInt256> GetBalanceAsync(CancellationToken cancellation = default)
    {
        UInt256 balance = await _parts.L1.ReadAsync((client, token) => client.GetBalanceAsync(Sender, BlockParameter.Latest, token), cancellation);
        _metrics.Balance(balance);
        return balance;
    }

    /// <summary>Changes options while transactions are on their way; those that are of use only at the start stay without effect.</summary>
    public void Change(Func<TxManagerOptions, TxManagerOptions> change) => _live.Change(change);

    /// <summary>Adds the methods by which an operator reads and changes options (<c>txmgr_…</c>).</summary>
    public void Register(RpcRegistry registry) => TxManagerRpc.Register(registry, _live, _parts.Logger);

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
        if (resume is { Versions.Count: 0 }) throw new ArgumentException("there is no version to resume", nameof(resume));
        TimeSpan limit = _live.Current.SendTimeout;
        using var overall = new CancellationTokenSource(limit > TimeSpan.Zero ? limit : Timeout.InfiniteTimeSpan, _parts.Clock);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, overall.Token);
        var attempt = new SendAttempt(candidate, recorder, resume) { Begun = _parts.Clock.GetUtcNow() };
        Interlocked.Increment(ref _pending);
        try
        {
            return await SendTakingNoncesAsync(attempt, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            _metrics.GivenUp(TxFailure.TimedOut);
            string why = attempt.Problem is { } problem ? $": {problem}" : "";
            throw new TxManagerException(TxFailure.TimedOut, $"transaction of {Sender} was not confirmed within {limit.TotalSeconds:0} s{why}") { Published = [.. attempt.MayBeOut] };
        }
        catch (TxManagerException error)
        {
            _metrics.GivenUp(error.Failure);
            throw;
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
            if (resume is not null && !_parts.Nonces.TryAdopt(resume.Nonce)) await AdoptWhenFreeAsync(resume.Nonce, cancellation);
            attempt.Begin(resume?.Nonce ?? await AcquireNonceAsync(cancellation), resume);
            try
            {
                return await SendWithNonceAsync(attempt, cancellation);
            }
            catch (TxManagerException error) when (error.Failure == TxFailure.NonceTaken && attempt.MayBeOut.Count == 0 && taken < _live.Current.SafeAbortNonceTooLowCount)
            {
                _parts.Logger.LogWarning("Nonce {Nonce} of {Account} is taken; asking L1 for the next one", attempt.Nonce, Sender);
            }
        }
    }

    /// <summary>Two candidates may have been recorded with one nonce: the first was refused, and the next got its nonce. Only one can be mined; the other learns so when the first is done.</summary>
    private async Task AdoptWhenFreeAsync(ulong nonce, CancellationToken cancellation)
    {
        _parts.Logger.LogWarning("Nonce {Nonce} of {Account} is resumed by two transactions: the second waits for the first", nonce, Sender);
        while (!_parts.Nonces.TryAdopt(nonce)) await Task.Delay(_live.Current.ReceiptQueryInterval, _parts.Clock, cancellation);
    }

    private async Task<ulong> AcquireNonceAsync(CancellationToken cancellation)
    {
        Task<ulong> turn = _parts.Nonces.AcquireAsync(cancellation);
        try
        {
            return await RetryingAsync("the account's nonce", () => turn.IsFaulted ? turn = _parts.Nonces.AcquireAsync(cancellation) : turn, forever: false, cancellation);
        }
        catch
        {
            // Given up before its turn came: what it then gets goes back, so that no gap is left.
            _ = turn.ContinueWith(late => _parts.Nonces.Release(late.Result, wasUsed: false), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Sends an attempt that has its nonce, which goes back at the end.</summary>
    private async Task<TxReceiptInfo> SendWithNonceAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        bool isTaken = false;
        lock (_gate) _attempts.Add(attempt);
        try
        {
            TxReceiptInfo receipt = await UntilConfirmedAsync(attempt, cancellation);
            _metrics.Confirmed(receipt, _parts.Clock.GetUtcNow() - attempt.Begun);
            return receipt;
        }
        catch (TxManagerException error) when (error.Failure == TxFailure.NonceTaken)
        {
            isTaken = true;
            throw;
        }
        finally
        {
            lock (_gate) _attempts.Remove(attempt);
            _parts.Nonces.Release(attempt.Nonce, isTaken || attempt.MayBeOut.Count > 0);
            if (isTaken) _parts.Nonces.Reset();
        }
    }

    private async Task<TxReceiptInfo> UntilConfirmedAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        if (attempt.Begun == default) attempt.Begun = _parts.Clock.GetUtcNow();
        if (!_parts.L1.IsChecked) await RetryingAsync("the chain id", () => _parts.L1.CheckChainAsync(cancellation), forever: attempt.Resume is not null, cancellation);
        while (true)
        {
            DateTimeOffset now = _parts.Clock.GetUtcNow();
            if (!attempt.IsMined && !attempt.SuspectsNonce && attempt.OfferAt <= now) await _publishing.OfferAsync(attempt, cancellation);
            if (await _confirming.LookAsync(attempt, cancellation) is { } receipt) return receipt;
            if (!attempt.IsMined && !attempt.SuspectsNonce)
            {
                await _publishing.ConsiderAsync(attempt, cancellation);
                await GiveUpUnlessInPoolAsync(attempt, cancellation);
            }

            await Task.Delay(attempt.DelayBeforeNextLook(_parts.Clock.GetUtcNow(), _live.Current), _parts.Clock, cancellation);
        }
    }

    /// <summary>A transaction that no pool takes is given up in time, unless a pool may have it after all.</summary>
    private async Task GiveUpUnlessInPoolAsync(SendAttempt attempt, CancellationToken cancellation)
    {
        TimeSpan limit = _live.Current.NotInMempoolTimeout;
        if (attempt.IsAccepted || attempt.LastAnswer is PoolAnswer.Taken or PoolAnswer.NoAnswer || _parts.Clock.GetUtcNow() - attempt.Begun <= limit) return;
        if (attempt.LastAnswer == PoolAnswer.NonceGap && _parts.Nonces.HasLowerInUse(attempt.Nonce)) return; // its turn comes
        foreach (Hash256 version in attempt.MayBeOut)
        {
            if (!(await _parts.L1.LookForAsync(version, cancellation)).AllLack) return;
        }

        TxFailure failure = attempt switch
        {
            { LastAnswer: PoolAnswer.InsufficientFunds } => TxFailure.InsufficientFunds,
            { IsAtLimit: true } => TxFailure.FeeLimit,
            { IsUnsigned: true } => TxFailure.NotSigned,
            _ => TxFailure.NotInMempool,
        };
        throw new TxManagerException(failure,
            $"L1's pool did not take the transaction with nonce {attempt.Nonce} of {Sender} within {limit.TotalSeconds:0} s: {attempt.Problem}") { Published = [.. attempt.MayBeOut] };
    }

    /// <summary>Never nothing: a pause of zero is allowed to be asked for, and would leave no time for anything else.</summary>
    private TimeSpan RetryPause => _live.Current.RetryInterval > SendAttempt.LeastWait ? _live.Current.RetryInterval : SendAttempt.LeastWait;

    /// <summary>Repeats a look at L1 that failed for lack of an answer, within the time for getting into the pool.</summary>
    private async Task<T> RetryingAsync<T>(string what, Func<Task<T>> look, bool forever, CancellationToken cancellation)
    {
        DateTimeOffset begun = _parts.Clock.GetUtcNow(), told = DateTimeOffset.MinValue;
        while (true)
        {
            try
            {
                return await look().WaitAsync(cancellation);
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException)
            {
                DateTimeOffset now = _parts.Clock.GetUtcNow();
                if (!forever && (error is RpcTransportException { IsTransient: false } || now - begun >= _live.Current.NotInMempoolTimeout)) throw;
                if (now - told >= TimeSpan.FromMinutes(1)) _parts.Logger.LogWarning("L1 gave no answer about {What}, asking again: {Problem}", what, error.Message);
                if (now - told >= TimeSpan.FromMinutes(1)) told = now;
                await Task.Delay(RetryPause, _parts.Clock, cancellation);
            }
        }
    }

    /// <summary>Replaces the account's transactions that L1's pool holds by empty ones to the account itself, and waits until these are confirmed.</summary>
    /// <param name="ofBlobs">Whether the ones to replace are blob transactions: only such a one can replace them.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What was replaced. This program's own transactions on their way are left alone, and named.</returns>
    /// <remarks>An empty transaction offers more and more by the pools' rule, within the fee limit, until the pool takes it for the old one.</remarks>
    /// <exception cref="TxManagerException">One could not be replaced.</exception>
    public async Task<PendingCancellation> CancelPendingAsync(bool ofBlobs, CancellationToken cancellation = default)
    {
        ulong next = await RetryingAsync("the account's nonce", () => _parts.L1.NextNonceAsync(Sender, BlockParameter.Latest, cancellation), forever: false, cancellation);
        ulong end = await RetryingAsync("the account's pending nonce", () => _parts.L1.NextNonceAsync(Sender, BlockParameter.Pending, cancellation), forever: false, cancellation);
        var leftAlone = new List<ulong>();
        var cancelling = new List<Task<TxReceiptInfo?>>();
        for (ulong nonce = next; nonce < Math.Max(end, next + 1); nonce++) // where nothing shows, what blocks the account waits behind the next nonce
        {
            if (_parts.Nonces.TryAdopt(nonce)) cancelling.Add(CancelAsync(nonce, ofBlobs, cancellation));
            else leftAlone.Add(nonce);
        }

        if (leftAlone.Count > 0) _parts.Logger.LogWarning("Not cancelled, as they are this program's own transactions on their way: nonces {Nonces} of {Account}", string.Join(", ", leftAlone), Sender);
        TxReceiptInfo?[] receipts = await Task.WhenAll(cancelling);
        return new PendingCancellation([.. receipts.OfType<TxReceiptInfo>()], leftAlone);
    }

    private async Task<TxReceiptInfo?> CancelAsync(ulong nonce, bool withBlob, CancellationToken cancellation)
    {
        var attempt = new SendAttempt(EmptyTransaction.Of(Sender, withBlob));
        attempt.Begin(nonce);
        try
        {
            TxReceiptInfo receipt = await SendWithNonceAsync(attempt, cancellation);
            _metrics.Cancelled();
            _parts.Logger.LogWarning("Whatever L1's pool held with nonce {Nonce} of {Account} is cancelled", nonce, Sender);
            return receipt;
        }
        catch (TxManagerException error) when (error.Failure == TxFailure.NonceTaken)
        {
            _parts.Logger.LogWarning("The transaction with nonce {Nonce} of {Account} was mined before it could be cancelled", nonce, Sender);
            return null;
        }
    }

    /// <summary>Ends the metrics. Transactions on their way are not ended: cancel them.</summary>
    public void Dispose() => _metrics.Dispose();
}
