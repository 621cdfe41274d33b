using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Reckons from balances and known fees how long an account's ether lasts. Pure: time comes with each sample.</summary>
/// <remarks>
/// <para>
/// What was spent is measured twice: as the falls of the balance, which a deposit in the same interval hides, and as the fees of our own transactions, which leave out
/// everything else. Each can only be too low, so the larger counts. A balance that rises was topped up, and is no negative spending.
/// </para>
/// <para>
/// The rate is the highest of those of the last 10 minutes, hour and day, where a window counts when it has been watched wholly and has three payments in it (the day
/// needs none), and of the price of the newest three payments at the frequency of the longest window: so a rise in fees counts at once, and one payment does not.
/// </para>
/// </remarks>
/// <param name="options">Limits.</param>
public sealed class Runway(RunwayOptions options)
{
    private const int EnoughPayments = 3;
    private static readonly TimeSpan s_day = TimeSpan.FromHours(24);
    private static readonly TimeSpan[] s_windows = [TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), s_day];

    private readonly SpendingLog _falls = new();
    private readonly SpendingLog _fees = new();
    private DateTimeOffset? _firstBalance;
    private UInt256 _balance;
    private UInt256 _transactionCost;
    private RunwayLevel _level;

    /// <summary>A fee that the account paid for a transaction of ours.</summary>
    /// <param name="wei">The whole fee.</param>
    /// <param name="at">When; may lie before the first balance, so that a restarted program has a rate at once.</param>
    public void Spent(in UInt256 wei, DateTimeOffset at) => _fees.Add(at, wei);

    /// <summary>The account's balance at a time, and what follows.</summary>
    /// <param name="wei">The balance.</param>
    /// <param name="at">When; not before the last one.</param>
    /// <param name="transactionCost">The least that a transaction costs at L1's present prices, wei.</param>
    public RunwayState Balance(in UInt256 wei, DateTimeOffset at, in UInt256 transactionCost)
    {
        if (_firstBalance is null) _firstBalance = at;
        else if (wei < _balance) _falls.Add(at, _balance - wei);
        _balance = wei;
        _transactionCost = transactionCost;
        _falls.ForgetBefore(at - s_day);
        _fees.ForgetBefore(at - s_day);
        return StateAt(at);
    }

    private RunwayState StateAt(DateTimeOffset now)
    {
        double? rate = RateAt(now);
        double balance = EtherAmount.Of(_balance);
        double? hours = rate is > 0 ? balance / rate.Value : null;
        _level = LevelOf(hours, now - Begun(now) >= options.LeastHistory);
        double week = rate is { } perHour ? Math.Max(0, (perHour * 24 * 7) - balance) : 0;
        return new RunwayState(_balance, rate, hours, _level, CostOfNext(), week);
    }

    /// <summary>How far back is known what was spent: to the first balance, or to the first fee when that is older.</summary>
    private DateTimeOffset Begun(DateTimeOffset now) => Earlier(_firstBalance ?? now, _fees.Oldest ?? now);

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private double? RateAt(DateTimeOffset now)
    {
        TimeSpan watched = now - Begun(now);
        if (watched <= TimeSpan.Zero) return null;
        double highest = 0;
        foreach (TimeSpan window in s_windows)
        {
            (int count, double ether) = SpentSince(now - window);
            if (watched >= window && (count >= EnoughPayments || window == s_day)) highest = Math.Max(highest, ether / window.TotalHours);
        }

        TimeSpan longest = watched < s_day ? watched : s_day;
        (int payments, double all) = SpentSince(now - longest - TimeSpan.FromTicks(1));
        if (payments == 0) return null;
        if (watched < s_windows[0] || highest == 0) highest = all / longest.TotalHours;
        IReadOnlyList<double> newest = Payments.Newest(EnoughPayments);
        return newest.Count < EnoughPayments ? highest : Math.Max(highest, newest.Average() * payments / longest.TotalHours);
    }

    /// <summary>Fees are single payments, falls of the balance may be several: where there are enough fees, they tell the price of one.</summary>
    private SpendingLog Payments => _fees.Newest(EnoughPayments).Count == EnoughPayments ? _fees : _falls;

    private (int Count, double Ether) SpentSince(DateTimeOffset time)
    {
        (int falls, double fallen) = _falls.Since(time);
        (int fees, double paid) = _fees.Since(time);
        return (Payments == _fees ? fees : falls, Math.Max(fallen, paid));
    }

    /// <summary>The dearest of the newest own transactions, but at least the cheapest one that is possible now.</summary>
    private UInt256 CostOfNext()
    {
        IReadOnlyList<double> newest = _fees.Newest(EnoughPayments);
        if (newest.Count == 0) return _transactionCost;
        var dearest = new UInt256((ulong)Math.Min(ulong.MaxValue / 2, newest.Max() * 1e18));
        return dearest > _transactionCost ? dearest : _transactionCost;
    }

    private RunwayLevel LevelOf(double? hours, bool isKnownLongEnough)
    {
        if (hours is not { } left) return RunwayLevel.Ample;
        RunwayLevel level = left < options.ErrorHours ? RunwayLevel.Critical : left < options.WarningHours ? RunwayLevel.Low : RunwayLevel.Ample;
        if (level > _level && !isKnownLongEnough) return _level;
        if (level >= _level) return level;
        if (_level == RunwayLevel.Critical && left < options.ErrorHours * options.RecoveryFactor) return RunwayLevel.Critical;
        return left < options.WarningHours * options.RecoveryFactor ? RunwayLevel.Low : level;
    }
}
