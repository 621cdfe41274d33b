namespace Opal.Node;

/// <summary>What a step of the driver came to.</summary>
public enum DriverState : byte
{
    /// <summary>Something was done: step again.</summary>
    Advanced,

    /// <summary>Nothing to do before the time, a pending task or a signal.</summary>
    Waiting,

    /// <summary>The driver has stopped for good.</summary>
    Halted,
}

/// <summary>What a step of the driver came to, and what to wait for.</summary>
/// <param name="State">Whether there is more to do.</param>
/// <param name="WakeAt">When something is due by the clock; null when only a signal or a pending task can bring work.</param>
/// <param name="Pending">Fetches under way; null when there are none.</param>
public readonly record struct DriverProgress(DriverState State, DateTimeOffset? WakeAt = null, Task? Pending = null)
{
    /// <summary>Step again.</summary>
    public static DriverProgress Advanced => new(DriverState.Advanced);
}
