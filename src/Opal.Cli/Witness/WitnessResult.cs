using Opal.Primitives;

namespace Opal.Cli.Witness;

/// <summary>What executing a block on its witness gave.</summary>
/// <param name="Name">The block's name.</param>
/// <param name="BlockHash">The hash of the block that came out; null when none did.</param>
/// <param name="Expected">The hash that it has on its chain.</param>
/// <param name="GasUsed">Its gas.</param>
/// <param name="Elapsed">How long it took, roots and hash included, reading the files not.</param>
/// <param name="Error">What was wrong; null when it passed.</param>
public sealed record WitnessResult(string Name, Hash256? BlockHash, Hash256 Expected, ulong GasUsed, TimeSpan Elapsed, string? Error)
{
    /// <summary>Whether the block is the chain's.</summary>
    public bool Pass => Error is null;
}
