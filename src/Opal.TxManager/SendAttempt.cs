using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>The state of sending one candidate: its versions, and what L1 said of them.</summary>
internal sealed class SendAttempt(TxCandidate candidate, ITxRecorder? recorder = null, TxResume? resume = null)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    private readonly List<Hash256> _published = [];
    private readonly HashSet<Hash256> _recorded = [];
    private TimeSpan? _retryAfter;

    public TxCandidate Candidate { get; } = candidate;

    /// <summary>Who hears of versions before they are published.</summary>
    public ITxRecorder? Recorder { get; } = recorder;

    /// <summary>What an earlier run published.</summary>
    public TxResume? Resume { get; } = resume;

    public ulong Nonce { get; private set; }

    public DateTimeOffset Begun { get; set; }

    public DateTimeOffset? LastTry { get; set; }

    public string LastProblem { get; set; } = "no answer yet";

    public TxFees Fees { get; set; }

    public ulong? GasLimit { get; set; }

    public BlobSidecar? Sidecar { get; set; }

    public Hash256[] BlobHashes { get; set; } = [];

    public Transaction? Signed { get; set; }

    /// <summary>Whether the next version must offer more than the last.</summary>
    public bool MustRaise { get; set; }

    /// <summary>Whether the fee limit forbade the last raise.</summary>
    public bool IsAtLimit { get; set; }

    public int NonceTooLowCount { get; set; }

    public BlockId? MinedIn { get; private set; }

    public bool IsMined => MinedIn is not null;

    /// <summary>The versions that L1's pool took, oldest first.</summary>
    public IReadOnlyList<Hash256> Published => _published;

    public void Begin(ulong nonce, TxResume? resume = null)
    {
        Nonce = nonce;
        Signed = null;
        MustRaise = false;
        IsAtLimit = false;
        NonceTooLowCount = 0;
        LastTry = null;
        _retryAfter = null;
        _published.Clear();
        MinedIn = null;
        if (resume is null) return;
        foreach (TxVersion version in resume.Versions) TryAddPublished(version.Hash);
        Fees = resume.Versions[^1].Fees;
        MustRaise = true;
    }

    /// <summary>Whether a version is told of for the first time.</summary>
    public bool TryAddRecorded(in Hash256 hash) => _recorded.Add(hash);

    public bool TryAddPublished(in Hash256 hash)
    {
        if (_published.Contains(hash)) return false;
        _published.Add(hash);
        return true;
    }

    public void Mined(BlockId block)
    {
        MinedIn = block;
        NonceTooLowCount = 0;
    }

    /// <summary>Publishes again at the next look: L1's pool may have lost the transaction in the reorg.</summary>
    public void Unmined()
    {
        MinedIn = null;
        LastTry = null;
        MustRaise = false;
    }

    public void RetryNow() => _retryAfter = TimeSpan.Zero;

    public void RetrySoon() => _retryAfter = Soon;

    public bool NeedsPublishing(DateTimeOffset now, TimeSpan resubmission)
    {
        if (IsMined) return false;
        if (LastTry is not { } last) return true;
        if (now - last < (_retryAfter ?? resubmission)) return false;
        _retryAfter = null;
        return true;
    }

    /// <summary>The wait until the next look: short while L1's pool has not taken it or a retry is due.</summary>
    public TimeSpan DelayBeforeNextLook(TxManagerOptions options)
    {
        TimeSpan wait = options.ReceiptQueryInterval < options.ResubmissionTimeout ? options.ReceiptQueryInterval : options.ResubmissionTimeout;
        if (_retryAfter is { } retry && retry < wait) wait = retry;
        return wait < MinWait ? MinWait : wait;
    }

    private static readonly TimeSpan MinWait = TimeSpan.FromMilliseconds(100);
}
