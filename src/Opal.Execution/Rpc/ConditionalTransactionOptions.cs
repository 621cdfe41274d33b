namespace Opal.Execution;

/// <summary>How conditional transactions are taken.</summary>
public sealed record ConditionalTransactionOptions
{
    /// <summary>Look-ups a second that all conditions together may cost (<c>rollup.sequencertxconditionalcostratelimit</c>).</summary>
    public int CostPerSecond { get; init; } = 5000;
}
