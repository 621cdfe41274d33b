using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Cli.EvmTool.Running;

/// <summary>Runs one message on a prestate, as often as wanted; each time from the same state.</summary>
internal sealed class RunMachine : IDisposable
{
    private readonly EvmMachine _machine = new(NativeCrypto.Instance);
    private readonly IStateView _state;
    private readonly BlockContext _block;
    private readonly Rules _rules;
    private readonly CallMessage _message;
    private readonly UInt256 _price;

    /// <summary>A machine for a message.</summary>
    /// <param name="prestate">Block and state.</param>
    /// <param name="message">The message.</param>
    /// <param name="price">GASPRICE in wei.</param>
    public RunMachine(RunPrestate prestate, in CallMessage message, in UInt256 price)
    {
        _rules = prestate.Rules;
        _message = message;
        _price = price;
        _state = ToolAlloc.ToStore(prestate.Accounts, out Hash256 root).Open(root)!;
        _block = new BlockContext
        {
            ChainId = prestate.ChainId,
            Number = prestate.Number,
            Timestamp = prestate.Timestamp,
            GasLimit = (ulong)message.Gas,
            BaseFee = prestate.BaseFee,
            BlobBaseFee = _rules.IsOptimism ? UInt256.One : default, // geth's run gives none on L1
            PrevRandao = _rules.IsProofOfWork ? prestate.Difficulty : default,
            Coinbase = prestate.Coinbase,
        };
    }

    /// <summary>Runs the message.</summary>
    public RunOutcome Run(ITracer? tracer)
    {
        _machine.Tracer = tracer;
        _machine.StartBlock(_state, NumberHashes.Instance, _block, _rules.Evm);
        _machine.StartTransaction(new TransactionContext { Origin = _message.Caller, GasPrice = _price });
        Journal journal = _machine.Journal;
        journal.WarmAddress(_message.Caller);
        if (_message.To is { } to) journal.WarmAddress(to);
        if (_rules.WarmsCoinbase) journal.WarmAddress(_block.Coinbase);
        CallMessage message = _message;
        if (message.To is null)
        {
            ulong nonce = journal.GetNonce(message.Caller);
            if (nonce == ulong.MaxValue) return new RunOutcome(new CallResult { Halt = Halt.NonceOverflow, GasLeft = message.Gas }, 0);
            journal.SetNonce(message.Caller, nonce + 1);
            message = message with { CreationNonce = nonce };
        }

        CallResult result = _machine.Call(message);
        _machine.EndTransaction();
        return new RunOutcome(result, message.Gas - result.GasLeft);
    }

    /// <summary>The state after the last run.</summary>
    /// <param name="state">The state before it; gets its changes.</param>
    /// <returns>The new root.</returns>
    public Hash256 Apply(PostState state)
    {
        StateDiff diff = _machine.TakeDiff();
        state.Apply(diff);
        return _state.ComputeRoots(diff, null).StateRoot;
    }

    /// <inheritdoc/>
    public void Dispose() => _machine.Dispose();
}
