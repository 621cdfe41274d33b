using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>What an execution client thinks of a payload (Engine API).</summary>
public enum PayloadVerdict : byte
{
    /// <summary>Executed and valid.</summary>
    Valid,
    /// <summary>Against the protocol.</summary>
    Invalid,
    /// <summary>Cannot be judged yet: its ancestors are being fetched.</summary>
    Syncing,
    /// <summary>Well-formed, not on the canonical chain, not executed.</summary>
    Accepted,
    /// <summary>The block hash is not the payload's; only older servers say so.</summary>
    InvalidBlockHash,
}

/// <summary>A verdict with its details.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="LatestValidHash">The newest valid ancestor, where known.</param>
/// <param name="ValidationError">Why the payload is invalid.</param>
public sealed record PayloadStatus(PayloadVerdict Verdict, Hash256? LatestValidHash = null, string? ValidationError = null);

/// <summary>The answer to a forkchoice update.</summary>
/// <param name="Status">What became of the head.</param>
/// <param name="PayloadId">The block being built; null when none was asked for.</param>
public sealed record ForkchoiceResult(PayloadStatus Status, PayloadId? PayloadId = null);

/// <summary>The three heads a forkchoice update sets.</summary>
public readonly record struct ForkchoiceState(Hash256 Head, Hash256 Safe, Hash256 Finalized);
