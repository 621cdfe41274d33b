namespace Opal.TxManager;

/// <summary>How long an account's ether lasts.</summary>
public enum RunwayLevel : byte
{
    /// <summary>Long enough, or it is not known yet.</summary>
    Ample,
    /// <summary>Less than a day.</summary>
    Low,
    /// <summary>A few hours.</summary>
    Critical,
}
