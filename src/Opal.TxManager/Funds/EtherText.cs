using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Amounts of wei as people read them, without the unit. Every sum is an integer; only the text is rounded, once.</summary>
public static class EtherText
{
    private const int EtherDigits = 18, GweiDigits = 9;

    /// <summary>In ether, rounded half up, with at most six places and at least three digits that count: <c>0.001234</c>, <c>0.00000000567</c>. For costs.</summary>
    public static string Of(in UInt256 wei) => Rounded(wei, EtherDigits, 6);

    /// <summary>In gwei, rounded half up, with at most three places and at least three digits that count.</summary>
    public static string Gwei(in UInt256 wei) => Rounded(wei, GweiDigits, 3);

    /// <summary>In ether with a fixed number of places, the rest cut off: <c>9999.9998</c>. For balances, which must not look larger than they are.</summary>
    /// <param name="wei">The amount.</param>
    /// <param name="places">1 to 18.</param>
    public static string Cut(in UInt256 wei, int places) => CutAt(wei, EtherDigits, places);

    /// <summary>In gwei with a fixed number of places, the rest cut off.</summary>
    /// <param name="wei">The amount.</param>
    /// <param name="places">1 to 9.</param>
    public static string CutGwei(in UInt256 wei, int places) => CutAt(wei, GweiDigits, places);

    private static string CutAt(in UInt256 wei, int unit, int places)
    {
        string digits = wei.ToString().PadLeft(unit + 1, '0');
        return $"{digits[..^unit]}.{digits[^unit..][..places]}";
    }

    private static string Rounded(in UInt256 wei, int unit, int places)
    {
        if (wei.IsZero) return "0";
        int kept = Math.Min(unit, Math.Max(places, unit - wei.ToString().Length + 3)); // small amounts keep three digits that count
        UInt256 step = UInt256.One;
        for (int i = 0; i < unit - kept; i++) step *= 10UL;
        UInt256.DivRem(wei, step, out UInt256 rounded, out UInt256 rest);
        if (step > UInt256.One && rest >= step - rest) rounded += UInt256.One;
        string digits = rounded.ToString().PadLeft(kept + 1, '0');
        string fraction = digits[^kept..].TrimEnd('0'), whole = digits[..^kept];
        return fraction.Length == 0 ? whole : $"{whole}.{fraction}";
    }
}
