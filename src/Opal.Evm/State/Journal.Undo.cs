using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <content>Checkpoints and the undo log.</content>
public sealed partial class Journal
{
    private UndoEntry[] _undo = new UndoEntry[256];
    private int _undoCount;

    /// <summary>A point to come back to, within the running transaction.</summary>
    public JournalCheckpoint Checkpoint() => new(_undoCount, _logs.Count, _refund);

    /// <summary>Undoes everything since <paramref name="checkpoint"/>: values, warm sets, transient storage, refunds, logs.</summary>
    public void RevertTo(in JournalCheckpoint checkpoint)
    {
        while (_undoCount > checkpoint.Undo) Undo(ref _undo[--_undoCount]);
        _logs.Truncate(checkpoint.Logs);
        _refund = checkpoint.Refund;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Push(UndoKind kind, int number, in UInt256 previous, int previousStamp)
    {
        if (_undoCount == _undo.Length) GrowUndo();
        ref UndoEntry entry = ref _undo[_undoCount++];
        entry.Previous = previous;
        entry.Number = number;
        entry.PreviousStamp = previousStamp;
        entry.Kind = kind;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowUndo() => Array.Resize(ref _undo, _undo.Length * 2);

    private void Undo(ref UndoEntry entry)
    {
        int number = entry.Number;
        switch (entry.Kind)
        {
            case UndoKind.Balance:
                _accounts[number].Balance = entry.Previous;
                break;
            case UndoKind.Nonce:
                _accounts[number].Nonce = entry.Previous.U0;
                break;
            case UndoKind.Code:
                _accounts[number].CodeHash = Hash256.FromUInt256(entry.Previous);
                _accounts[number].Code = null;
                break;
            case UndoKind.Storage:
                _slots[number].Current = entry.Previous;
                break;
            case UndoKind.Transient:
                _transients[number].Value = entry.Previous;
                _transients[number].Stamp = entry.PreviousStamp;
                break;
            case UndoKind.WarmAccount:
                _accounts[number].WarmStamp = entry.PreviousStamp;
                break;
            case UndoKind.WarmSlot:
                _slots[number].WarmStamp = entry.PreviousStamp;
                break;
            case UndoKind.Touch:
                _accounts[number].TouchStamp = entry.PreviousStamp;
                break;
            case UndoKind.Created:
                _accounts[number].CreatedStamp = entry.PreviousStamp;
                break;
            case UndoKind.Destruct:
                _accounts[number].DestructStamp = entry.PreviousStamp;
                break;
        }
    }
}
