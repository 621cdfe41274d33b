using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>What executing a transaction did. Where the verdict is not Valid nothing else is set and the state is as before.</summary>
public readonly struct TransactionOutcome
{
    /// <summary>Whether it was executed.</summary>
    public TransactionVerdict Verdict { get; init; }

    /// <summary>Why its execution ended.</summary>
    public Halt Halt { get; init; }

    /// <summary>Whether its execution took effect; false also for a deposit that could not begin.</summary>
    public bool Succeeded { get; init; }

    /// <summary>Gas used, refunds taken off.</summary>
    public ulong GasUsed { get; init; }

    /// <summary>Gas used before refunds: what the execution needed at its peak.</summary>
    public ulong GasBeforeRefund { get; init; }

    /// <summary>Return or revert data.</summary>
    public ReadOnlyMemory<byte> Output { get; init; }

    /// <summary>The contract's address of a creation, also of one that failed.</summary>
    public Address? Created { get; init; }

    /// <summary>The logs; empty on failure.</summary>
    public LogEntry[] Logs { get; init; }

    /// <summary>The price paid for a unit of gas, in wei.</summary>
    public UInt256 GasPrice { get; init; }

    /// <summary>What the fee recipient got, in wei.</summary>
    public UInt256 PriorityFee { get; init; }

    /// <summary>A deposit sender's nonce before the execution.</summary>
    public ulong DepositNonce { get; init; }

    /// <summary>The DA footprint in gas, from Jovian on.</summary>
    public ulong DAFootprint { get; init; }

    internal static TransactionOutcome Rejected(TransactionVerdict verdict) => new() { Verdict = verdict, Logs = [] };
}
