namespace Opal.JsonRpc;

/// <summary>How several sequencers are followed.</summary>
public sealed record ActiveSequencerOptions
{
    /// <summary>How long the active one is believed to be active (<c>active-sequencer-check-duration</c>); zero asks each time.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long one of them may take to say whether it is active (<c>network-timeout</c>).</summary>
    public TimeSpan NetworkTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
