using Opal.State;

namespace Opal.Execution;

/// <summary>What a durable <see cref="Blockchain"/> stands on: states, blocks, and a watch over their disk.</summary>
/// <param name="states">The states.</param>
/// <param name="blocks">The blocks; the chain disposes them.</param>
/// <param name="guard">Stops the chain when the disk fails.</param>
/// <param name="owned">What to close after the chain, in this order.</param>
internal sealed partial class ChainStorage(IStateStore states, IBlockStore blocks, StorageGuard guard, IReadOnlyList<IDisposable> owned) : IDisposable
{
    public IStateStore States => states;

    public IBlockStore Blocks => blocks;

    public StorageGuard Guard => guard;

    public void Dispose()
    {
        foreach (IDisposable part in owned) part.Dispose();
    }
}
