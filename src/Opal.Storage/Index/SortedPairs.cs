using System.Runtime.InteropServices;

namespace Opal.Storage;

/// <summary>Two words that sort together.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Pair(ulong A, ulong B) : IComparable<Pair>
{
    public int CompareTo(Pair other) => A != other.A ? A.CompareTo(other.A) : B.CompareTo(other.B);

    public static bool operator <(Pair x, Pair y) => x.A < y.A || (x.A == y.A && x.B < y.B);

    public static bool operator >(Pair x, Pair y) => y < x;

    public static bool operator <=(Pair x, Pair y) => !(y < x);

    public static bool operator >=(Pair x, Pair y) => !(x < y);
}

/// <summary>Pairs in ascending order, in memory or in a file.</summary>
internal abstract class SortedPairs
{
    public abstract long Count { get; }

    public abstract Pair this[long index] { get; }

    /// <summary>The first pair that is not below another: one guess, for the first words are spread evenly, then steps that double, then halves.</summary>
    public long LowerBound(Pair pair)
    {
        long count = Count;
        if (count == 0) return 0;
        long low, high, at = (long)(((UInt128)pair.A * (ulong)count) >> 64), step = 8;
        if (this[at] < pair)
        {
            low = at + 1;
            high = low + step;
            while (high < count && this[high] < pair)
            {
                low = high + 1;
                step *= 2;
                high += step;
            }

            high = Math.Min(high, count);
        }
        else
        {
            high = at;
            low = at - step;
            while (low >= 0 && this[low] >= pair)
            {
                high = low;
                step *= 2;
                low -= step;
            }

            low = Math.Max(low, 0);
        }

        while (low < high)
        {
            long middle = (low + high) >> 1;
            if (this[middle] < pair) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}

/// <summary>Pairs in memory.</summary>
internal sealed class MemoryPairs(Pair[] pairs) : SortedPairs
{
    public Pair[] Pairs => pairs;

    public override long Count => pairs.Length;

    public override Pair this[long index] => pairs[index];
}
