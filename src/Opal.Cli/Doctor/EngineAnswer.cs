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
