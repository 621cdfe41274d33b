namespace Opal.Protocol;

/// <content>Building on a given environment.</content>
public sealed partial class BlockExecutor
{
    /// <summary>Begins a block whose header is given but for its outcome, as transition tools are told it. Nothing of it is checked against a parent, and no fork activates in it.</summary>
    /// <param name="header">The header; outcome fields are not read.</param>
    /// <param name="state">The state before the block.</param>
    /// <param name="withdrawals">The withdrawals; null where the fork has none.</param>
    /// <returns>The builder, for transactions and sealing.</returns>
    public BlockBuilder BeginGiven(BlockHeader header, IExecutionState state, IReadOnlyList<Withdrawal>? withdrawals)
    {
        var execution = new BlockExecution(_processor, spec);
        execution.Start(header, header, state);
        return new BlockBuilder(crypto, _processor, execution, header, state, BuildOptions.Default, withdrawals);
    }
}
