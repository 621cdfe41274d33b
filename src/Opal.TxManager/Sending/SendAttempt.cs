using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>The state of sending one candidate: its versions, what L1 said of them, and when to do what next.</summary>
internal sealed class SendAttempt(TxCandidate candidate, ITxRecorder? recorder = null, TxResume? resume = null)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    /// <summary>The shortest wait between two looks or tries.</summary>
    public static TimeSpan LeastWait { get; } = TimeSpan.FromMilliseconds(100);

    private readonly List<Hash256> _mayBeOut = [];
    private readonly HashSet<Hash256> _recorded = [];
    private (Transaction Signed, TxFees Fees)? _accepted;
    private DateTimeOffset? _toldAt;
    private volatile Offered? _offer;

    /// <summary>In one piece, as the status is read from other threads.</summary>
    private sealed record Offered(TxFees Fees);

    public TxCandidate Candidate { get; } = candidate;

    /// <summary>Who hears of versions before they are published.</summary>
    public ITxRecorder? Recorder { get; } = recorder;

    /// <summary>What an earlier run published.</summary>
    public TxResume? Resume { get; } = resume;

    public ulong Nonce { get; private set; }

    public DateTimeOffset Begun { get; set; }

    /// <summary>What stands in the way of the transaction, in words; null when it only waits to be mined.</summary>
    public string? Problem { get; set; }

    public PoolAnswer LastAnswer { get; set; } = PoolAnswer.NoAnswer;

    /// <summary>What the newest version offers; before the first, nothing.</summary>
    public TxFees? Fees
    {
        get => _offer?.Fees;
        private set => _offer = value is { } fees ? new Offered(fees) : null;
    }

    public ulong? GasLimit { get; set; }

    public BlobSidecar? Sidecar { get; set; }

    public Hash256[] BlobHashes { get; set; } = [];

    /// <summary>The newest version.</summary>
    public Transaction? Signed { get; set; }

    /// <summary>Whether the next version must offer more than the last.</summary>
    public bool MustRaise { get; set; }

    /// <summary>Whether the last version is an earlier run's: it is offered again as it was, unless it no longer pays for a block. A program that is restarted again and again raises nothing by that.</summary>
    public bool MayBeStale { get; set; }

    /// <summary>Whether the fee limit forbade the last raise.</summary>
    public bool IsAtLimit { get; set; }

    /// <summary>Whether the signer failed at the last try.</summary>
    public bool IsUnsigned { get; set; }

    /// <summary>When to offer a version to L1's pools; null: they have the newest, or nothing can be offered.</summary>
    public DateTimeOffset? OfferAt { get; set; }

    /// <summary>When to ask L1's pools whether they still have the newest version.</summary>
    public DateTimeOffset? PoolCheckAt { get; set; }

    /// <summary>When the newest version was first offered, and how often the head had moved then.</summary>
    public (DateTimeOffset At, long HeadMoves) VersionSince { get; set; }

    /// <summary>Whether the nonce may be taken: then nothing is offered until L1 said that it is not.</summary>
    public bool SuspectsNonce { get; set; }

    /// <summary>Looks in a row that found the nonce taken and no receipt, and L1's head at the first.</summary>
    public (int Looks, ulong SinceHead) NonceTaken { get; set; }

    /// <summary>The lower nonce that this one waits for and that nobody here sends, since when, and how often the head had moved then.</summary>
    public (ulong Nonce, DateTimeOffset Since, long HeadMoves)? StuckBehind { get; set; }

    public BlockId? MinedIn { get; private set; }

    public bool IsMined => MinedIn is not null;

    /// <summary>How many times the fees were raised.</summary>
    public int Raises { get; set; }

    /// <summary>The versions that may be in L1's pools or blocks, oldest first.</summary>
    public IReadOnlyList<Hash256> MayBeOut => _mayBeOut;

    /// <summary>Whether a pool is known to have taken a version, in this run or an earlier one.</summary>
    public bool IsAccepted { get; private set; }

    public void Begin(ulong nonce, TxResume? resume = null)
    {
        Nonce = nonce;
        Signed = null;
        Fees = null;
        MustRaise = false;
        MayBeStale = false;
        IsAtLimit = false;
        LastAnswer = PoolAnswer.NoAnswer;
        OfferAt = DateTimeOffset.MinValue;
        PoolCheckAt = null;
        SuspectsNonce = false;
        NonceTaken = default;
        StuckBehind = null;
        _mayBeOut.Clear();
        _accepted = null;
        IsAccepted = false;
        MinedIn = null;
        if (resume is null) return;
        foreach (TxVersion version in resume.Versions)
        {
            AddMayBeOut(version.Hash);
            _recorded.Add(version.Hash);
        }

        Fees = resume.Versions[^1].Fees;
        IsAccepted = true;
        MayBeStale = true;
        SuspectsNonce = true; // before anything is published, L1 is asked what became of the earlier versions
        OfferAt = null;
    }

    /// <summary>Whether a version is told of for the first time.</summary>
    public bool TryAddRecorded(in Hash256 hash) => _recorded.Add(hash);

    /// <summary>A new offer; the next signed version makes it.</summary>
    public void Offer(in TxFees fees)
    {
        if (Fees is not null) Raises++;
        Fees = fees;
        MustRaise = false;
        IsAtLimit = false;
    }

    /// <summary>What is offered now, for <see cref="TakeBack"/>.</summary>
    public (TxFees? Fees, bool MustRaise, int Raises) Mark() => (Fees, MustRaise, Raises);

    /// <summary>Forgets what was offered since, as nobody was told of it.</summary>
    public void TakeBack(in (TxFees? Fees, bool MustRaise, int Raises) mark)
    {
        if (Fees == mark.Fees) return;
        (Fees, MustRaise, Raises) = mark;
    }

    public void AddMayBeOut(in Hash256 hash)
    {
        if (!_mayBeOut.Contains(hash)) _mayBeOut.Add(hash);
    }

    /// <summary>A pool has the newest version.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Accepted()
    {
        bool isNews = _accepted is not { } before || before.Signed.Hash != Signed!.Hash;
        _accepted = (Signed!, Fees!.Value);
        IsAccepted = true;
        OfferAt = null;
        return isNews;
    }

    /// <summary>Goes back to the version that a pool took last, as the newest cannot be paid.</summary>
    public void BackToAccepted()
    {
        if (_accepted is { } accepted) (Signed, Fees) = (accepted.Signed, accepted.Fees);
        MustRaise = false;
    }

    public void Mined(BlockId block)
    {
        MinedIn = block;
        Problem = null;
        SuspectsNonce = false;
        NonceTaken = default;
    }

    /// <summary>Offers the newest version again at once: L1's pools may have lost it in the reorg.</summary>
    public void Unmined(DateTimeOffset now)
    {
        MinedIn = null;
        OfferAt = now;
    }

    /// <summary>Whether a warning that repeats is due: once a minute.</summary>
    public bool IsTimeToTell(DateTimeOffset now)
    {
        if (_toldAt is { } last && now - last < s_minute) return false;
        _toldAt = now;
        return true;
    }

    /// <summary>The wait until the next look.</summary>
    public TimeSpan DelayBeforeNextLook(DateTimeOffset now, TxManagerOptions options)
    {
        TimeSpan wait = options.ReceiptQueryInterval < options.ResubmissionTimeout ? options.ReceiptQueryInterval : options.ResubmissionTimeout;
        if (!IsMined)
        {
            if (OfferAt is { } offer && offer - now < wait) wait = offer - now;
            if (PoolCheckAt is { } check && check - now < wait) wait = check - now;
        }

        return wait < LeastWait ? LeastWait : wait;
    }
}
