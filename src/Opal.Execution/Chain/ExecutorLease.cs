using Opal.Protocol;

namespace Opal.Execution;

/// <summary>A borrowed <see cref="BlockExecutor"/>; disposing gives it back.</summary>
public readonly struct ExecutorLease : IDisposable
{
    private readonly Blockchain _chain;

    internal ExecutorLease(Blockchain chain, BlockExecutor executor)
    {
        _chain = chain;
        Executor = executor;
    }

    /// <summary>The executor; valid until disposal.</summary>
    public BlockExecutor Executor { get; }

    /// <inheritdoc/>
    public void Dispose() => _chain.ReturnExecutor(Executor);
}
