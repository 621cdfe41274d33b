namespace Opal.Cli.Doctor;

/// <summary>How an engine answers the first question.</summary>
internal enum EngineAnswer : byte
{
    /// <summary>With the chain id.</summary>
    ChainId,
    /// <summary>Not at all.</summary>
    Nothing,
    /// <summary>It does not take the token.</summary>
    WrongToken,
    /// <summary>It does not know itself by the host name used.</summary>
    WrongHost,
    /// <summary>With something else.</summary>
    Other,
}

/// <summary>The engine's answer to the first question.</summary>
/// <param name="Answer">Its kind.</param>
/// <param name="ChainId">The chain id, where that was the answer.</param>
/// <param name="Problem">What it said instead.</param>
internal sealed record EngineContact(EngineAnswer Answer, ulong ChainId, string Problem);
