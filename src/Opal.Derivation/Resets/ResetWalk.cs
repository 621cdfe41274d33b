using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Finds where derivation starts: the heads that still fit L1, and the L1 block to read from. Does no I/O.</summary>
/// <remarks>
/// Steps are <see cref="NeedL2BlockByHash"/>, <see cref="NeedL1Ref"/>, then <see cref="ResetFound"/> or <see cref="ResetImpossible"/>.
/// First the L2 chain is walked back from the unsafe head until its L1 origins are canonical over a whole sequencing window; then
/// from the safe head until the L1 origin is older than a channel can be. Spec: derivation.md#resetting-the-pipeline; cases D-RS-01 to 10.
/// </remarks>
public sealed class ResetWalk
{
    private const ulong MaxReorgWindows = 5;
    private const ulong RecoveryWindows = 14;

    private readonly RollupConfig _config;
    private readonly AttributesBuilder _attributes;
    private readonly L2BlockRef _previousUnsafe;
    private readonly L2BlockRef _finalized;
    private L2BlockRef _safe;
    private L2BlockRef? _unsafe, _highestCanonical;
    private L2BlockRef _at;
    private L1BlockRef? _l1;
    private ulong? _missingNumber;
    private bool _parentIsSafe, _isStartWalk;
    private Block? _givenBlock;
    private DerivationStep? _request, _end;

    /// <summary>A walk from the engine's labels. A missing finalized label is genesis, a missing safe label is finalized (<see langword="null"/> for both).</summary>
    public ResetWalk(RollupConfig config, AttributesBuilder attributes, L2BlockRef unsafeHead, L2BlockRef? safeHead, L2BlockRef? finalizedHead, L2BlockRef genesis)
    {
        _config = config;
        _attributes = attributes;
        _previousUnsafe = unsafeHead;
        _finalized = finalizedHead ?? genesis;
        _safe = safeHead ?? _finalized;
        _unsafe = unsafeHead;
        _at = unsafeHead;

        // An engine that synced the chain itself has no labels yet; one that was rewound has them ahead of its chain. Either way its head is trusted.
        bool hasNoLabels = _finalized.Hash == config.GenesisL2.Hash && _safe.Hash == config.GenesisL2.Hash && unsafeHead.Number > config.GenesisL2.Number
            && unsafeHead.L1Origin.Number > config.GenesisL1.Number + (RecoveryWindows * config.SequencingWindowSize);
        if (hasNoLabels || unsafeHead.Number < _finalized.Number || unsafeHead.Number < _safe.Number)
        {
            _finalized = unsafeHead;
            StartWalkFrom(unsafeHead);
        }
    }

    /// <summary>How many L1 blocks of canonical origins must lie above the safe start: all that may hold its batches.</summary>
    private ulong Lookback => _config.SequencingWindowSize;

    /// <summary>Goes on until something is needed or found.</summary>
    public DerivationStep Step()
    {
        while (_end is null && _request is null)
        {
            if (_isStartWalk) WalkToStart();
            else WalkToHeads();
        }

        return _end ?? _request!;
    }

    private void WalkToHeads()
    {
        if (_givenBlock is not null)
        {
            if (!TryMoveToParent(out L2BlockRef parent)) return;
            if (!IsConsistent(parent)) return;
            _at = parent;
            if (_parentIsSafe)
            {
                _safe = parent;
                StartWalkFrom(parent);
                return;
            }
        }

        bool isKnown = _l1 is { } known && (known.Hash == _at.L1Origin.Hash || known.Number == _at.L1Origin.Number);
        bool isAhead = _missingNumber == _at.L1Origin.Number;
        if (!isKnown && !isAhead)
        {
            _request = new NeedL1Ref(_at.L1Origin.Number);
            return;
        }

        Judge(isAhead);
    }

    /// <summary>Judges the block at hand, whose L1 origin's height is known now, and goes on to its parent.</summary>
    private void Judge(bool isAhead)
    {
        bool isCanonical = !isAhead && _l1!.Value.Hash == _at.L1Origin.Hash;
        if (_at.Number == _config.GenesisL2.Number)
        {
            if (_at.Hash != _config.GenesisL2.Hash)
            {
                Fail(ResetFailure.WrongL2Genesis, retry: false);
                return;
            }

            if (!isAhead && _l1!.Value.Hash != _config.GenesisL1.Hash)
            {
                Fail(ResetFailure.WrongL1Genesis, retry: false);
                return;
            }
        }

        if (_at.Number == _finalized.Number && _at.Hash != _finalized.Hash)
        {
            Fail(ResetFailure.FinalizedReorged, retry: false);
            return;
        }

        if (_unsafe is null)
        {
            _unsafe = _at;
            if (_at.L1Origin.Number + (MaxReorgWindows * Lookback) < _previousUnsafe.L1Origin.Number)
            {
                Fail(ResetFailure.TooDeep, retry: false);
                return;
            }
        }

        if (isAhead)
        {
            _highestCanonical = null; // plausible, but nothing is confirmed by it
        }
        else if (isCanonical)
        {
            _highestCanonical ??= _at;
        }
        else
        {
            _unsafe = null;
            _highestCanonical = null;
        }

        if (_at.Number == _finalized.Number)
        {
            if (_unsafe is null) Fail(ResetFailure.FinalizedOriginReorged, retry: true);
            else StartWalkFrom(_at);
            return;
        }

        _parentIsSafe = _at.Number <= _safe.Number && _at.SequenceNumber == 0
            && _highestCanonical is { } highest && _at.L1Origin.Number + Lookback < highest.L1Origin.Number;
        _request = new NeedL2BlockByHash(_at.ParentHash);
    }

