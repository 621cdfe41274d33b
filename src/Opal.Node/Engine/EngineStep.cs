namespace Opal.Node;

/// <summary>What the driver has to do after a piece of engine work.</summary>
public enum EngineOutcome : byte
{
    /// <summary>It worked: go on.</summary>
    Done,

    /// <summary>Nothing changed: try the same again after the back-off.</summary>
    Retry,

    /// <summary>Our view and the engine's differ: walk back and start over.</summary>
    Reset,

    /// <summary>The block (or the attributes it was to be built from) is invalid.</summary>
    InvalidPayload,

    /// <summary>Going on would break the protocol: stop and say why.</summary>
    Halt,
}

/// <summary>An outcome with its reason.</summary>
/// <param name="Outcome">What to do next.</param>
/// <param name="Reason">Why, in words for the log; null when done.</param>
public readonly record struct EngineStep(EngineOutcome Outcome, string? Reason = null)
{
    /// <summary>It worked.</summary>
    public static EngineStep Done => default;

    /// <summary>Whether it worked.</summary>
    public bool IsDone => Outcome == EngineOutcome.Done;

    /// <summary>Try again later.</summary>
    public static EngineStep Retry(string reason) => new(EngineOutcome.Retry, reason);

    /// <summary>Start over from a common block.</summary>
    public static EngineStep Reset(string reason) => new(EngineOutcome.Reset, reason);

    /// <summary>The block is invalid.</summary>
    public static EngineStep Invalid(string reason) => new(EngineOutcome.InvalidPayload, reason);

    /// <summary>Stop.</summary>
    public static EngineStep Halt(string reason) => new(EngineOutcome.Halt, reason);
}
