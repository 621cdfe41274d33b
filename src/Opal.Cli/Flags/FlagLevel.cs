namespace Opal.Cli.Flags;

/// <summary>How common a flag is in the start scripts this program takes over.</summary>
internal enum FlagLevel : byte
{
    /// <summary>In nearly every public deployment.</summary>
    Must,
    /// <summary>Common in production.</summary>
    Should,
    /// <summary>Rare, or of a feature that is not built.</summary>
    Later,
    /// <summary>Without meaning since long, and still found in old scripts.</summary>
    Deprecated,
}
