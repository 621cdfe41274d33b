using Opal.Primitives;

namespace Opal.Devnet.Games;

/// <summary>What a game was made with.</summary>
/// <param name="Proxy">The game.</param>
/// <param name="Creator">Who made it.</param>
/// <param name="Root">The output root that it claims.</param>
/// <param name="L2Block">The L2 block that it claims it for.</param>
/// <param name="StartBlock">The L2 block of its anchor.</param>
/// <param name="SplitDepth">The depth at which outputs turn into execution traces.</param>
/// <param name="L1Head">The number of the L1 block before the one that made it: outputs count that are derived from L1 up to there.</param>
/// <param name="Created">L1 time of its creation, seconds.</param>
/// <param name="MaxClock">Seconds that each side has.</param>
internal sealed record GameFacts(Address Proxy, Address Creator, Hash256 Root, ulong L2Block, ulong StartBlock, int SplitDepth, ulong L1Head, ulong Created, ulong MaxClock)
{
    /// <summary>The block of the output that an attack on the root claim stands for: the middle of the blocks above the anchor that the game can tell apart.</summary>
    public ulong AttackBlock => StartBlock + (1UL << (SplitDepth - 1));

    /// <summary>How log lines and the table call it.</summary>
    public override string ToString() => $"game {Proxy.ToChecksumString()} for L2 block {L2Block}";
}
