using Opal.JsonRpc;

namespace Opal.Node;

/// <summary>Answer to engine_forkchoiceUpdated.</summary>
/// <param name="Verdict">What it came to.</param>
/// <param name="Payload">The building job, when attributes were given and taken.</param>
/// <param name="Detail">The engine's own words, for the log.</param>
public sealed record ForkchoiceAnswer(EngineVerdict Verdict, PayloadId? Payload = null, string? Detail = null);

/// <summary>Answer to engine_getPayload.</summary>
/// <param name="Verdict">Valid exactly when <paramref name="Payload"/> is there.</param>
/// <param name="Payload">The block built so far.</param>
/// <param name="Detail">The engine's own words, for the log.</param>
public sealed record PayloadAnswer(EngineVerdict Verdict, PayloadEnvelope? Payload = null, string? Detail = null);

/// <summary>Answer to engine_newPayload.</summary>
/// <param name="Verdict">What it came to.</param>
/// <param name="Detail">The engine's own words, for the log.</param>
public sealed record ImportAnswer(EngineVerdict Verdict, string? Detail = null);

/// <summary>The labels an engine keeps for its chain.</summary>
public enum L2Label : byte
{
    /// <summary>The unsafe head ("latest").</summary>
    Unsafe,

    /// <summary>The safe head.</summary>
    Safe,

    /// <summary>The finalized head.</summary>
    Finalized,
}
