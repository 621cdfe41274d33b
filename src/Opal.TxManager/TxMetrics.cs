using System.Diagnostics.Metrics;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>What is measured of an account's transactions, under the meter <c>Opal.TxManager</c>, with account and role as tags.</summary>
internal sealed class TxMetrics : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Meter _meter;
    private readonly Counter<long> _published, _republished, _raised, _refused, _confirmed, _reorganised, _givenUp, _cancelled, _unanswered;
    private readonly Counter<double> _fees;
    private readonly Histogram<double> _time;
    private UInt256 _spent, _balance;
    private TxFees? _offered;
    private TxPrices? _prices;
    private long _confirmedCount, _revertedCount, _publishedCount, _raisedCount;
    private bool _knowsBalance;

    public TxMetrics(Address account, string role)
    {
        _meter = new Meter(new MeterOptions("Opal.TxManager") { Tags = [new KeyValuePair<string, object?>("account", account.ToChecksumString()), new KeyValuePair<string, object?>("role", role)] });
        _published = _meter.CreateCounter<long>("opal.txmanager.published", "{transaction}", "Versions of transactions that an L1 pool took");
        _republished = _meter.CreateCounter<long>("opal.txmanager.republished", "{transaction}", "Versions published again because an L1 pool had lost them");
        _raised = _meter.CreateCounter<long>("opal.txmanager.raised", "{raise}", "Raises of a transaction's fees");
        _refused = _meter.CreateCounter<long>("opal.txmanager.refused", "{transaction}", "Versions that L1's pools did not take, by reason");
        _confirmed = _meter.CreateCounter<long>("opal.txmanager.confirmed", "{transaction}", "Confirmed transactions, by status (succeeded or reverted)");
        _reorganised = _meter.CreateCounter<long>("opal.txmanager.reorganised", "{transaction}", "Transactions that an L1 reorg took out of their block");
        _givenUp = _meter.CreateCounter<long>("opal.txmanager.given_up", "{transaction}", "Transactions given up, by reason; nonce_taken: replaced by a transaction of another program");
        _cancelled = _meter.CreateCounter<long>("opal.txmanager.cancelled", "{transaction}", "Transactions of the account in L1's pool that were replaced by empty ones");
        _unanswered = _meter.CreateCounter<long>("opal.txmanager.unanswered", "{request}", "Requests to L1 that got no usable answer, by endpoint");
        _fees = _meter.CreateCounter<double>("opal.txmanager.fees", "{ether}", "L1 fees paid, blobs included");
        _time = _meter.CreateHistogram<double>("opal.txmanager.confirmation_time", "s", "Time from sending to confirmation");
    }

    /// <summary>The fees paid since the start, wei.</summary>
    public UInt256 Spent
    {
        get
        {
            lock (_gate) return _spent;
        }
    }

    /// <summary>Versions published, raises, transactions confirmed and, of these, reverted, since the start.</summary>
    public (long Published, long Raised, long Confirmed, long Reverted) Counts
    {
        get
        {
            lock (_gate) return (_publishedCount, _raisedCount, _confirmedCount, _revertedCount);
        }
    }

    /// <summary>The balance when it was last read, wei; null before.</summary>
    public UInt256? LastBalance
    {
        get
        {
            lock (_gate) return _knowsBalance ? _balance : null;
        }
    }

    /// <summary>What a receipt says was paid, wei: execution and blobs.</summary>
    public static UInt256 FeeOf(TxReceiptInfo receipt) =>
        (receipt.Receipt.EffectiveGasPrice * receipt.Receipt.GasUsed) + ((receipt.Receipt.BlobGasPrice ?? UInt256.Zero) * (receipt.Receipt.BlobGasUsed ?? 0));

    /// <summary>Measures the account's state when asked.</summary>
    public void Watch(Func<TxManagerStatus> status)
    {
        _meter.CreateObservableGauge("opal.txmanager.pending", () => (long)status().Pending, "{transaction}", "Transactions on their way");
        _meter.CreateObservableGauge("opal.txmanager.oldest_pending_age", () => status().OldestPendingAge?.TotalSeconds ?? 0, "s", "Age of the oldest transaction on its way");
        _meter.CreateObservableGauge("opal.txmanager.nonce", () => status().NextNonce is { } nonce ? [new Measurement<long>((long)nonce)] : Array.Empty<Measurement<long>>(), "{nonce}", "The next fresh nonce");
        _meter.CreateObservableGauge("opal.txmanager.balance", () => LastBalance is { } wei ? [new Measurement<double>(EtherAmount.Of(wei))] : Array.Empty<Measurement<double>>(), "{ether}", "The account's balance when it was last read");
        _meter.CreateObservableGauge("opal.txmanager.offered", Offered, "{gwei}", "What the newest version offered, by fee: tip, cap and blob_cap");
        _meter.CreateObservableGauge("opal.txmanager.prices", Prices, "{gwei}", "L1's prices when they were last asked for, by price: base_fee, tip and blob_base_fee");
    }

    private IEnumerable<Measurement<double>> Offered()
    {
        TxFees? fees;
        lock (_gate) fees = _offered;
        if (fees is not { } offered) yield break;
        yield return Of(offered.Tip, "tip");
        yield return Of(offered.FeeCap, "cap");
        if (!offered.BlobFeeCap.IsZero) yield return Of(offered.BlobFeeCap, "blob_cap");

        static Measurement<double> Of(UInt256 wei, string fee) => new(EtherAmount.InGwei(wei), new KeyValuePair<string, object?>("fee", fee));
    }

    private IEnumerable<Measurement<double>> Prices()
    {
        TxPrices? prices;
        lock (_gate) prices = _prices;
        if (prices is not { } last) yield break;
        yield return Of(last.BaseFee, "base_fee");
        yield return Of(last.Tip, "tip");
        if (!last.BlobBaseFee.IsZero) yield return Of(last.BlobBaseFee, "blob_base_fee");

        static Measurement<double> Of(UInt256 wei, string price) => new(EtherAmount.InGwei(wei), new KeyValuePair<string, object?>("price", price));
    }

    /// <summary>What L1 charges, the configured least included.</summary>
    public void Prices(in TxPrices prices)
    {
        lock (_gate) _prices = prices;
    }

    public void Unanswered(string endpoint) => _unanswered.Add(1, new KeyValuePair<string, object?>("endpoint", endpoint));

    public void Published(SendAttempt attempt)
    {
        lock (_gate)
        {
            _publishedCount++;
            _offered = attempt.Fees;
        }

        _published.Add(1, new KeyValuePair<string, object?>("type", attempt.Candidate.HasBlobs ? "blob" : "ordinary"));
    }

    public void Republished() => _republished.Add(1);

    public void Raised()
    {
        lock (_gate) _raisedCount++;
        _raised.Add(1);
    }

    public void Refused(PoolAnswer answer) => _refused.Add(1, new KeyValuePair<string, object?>("reason", Snake(answer.ToString())));

    public void ReorganisedAway() => _reorganised.Add(1);

    public void GivenUp(TxFailure failure) => _givenUp.Add(1, new KeyValuePair<string, object?>("reason", Snake(failure.ToString())));

    public void Cancelled() => _cancelled.Add(1);

    public void Balance(in UInt256 wei)
    {
        lock (_gate) (_balance, _knowsBalance) = (wei, true);
    }

    public void Confirmed(TxReceiptInfo receipt, TimeSpan took)
    {
        UInt256 fee = FeeOf(receipt);
        lock (_gate)
        {
            _spent += fee;
            _confirmedCount++;
            if (!receipt.Succeeded) _revertedCount++;
        }

        _confirmed.Add(1, new KeyValuePair<string, object?>("status", receipt.Succeeded ? "succeeded" : "reverted"));
        _fees.Add(EtherAmount.Of(fee));
        _time.Record(took.TotalSeconds);
    }

    private static string Snake(string name) => string.Concat(name.Select(static (letter, at) => char.IsAsciiLetterUpper(letter) ? $"{(at > 0 ? "_" : "")}{char.ToLowerInvariant(letter)}" : letter.ToString()));

    public void Dispose() => _meter.Dispose();
}
