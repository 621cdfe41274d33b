using Opal.Primitives;

namespace Opal.Evm;

/// <summary>The Ethereum virtual machine: runs messages against a journal over a state.</summary>
/// <remarks>
/// Made once and used for many blocks; it owns the frames, the operand stack, the memory arena and the journal, so running code
/// allocates next to nothing. Not for use by two threads at once. The order of calls is StartBlock, then for each transaction or
/// system call StartTransaction, work on <see cref="Journal"/> and <see cref="Call"/>, EndTransaction; then <see cref="TakeDiff"/>.
/// A transaction that shall not count is undone by <see cref="Evm.Journal.RevertTo"/> to a checkpoint taken at its start.
/// </remarks>
public sealed partial class EvmMachine : IDisposable
{
    private readonly ICrypto _crypto;

    /// <summary>A machine whose precompiles use <paramref name="crypto"/>.</summary>
    public EvmMachine(ICrypto crypto) => _crypto = crypto;

    /// <summary>The state as the block changes it.</summary>
    public Journal Journal { get; } = new();

    /// <summary>The rules of the running block.</summary>
    public EvmRules Rules { get; private set; } = EvmRules.London;

    /// <summary>Observes execution; null is free.</summary>
    public ITracer? Tracer { get; set; }

    /// <summary>Begins a block: forgets everything about the last one.</summary>
    public void StartBlock(IWorldState state, IBlockHashes blockHashes, in BlockContext block, EvmRules rules) => throw new NotImplementedException();

    /// <summary>Begins a transaction or system call: empty warm set, transient storage and logs, refund 0.</summary>
    public void StartTransaction(in TransactionContext transaction) => throw new NotImplementedException();

    /// <summary>Runs a top-level call or creation. A failure leaves the journal as it was, but for the creator's side of a creation, which is the handler's.</summary>
    public CallResult Call(in CallMessage message) => throw new NotImplementedException();

    /// <summary>Ends the transaction: removes destroyed contracts and touched empty accounts. Logs and refund can be read until the next one starts.</summary>
    public void EndTransaction() => Journal.EndTransaction();

    /// <summary>Everything the block changed.</summary>
    public StateDiff TakeDiff() => Journal.GetDiff();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
