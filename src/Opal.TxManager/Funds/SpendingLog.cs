using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Amounts that left an account, over the last day.</summary>
internal sealed class SpendingLog
{
    private readonly List<(DateTimeOffset At, double Ether)> _entries = [];

    /// <summary>The oldest entry's time; null when there is none.</summary>
    public DateTimeOffset? Oldest => _entries.Count > 0 ? _entries[0].At : null;

    /// <summary>Adds an amount; one from before the newest goes to its place.</summary>
    public void Add(DateTimeOffset at, in UInt256 wei)
    {
        int place = _entries.Count;
        while (place > 0 && _entries[place - 1].At > at) place--;
        _entries.Insert(place, (at, EtherAmount.Of(wei)));
    }

    /// <summary>Forgets what is older than a time.</summary>
    public void ForgetBefore(DateTimeOffset time)
    {
        int old = 0;
        while (old < _entries.Count && _entries[old].At <= time) old++;
        _entries.RemoveRange(0, old);
    }

    /// <summary>How many amounts, and ether in all, later than a time.</summary>
    public (int Count, double Ether) Since(DateTimeOffset time)
    {
        double sum = 0;
        int count = 0;
        for (int i = _entries.Count - 1; i >= 0 && _entries[i].At > time; i--, count++) sum += _entries[i].Ether;
        return (count, sum);
    }

    /// <summary>The newest amounts, up to so many, in ether.</summary>
    public IReadOnlyList<double> Newest(int count) => [.. _entries.Skip(Math.Max(0, _entries.Count - count)).Select(static entry => entry.Ether)];
}
