namespace Opal.Batcher;

/// <summary>What the throttle does at the moment.</summary>
/// <param name="Controller">Which controller decides.</param>
/// <param name="BacklogBytes">The backlog it heard of last.</param>
/// <param name="Limits">The limits that follow.</param>
/// <param name="Problems">For each execution client that cannot be told: its name and why.</param>
public sealed record ThrottleStatus(ThrottleControllerType Controller, ulong BacklogBytes, ThrottleLimits Limits, IReadOnlyList<string> Problems);
