namespace Opal.TxManager;

/// <summary>How soon an operator has to look.</summary>
public enum AlarmLevel : byte
{
    /// <summary>Within a day.</summary>
    Warning,
    /// <summary>Now.</summary>
    Error,
}
