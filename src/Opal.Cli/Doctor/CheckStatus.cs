namespace Opal.Cli.Doctor;

/// <summary>How a check ended, mildest first.</summary>
internal enum CheckStatus : byte
{
    /// <summary>All is as it should be.</summary>
    Ok,
    /// <summary>What the check needs was not given or does not answer.</summary>
    NotChecked,
    /// <summary>It works, and may not for long.</summary>
    Warning,
    /// <summary>The rollup node cannot work like this.</summary>
    Failed,
}
