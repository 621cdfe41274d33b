namespace Opal.Cli.Flags;

/// <summary>What giving a flag does.</summary>
internal enum FlagEffect : byte
{
    /// <summary>What its help says.</summary>
    Works,
    /// <summary>Nothing, and nothing is lost: the flag tunes a part that works otherwise here.</summary>
    Hint,
    /// <summary>Nothing, and a warning says so.</summary>
    Ignored,
    /// <summary>The program refuses to start: leaving it out silently would be wrong.</summary>
    Refused,
}
