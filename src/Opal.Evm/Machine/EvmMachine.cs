using Opal.Primitives;

namespace Opal.Evm;

/// <summary>The Ethereum virtual machine: runs messages against a journal over a state.</summary>
/// <remarks>
/// Made once and used for many blocks; it owns the frames, the operand stack, the memory arena and the journal, so running code
/// allocates next to nothing. Not for use by two threads at once. The order of calls is StartBlock, then for each transaction or
/// system call StartTransaction, work on <see cref="Journal"/> and <see cref="Call"/>, EndTransaction; then <see cref="TakeDiff"/>.
/// A transaction that shall not count is undone by <see cref="Evm.Journal.RevertTo"/> to a checkpoint taken at its start.
/// </remarks>
public sealed unsafe partial class EvmMachine : IDisposable
{
    /// <summary>The deepest a call may be; the top-level message is at depth 0.</summary>
    public const int MaxDepth = 1024;

    private const int StackWords = 1024;
    private const nuint InitialArena = 1 << 20;

    /// <summary>An arena that one call blew up beyond this is given back at the next block.</summary>
    private const nuint LargestKeptArena = 64 << 20;

    private readonly ICrypto _crypto;
    private readonly NativeBlock _frameBlock;
    private readonly NativeBlock _stackBlock;
    private readonly NativeBlock _arena;
    private readonly Frame* _frames;
    private readonly Bytecode?[] _code = new Bytecode?[MaxDepth + 1];      // keeps alive what the frames point into
    private readonly Bytecode?[] _initCode = new Bytecode?[MaxDepth + 1];  // reused, one a depth
    private readonly OutputBuffer _returnData = new();
    private int _depth;
    private Halt _failure = Halt.OutOfGas;   // why the instruction that returned negative gas failed

    /// <summary>A machine whose precompiles use <paramref name="crypto"/>.</summary>
    public EvmMachine(ICrypto crypto)
    {
        _crypto = crypto;
        _frameBlock = new NativeBlock((nuint)((MaxDepth + 2) * sizeof(Frame)));
        _stackBlock = new NativeBlock((nuint)((MaxDepth + 2) * StackWords) * (nuint)sizeof(UInt256));
        _arena = new NativeBlock(InitialArena);
        _frames = (Frame*)_frameBlock.Start;
    }

    /// <summary>The state as the block changes it.</summary>
    public Journal Journal { get; } = new();

    /// <summary>The rules of the running block.</summary>
    public EvmRules Rules { get; private set; } = EvmRules.London;

    /// <summary>Observes execution; null is free.</summary>
    public ITracer? Tracer { get; set; }

    /// <summary>Begins a block: forgets everything about the last one.</summary>
    public void StartBlock(IWorldState state, IBlockHashes blockHashes, in BlockContext block, EvmRules rules)
    {
        Rules = rules;
        _opcodes = OpcodeSets.Of(rules);
        if (_arena.Size > LargestKeptArena) _arena.Replace(InitialArena);
        Journal.StartBlock(state, rules.Precompiles);
        _environment.SetBlock(block, blockHashes);
        _profiles = Compiler?.ProfilesFor(rules);
    }

    /// <summary>Begins a transaction or system call: empty warm set, transient storage and logs, refund 0.</summary>
    public void StartTransaction(in TransactionContext transaction)
    {
        Journal.StartTransaction();
        _environment.SetTransaction(transaction);
    }

    /// <summary>Runs a top-level call or creation. A failure leaves the journal as it was, except that a creation's address stays warm.</summary>
    public CallResult Call(in CallMessage message)
    {
        _depth = -1;
        _failure = Halt.OutOfGas;
        PrepareEngines();
        _returnData.Clear();
        Address? created = null;
        Frame* first;
        if (message.To is { } to)
        {
            first = BeginTopCall(message, to);
        }
        else
        {
            Address address = ContractAddress.OfCreate(message.Caller, message.CreationNonce);
            created = address;
            first = BeginTopCreation(message, address);
        }

        if (first != null) RunFrames(first);
        GC.KeepAlive(this); // the finalizers of the native blocks must wait for the engine
        return new CallResult { Halt = _result, GasLeft = _resultGas, Output = _returnData.Span.ToArray(), Created = created };
    }

    /// <summary>Ends the transaction: removes destroyed contracts and touched empty accounts. Logs and refund can be read until the next one starts.</summary>
    public void EndTransaction() => Journal.EndTransaction();

    /// <summary>Everything the block changed.</summary>
    public StateDiff TakeDiff() => Journal.GetDiff();

    /// <summary>Frees the native memory; the machine is of no use afterwards.</summary>
    public void Dispose()
    {
        _frameBlock.Dispose();
        _stackBlock.Dispose();
        _arena.Dispose();
    }
}
