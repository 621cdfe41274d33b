namespace Opal.Batcher;

/// <summary>Says how strongly to throttle.</summary>
internal interface IThrottleController
{
    /// <summary>Which one it is.</summary>
    ThrottleControllerType Type { get; }

    /// <summary>The intensity for a backlog in bytes: 0 does not throttle, 1 throttles as far as the limits allow.</summary>
    double Next(ulong backlogBytes);

    /// <summary>Forgets what was before.</summary>
    void Reset();
}
