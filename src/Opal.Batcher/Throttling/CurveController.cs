namespace Opal.Batcher;

/// <summary>The controllers that look at the present backlog alone: step, linear and quadratic.</summary>
internal sealed class CurveController(ThrottleControllerType type, ulong lowerThreshold, ulong upperThreshold) : IThrottleController
{
    /// <inheritdoc/>
    public ThrottleControllerType Type => type;

    /// <inheritdoc/>
    public double Next(ulong backlogBytes) => Intensity(type, backlogBytes, lowerThreshold, upperThreshold);

    /// <inheritdoc/>
    public void Reset()
    {
        // there is nothing to forget
    }

    /// <summary>The intensity at a backlog. A step needs no upper threshold.</summary>
    public static double Intensity(ThrottleControllerType type, ulong backlog, ulong lower, ulong upper)
    {
        if (backlog <= lower) return 0;
        if (type == ThrottleControllerType.Step || backlog >= upper) return 1;
        double way = (double)(backlog - lower) / (upper - lower);
        return type == ThrottleControllerType.Quadratic ? way * way : way;
    }
}
