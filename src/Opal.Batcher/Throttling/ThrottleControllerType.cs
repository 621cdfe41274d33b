namespace Opal.Batcher;

/// <summary>How strongly a backlog slows the sequencer down.</summary>
public enum ThrottleControllerType : byte
{
    /// <summary>Not at all up to the lower threshold, wholly above it.</summary>
    Step,
    /// <summary>In proportion to the way between the thresholds.</summary>
    Linear,
    /// <summary>As the square of that: gently at first.</summary>
    Quadratic,
    /// <summary>As a proportional-integral-derivative controller that aims at the lower threshold.</summary>
    Pid,
}
