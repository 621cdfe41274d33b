namespace Opal.Cli.Doctor;

/// <summary>The engine's answer to the first question.</summary>
/// <param name="Answer">Its kind.</param>
/// <param name="ChainId">The chain id, where that was the answer.</param>
/// <param name="Problem">What it said instead.</param>
internal sealed record EngineContact(EngineAnswer Answer, ulong ChainId, string Problem);
