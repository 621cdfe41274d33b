using Opal.Primitives;

namespace Opal.Devnet.Games;

/// <summary>A game is not on L1 any more: L1 was reorganised.</summary>
internal sealed class GameGoneException(Address game) : Exception($"{game.ToChecksumString()} is no dispute game on L1 any more");
