using Opal.Protocol;

namespace Opal.Node;

/// <summary>L1's labels as last seen. Zero references: not seen yet.</summary>
/// <param name="Head">The head.</param>
/// <param name="Safe">The safe block.</param>
/// <param name="Finalized">The finalized block.</param>
public sealed record L1Labels(L1BlockRef Head, L1BlockRef Safe, L1BlockRef Finalized)
{
    /// <summary>Nothing seen yet.</summary>
    public static L1Labels None { get; } = new(default, default, default);
}

/// <summary>Shares L1's labels between the watcher, which writes them, and the driver and sequencer, which read them.</summary>
public sealed class L1Heads
{
    private volatile L1Labels _current = L1Labels.None;
    private volatile string? _trouble;

    /// <summary>Raised after a change, on the watcher's thread.</summary>
    public event Action? Changed;

    /// <summary>The labels now.</summary>
    public L1Labels Current => _current;

    /// <summary>Why the last look at L1 failed; null when it did not.</summary>
    public string? Trouble
    {
        get => _trouble;
        set => _trouble = value;
    }

    /// <summary>Whether a head has been seen.</summary>
    public bool IsKnown => !_current.Head.Hash.IsZero;

    /// <summary>Takes new labels.</summary>
    public void Set(L1Labels labels)
    {
        if (labels == _current) return;
        _current = labels;
        Changed?.Invoke();
    }

    /// <summary>The highest L1 block number that has <paramref name="confirmations"/> blocks on top of it; null when there is none.</summary>
    public ulong? Confirmed(ulong confirmations) => IsKnown && _current.Head.Number >= confirmations ? _current.Head.Number - confirmations : null;
}
