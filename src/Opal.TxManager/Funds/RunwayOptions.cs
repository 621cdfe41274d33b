namespace Opal.TxManager;

/// <summary>When an account's balance is called low.</summary>
public sealed record RunwayOptions
{
    /// <summary>Hours left below which a warning is raised.</summary>
    public double WarningHours { get; init; } = 24;

    /// <summary>Hours left below which an error is raised.</summary>
    public double ErrorHours { get; init; } = 6;

    /// <summary>How far above those hours an alarm ends, as a factor: without it one would come and go at each transaction.</summary>
    public double RecoveryFactor { get; init; } = 1.2;

    /// <summary>How long an account has to be watched before hours left raise an alarm: a backlog posted at the start is no rate.</summary>
    public TimeSpan LeastHistory { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often the balance is read.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);
}
