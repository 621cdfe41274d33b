namespace Opal.Devnet.Games;

/// <summary>A game that is not settled, and what was found out about it.</summary>
internal sealed class WatchedGame(GameFacts facts)
{
    public GameFacts Facts { get; } = facts;

    /// <summary>Whether its root claim is the rollup's output; null while that cannot be told.</summary>
    public bool? IsRight { get; set; }

    /// <summary>What went wrong with it last.</summary>
    public string Trouble { get; set; } = "";

    /// <summary>Whether it was said that others dispute it.</summary>
    public bool IsDisputeSaid { get; set; }

    /// <summary>Whether it was seen before it was resolved.</summary>
    public bool WasInProgress { get; set; }

    /// <summary>Whether it was said how it ended.</summary>
    public bool IsEndSaid { get; set; }
}
