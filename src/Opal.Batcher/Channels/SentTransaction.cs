using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>What became of a transaction that carries frames.</summary>
internal enum SentState : byte
{
    /// <summary>It is on its way, or about to be.</summary>
    Open,
    /// <summary>It is on L1.</summary>
    Confirmed,
    /// <summary>It was given up: its frames are sent by another one.</summary>
    Failed,
}

/// <summary>A transaction with some frames of one channel, in all its versions.</summary>
/// <param name="id">Its number in the journal.</param>
/// <param name="firstFrame">The index of its first frame in the channel.</param>
/// <param name="frameCount">How many frames it carries.</param>
internal sealed class SentTransaction(ulong id, int firstFrame, int frameCount)
{
    private volatile TxVersion[] _versions = []; // replaced, never changed: it is read while another thread adds one

    public ulong Id { get; } = id;

    public int FirstFrame { get; } = firstFrame;

    public int FrameCount { get; } = frameCount;

    public SentState State { get; set; }

    /// <summary>Whether a try to send it failed, and neither the next one has begun nor its frames wait for another transaction.</summary>
    public bool IsBetweenTries { get; set; }

    /// <summary>The L1 block that holds it, when it is confirmed; the hash is zero where it is not known.</summary>
    public BlockId? Included { get; set; }

    /// <summary>The L1 block that holds it, while it is on its way and not as deep as was asked; null where it is not known to be in one.</summary>
    public BlockId? Seen { get; set; }

    /// <summary>The L1 block that holds it, deep or not.</summary>
    public BlockId? Place => State switch { SentState.Confirmed => Included, SentState.Open => Seen, _ => null };

    /// <summary>The versions that may have been published, oldest first.</summary>
    public IReadOnlyList<TxVersion> Versions => _versions;

    public void Add(in TxVersion version)
    {
        foreach (TxVersion known in _versions)
        {
            if (known.Hash == version.Hash) return;
        }

        _versions = [.. _versions, version];
    }

    /// <summary>The nonce under which it is taken up, when it is not the newest version's.</summary>
    public ulong? ResumeNonce { get; set; }

    /// <summary>What the transaction manager needs to take it up again: the versions of one nonce. Null when nothing was signed.</summary>
    public TxResume? Resume()
    {
        TxVersion[] versions = _versions;
        if (versions.Length == 0) return null;
        ulong nonce = ResumeNonce ?? versions[^1].Nonce;
        return new TxResume(nonce, [.. versions.Where(v => v.Nonce == nonce)]);
    }
}
