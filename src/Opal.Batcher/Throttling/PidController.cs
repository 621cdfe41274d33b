namespace Opal.Batcher;

/// <summary>A proportional-integral-derivative controller that aims at the lower threshold.</summary>
/// <remarks>
/// At or below the threshold it does nothing and forgets the integral. While the output is at its maximum the integral does not grow: what a long backlog added up
/// would otherwise keep the sequencer slow long after the backlog has shrunk.
/// </remarks>
internal sealed class PidController(ulong threshold, PidOptions options, TimeProvider time) : IThrottleController
{
    private long? _sampledAt;
    private double _integral;
    private double _lastError;
    private double _output;

    /// <inheritdoc/>
    public ThrottleControllerType Type => ThrottleControllerType.Pid;

    /// <inheritdoc/>
    public double Next(ulong backlogBytes)
    {
        long now = time.GetTimestamp();
        TimeSpan passed = _sampledAt is { } before ? time.GetElapsedTime(before, now) : TimeSpan.Zero;
        if (_sampledAt is not null && passed < options.SampleTime) return _output;
        _sampledAt = now;
        return _output = backlogBytes > threshold ? Correct((backlogBytes - threshold) / (double)threshold, passed.TotalSeconds) : Rest();
    }

    private double Correct(double error, double seconds)
    {
        double integral = Math.Min(_integral + (error * seconds), options.IntegralMax);
        double slope = seconds > 0 ? (error - _lastError) / seconds : 0;
        double wanted = (options.Proportional * error) + (options.Integral * integral) + (options.Derivative * slope);
        if (wanted <= options.OutputMax) _integral = integral;
        _lastError = error;
        return Math.Clamp(wanted, 0, options.OutputMax);
    }

    private double Rest()
    {
        (_integral, _lastError) = (0, 0);
        return 0;
    }

    /// <inheritdoc/>
    public void Reset()
    {
        (_sampledAt, _output) = (null, 0);
        Rest();
    }
}
