namespace Opal.Protocol;

/// <content>Building on a given environment.</content>
public sealed partial class BlockExecutor
{
    /// <summary>Begins a block whose header is given but for its outcome, as transition tools are told it. Nothing of it is checked against a parent, and no fork activates in it.</summary>
    /// <param name="header">The header; outcome fields are not read.</param>
    /// <param name="state">The state before the block.</param>
    /// <param name="withdrawals">The withdrawals; null where the fork has none.</param>
    /// <param name="builder">The builder, for transactions and sealing.</param>
    /// <returns>Why there can be no such block; None otherwise.</returns>
    public BlockError TryBeginGiven(BlockHeader header, IExecutionState state, IReadOnlyList<Withdrawal>? withdrawals, out BlockBuilder? builder)
    {
        builder = null;
        var execution = new BlockExecution(_processor, spec);
        BlockError error = execution.Start(header, header, state);
        if (error != BlockError.None) return error;
        builder = new BlockBuilder(crypto, _processor, execution, header, state, BuildOptions.Default, withdrawals);
        return BlockError.None;
    }
}
