namespace Opal.Devnet.Games;

/// <summary>How a dispute game stands; the contract's numbers.</summary>
internal enum GameStatus : byte
{
    /// <summary>Not resolved.</summary>
    InProgress,
    /// <summary>Its root claim fell.</summary>
    ChallengerWins,
    /// <summary>Its root claim stands.</summary>
    DefenderWins,
}
