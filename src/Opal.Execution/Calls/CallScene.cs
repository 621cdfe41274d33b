using Opal.Protocol;

namespace Opal.Execution;

/// <summary>What a simulated transaction finds: the block whose number, time and fees it sees, and the state after it. Not shared between threads.</summary>
/// <param name="State">The state it runs on, with the block it belongs to.</param>
/// <param name="Rules">The rules of the block.</param>
/// <param name="Overrides">What the call pretends; null is nothing.</param>
public sealed record CallScene(ChainState State, Rules Rules, CallOverrides? Overrides)
{
    /// <summary>The block.</summary>
    public BlockHeader Header => State.Block.Header;

    /// <summary>The block's gas limit, as the call sees it.</summary>
    public ulong GasLimit => Overrides?.GasLimit ?? Header.GasLimit;
}