    /// <summary>Checks the parent's epoch against the child's.</summary>
    private bool IsConsistent(in L2BlockRef parent)
    {
        if (parent.L1Origin == _at.L1Origin)
        {
            return _at.SequenceNumber == parent.SequenceNumber + 1 || Fail(ResetFailure.InconsistentSequenceNumber, retry: false);
        }

        if (parent.L1Origin.Number + 1 != _at.L1Origin.Number) return Fail(ResetFailure.InconsistentOrigin, retry: false);
        bool parentKnown = _l1 is { } l1 && l1.Hash == _at.L1Origin.Hash;
        if (parentKnown && _l1!.Value.ParentHash != parent.L1Origin.Hash) return Fail(ResetFailure.InconsistentOrigin, retry: false);
        return _at.SequenceNumber == 0 || Fail(ResetFailure.InconsistentSequenceNumber, retry: false);
    }

    private void StartWalkFrom(in L2BlockRef safe)
    {
        _safe = safe;
        _at = safe;
        _givenBlock = null;
        _isStartWalk = true;
        _l1 = _l1 is { } known && known.Hash == safe.L1Origin.Hash ? known : null;
        _missingNumber = null;
    }

    /// <summary>Walks back from the safe head until a channel open at the L1 origin could not reach the safe head's origin any more.</summary>
    private void WalkToStart()
    {
        if (_l1 is not { } l1 || l1.Number != _at.L1Origin.Number)
        {
            _request = new NeedL1Ref(_at.L1Origin.Number);
            return;
        }

        if (l1.Hash != _at.L1Origin.Hash)
        {
            Fail(ResetFailure.BlockGone, retry: true); // L1 changed under the walk
            return;
        }

        ulong timeout = DerivationParameters.ChannelTimeout(_config, new L1InclusionTime(l1.Timestamp));
        bool goOn = _at.Number > _config.GenesisL2.Number && _at.L1Origin.Number > _config.GenesisL1.Number
            && _at.L1Origin.Number + timeout > _safe.L1Origin.Number;
        if (_givenBlock is null)
        {
            _request = new NeedL2BlockByHash(_at.Hash);
            return;
        }

        Block block = _givenBlock;
        _givenBlock = null;
        if (block.Hash == _at.Hash)
        {
            if (!goOn)
            {
                if (_attributes.TrySystemConfigOf(block, out SystemConfig config)) _end = new ResetFound(_unsafe ?? _safe, _safe, _finalized, l1, config);
                else Fail(ResetFailure.MalformedL2Block, retry: false);
                return;
            }

            _request = new NeedL2BlockByHash(_at.ParentHash);
            return;
        }

        if (_attributes.TryRefOf(block, out L2BlockRef parent))
        {
            // the parent is looked at next: its own content is at hand already
            _at = parent;
            _givenBlock = block;
        }
        else
        {
            Fail(ResetFailure.MalformedL2Block, retry: false);
        }
    }

    private bool TryMoveToParent(out L2BlockRef parent)
    {
        Block block = _givenBlock!;
        _givenBlock = null;
        return _attributes.TryRefOf(block, out parent) || Fail(block.Number == _config.GenesisL2.Number ? ResetFailure.WrongL2Genesis : ResetFailure.MalformedL2Block, retry: false);
    }

    private bool Fail(ResetFailure reason, bool retry)
    {
        _end = new ResetImpossible(reason, retry);
        return false;
    }

    /// <summary>Answers <see cref="NeedL2BlockByHash"/>.</summary>
    public bool Provide(Block block)
    {
        if (_request is not NeedL2BlockByHash need || block.Hash != need.Hash) return false;
        _givenBlock = block;
        _request = null;
        return true;
    }

    /// <summary>Answers <see cref="NeedL1Ref"/> with the canonical block at that height.</summary>
    public bool Provide(L1BlockRef block)
    {
        if (_request is not NeedL1Ref need || block.Number != need.Number) return false;
        _l1 = block;
        _missingNumber = null;
        _request = null;
        return true;
    }

    /// <summary>Answers the standing request: there is no such block.</summary>
    public void ProvideMissing()
    {
        switch (_request)
        {
            case NeedL1Ref need when !_isStartWalk:
                _missingNumber = need.Number;
                _l1 = null;
                break;
            case null:
                return;
            default:
                Fail(ResetFailure.BlockGone, retry: true);
                break;
        }

        _request = null;
    }
}
