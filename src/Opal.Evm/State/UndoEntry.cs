using Opal.Primitives;

namespace Opal.Evm;

/// <summary>What an undo entry restores.</summary>
internal enum UndoKind : byte
{
    Balance,
    Nonce,
    Code,
    Storage,
    Transient,
    WarmAccount,
    WarmSlot,
    Touch,
    Created,
    Destruct,
}

/// <summary>One change that a revert takes back.</summary>
internal struct UndoEntry
{
    /// <summary>The value before, where there is one.</summary>
    public UInt256 Previous;
    /// <summary>Number of the account, slot or transient slot.</summary>
    public int Number;
    /// <summary>The stamp before, where there is one.</summary>
    public int PreviousStamp;
    public UndoKind Kind;
}

/// <summary>A point of a transaction to come back to; see <see cref="Journal.Checkpoint"/>.</summary>
public readonly struct JournalCheckpoint
{
    internal JournalCheckpoint(int undo, int logs, long refund) => (Undo, Logs, Refund) = (undo, logs, refund);

    internal int Undo { get; }

    internal int Logs { get; }

    internal long Refund { get; }
}
