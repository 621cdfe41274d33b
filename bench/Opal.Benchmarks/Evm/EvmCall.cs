using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>A workload's call in our machine, to be repeated. The clock runs from the call to its return; pre-state and journal are made before it.</summary>
/// <remarks>The machine is new, so the first run finds no prepared code; later ones do, as in a node.</remarks>
internal sealed class EvmCall : IDisposable
{
    private readonly EvmWorkload _workload;
    private readonly EvmMachine _machine;
    private readonly FlatState _state;
    private readonly BlockContext _block;

    public EvmCall(EvmWorkload workload, EvmEngine engine, FlatState? state = null)
    {
        _workload = workload;
        _state = state ?? workload.MakeState();
        _machine = new EvmMachine(NativeCrypto.Instance);
        engine.Configure(_machine);
        _block = new BlockContext
        {
            ChainId = 1u,
            Number = 1,
            Timestamp = 1_700_000_000,
            GasLimit = 1_000_000_000_000,
            BaseFee = 1_000_000_000u,
            BlobBaseFee = 1u,
            Coinbase = Address.FromNumber(0xc014ba5e),
        };
    }

    /// <summary>The last run's gas, without intrinsic gas and before refunds.</summary>
    public long GasUsed { get; private set; }

    /// <summary>The last run's return data.</summary>
    public byte[] Output { get; private set; } = [];

    /// <summary>Bytes of managed memory that the last run allocated.</summary>
    public long Allocated { get; private set; }

    /// <summary>Runs the workload once and checks everything that is known of its result.</summary>
    /// <param name="seconds">How long the call took.</param>
    /// <returns>What is wrong with the result; null when nothing is.</returns>
    public string? Run(out double seconds)
    {
        CallResult result = Run(_workload.To, out seconds);
        if (!result.IsSuccess) return $"halted with {result.Halt}";
        return _workload.Expect.Check(GasUsed, _machine.Journal.Refund, _machine.Journal.LogCount, result.Output.Span);
    }

    /// <summary>Sends the workload's call to another contract of the state.</summary>
    public CallResult Run(in Address to, out double seconds)
    {
        _machine.StartBlock(_state, _state, _block, _workload.Rules);
        _machine.StartTransaction(new TransactionContext { Origin = _workload.From, GasPrice = 1_000_000_000u });
        _machine.Journal.WarmAddress(_workload.From);
        _machine.Journal.WarmAddress(to);
        var message = new CallMessage { Caller = _workload.From, To = to, Input = _workload.Data, Gas = _workload.Gas };
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long begin = Clock.Now;
        CallResult result = _machine.Call(message);
        seconds = Clock.Since(begin);
        Allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        GasUsed = _workload.Gas - result.GasLeft;
        Output = result.Output.ToArray();
        return result;
    }

    public void Dispose()
    {
        (_machine.Compiler as IDisposable)?.Dispose();
        _machine.Dispose();
    }
}
