namespace Opal.Cli.BatcherReports;

/// <summary>Channels of one length, measured.</summary>
/// <param name="Length">L2 blocks a channel.</param>
/// <param name="Channels">How many were made.</param>
/// <param name="Bytes">What they take altogether, compressed.</param>
/// <param name="RawBytes">What went in.</param>
/// <param name="Seconds">Processor seconds it took.</param>
internal readonly record struct Rung(int Length, int Channels, long Bytes, long RawBytes, double Seconds);

/// <summary>How large channels of an encoding get: lines between measured lengths, and on by the longest one's rate.</summary>
/// <param name="encoding">The encoding.</param>
/// <param name="rungs">What was measured, shortest channels first; the first are of one block.</param>
/// <param name="rawPerBlock">The bytes of an average block before compression: a channel that was measured may hold busier blocks.</param>
internal sealed class CompressionCurve(ChannelEncoding encoding, IReadOnlyList<Rung> rungs, decimal rawPerBlock)
{
    public ChannelEncoding Encoding => encoding;

    /// <summary>The longest channel that was measured; longer ones are reckoned.</summary>
    public int Longest => rungs[^1].Length;

    /// <summary>The bytes of a channel of so many blocks, rounded up.</summary>
    /// <param name="blocks">At least one, which is the shortest length measured.</param>
    public long BytesOf(long blocks)
    {
        int above = 0;
        while (above < rungs.Count && rungs[above].Length <= blocks) above++;
        Rung low = rungs[above - 1];
        decimal bytes = above == rungs.Count
            ? Mean(low) * blocks / low.Length
            : Mean(low) + ((Mean(rungs[above]) - Mean(low)) * (blocks - low.Length) / (rungs[above].Length - low.Length));
        return (long)Math.Ceiling(bytes);
    }

    /// <summary>The most blocks whose channel is not larger than so many bytes; at least one.</summary>
    public long BlocksWithin(long bytes)
    {
        long low = 1, high = 2;
        while (BytesOf(high) <= bytes && high < 1L << 32) (low, high) = (high, high * 2);
        while (high - low > 1)
        {
            long middle = low + ((high - low) / 2);
            if (BytesOf(middle) <= bytes) low = middle;
            else high = middle;
        }

        return low;
    }

    /// <summary>Processor seconds for a byte that goes in, with channels of so many blocks.</summary>
    public double SecondsPerRawByte(long blocks)
    {
        Rung rung = rungs.LastOrDefault(rung => rung.Length <= blocks, rungs[0]);
        return rung.RawBytes == 0 ? 0 : rung.Seconds / rung.RawBytes;
    }

    /// <summary>The size of such a channel of average blocks.</summary>
    private decimal Mean(Rung rung) => rung.RawBytes == 0 ? (decimal)rung.Bytes / rung.Channels : rung.Bytes * rawPerBlock * rung.Length / rung.RawBytes;
}
