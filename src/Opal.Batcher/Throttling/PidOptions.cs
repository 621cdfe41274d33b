namespace Opal.Batcher;

/// <summary>The constants of a PID controller. Its error is how far the backlog is above the lower threshold, in lower thresholds.</summary>
public sealed record PidOptions
{
    /// <summary>Intensity for each unit of error.</summary>
    public double Proportional { get; init; } = 0.33;

    /// <summary>Intensity for each unit of error and second that it has lasted.</summary>
    public double Integral { get; init; } = 0.01;

    /// <summary>Intensity for each unit of error that is gained in a second.</summary>
    public double Derivative { get; init; } = 0.05;

    /// <summary>The largest sum of error and time, in units of error times seconds.</summary>
    public double IntegralMax { get; init; } = 1000;

    /// <summary>The highest intensity, above 0 and up to 1.</summary>
    public double OutputMax { get; init; } = 1;

    /// <summary>The least time between two corrections.</summary>
    public TimeSpan SampleTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What makes these constants useless; null when nothing does.</summary>
    public string? FindFault()
    {
        foreach ((string name, double gain) in new[] { ("kp", Proportional), ("ki", Integral), ("kd", Derivative) })
        {
            if (!double.IsFinite(gain) || gain < 0) return $"the PID controller's {name} is {gain}: it must be 0 or more";
        }

        if (!double.IsFinite(IntegralMax) || IntegralMax <= 0) return $"the PID controller's integral maximum is {IntegralMax}: it must be more than 0";
        if (!(OutputMax > 0 && OutputMax <= 1)) return $"the PID controller's output maximum is {OutputMax}: it must be more than 0 and at most 1";
        return SampleTime > TimeSpan.Zero ? null : "the PID controller's sample time must be more than 0";
    }
}
