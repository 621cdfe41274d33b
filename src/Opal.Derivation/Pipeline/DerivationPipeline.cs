using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>L1 blocks in, payload attributes out: the whole derivation as a state machine that does no I/O.</summary>
/// <remarks>
/// The caller steps it and answers what it asks for. A request stands until it is answered: stepping again repeats it. An answer
/// that fits no request is refused with false. Providers' failures are not reported: the caller retries.
/// Receipts are asked for only where the header's filter says that there may be logs of the rollup.
/// Spec: derivation.md#architecture.
/// </remarks>
public sealed partial class DerivationPipeline
{
    private readonly RollupConfig _config;
    private readonly Exchange _exchange = new();
    private readonly L1Traversal _traversal;
    private readonly L1Retrieval _retrieval;
    private readonly FrameQueue _frames;
    private readonly ChannelBank _bank;
    private readonly ChannelAssembler _assembler;
    private readonly ChannelReader _reader;
    private readonly BatchQueue _queue;
    private readonly BatchStage _stage;
    private readonly AttributesQueue _attributes;
    private BatchStageBase _batches;
    private DerivedAttributes? _prepared;
    private bool _isStarted, _isIdle;

    /// <summary>A pipeline that asks to be reset first.</summary>
    public DerivationPipeline(RollupConfig config, ICrypto crypto, AttributesBuilder attributes, IDerivationObserver observer)
    {
        _config = config;
        _traversal = new L1Traversal(config, _exchange, observer);
        _retrieval = new L1Retrieval(config, crypto, _traversal, _exchange, observer);
        _frames = new FrameQueue(config, _traversal, _retrieval, observer);
        _bank = new ChannelBank(config, _traversal, _frames, observer);
        _assembler = new ChannelAssembler(config, _traversal, _frames, observer);
        _reader = new ChannelReader(config, _traversal, observer) { Source = _bank };
        var chain = new SafeChain(attributes, _exchange);
        _queue = new BatchQueue(config, _traversal, _reader, chain, observer);
        _stage = new BatchStage(config, _traversal, _reader, _assembler, chain, observer);
        _batches = _queue;
        _attributes = new AttributesQueue(attributes, config, _traversal, _exchange);
        _exchange.Reset(ResetReason.NotStarted);
    }

    /// <summary>The L1 block being traversed. Everything before it is drained.</summary>
    public L1BlockRef Origin => _traversal.Origin;

    /// <summary>The newest block that is derived for good.</summary>
    public L2BlockRef SafeHead { get; private set; }

    /// <summary>The newest accepted block: ahead of <see cref="SafeHead"/> only inside a span before Holocene.</summary>
    public L2BlockRef PendingSafeHead { get; private set; }

    /// <summary>Starts over: derive on top of <paramref name="safe"/>, reading L1 from <paramref name="start"/> on with the batcher key of <paramref name="startConfig"/> (<see cref="ResetWalk"/> finds these).</summary>
    public void Reset(L2BlockRef safe, SystemConfig startConfig, L1BlockRef start)
    {
        _exchange.Clear();
        _traversal.Reset(start, startConfig);
        _retrieval.Reset();
        _frames.Reset();
        _bank.Reset();
        _assembler.Reset();
        _reader.Reset();
        _attributes.Reset();
        _prepared = null;
        _isStarted = false;
        _isIdle = false;
        SafeHead = safe;
        PendingSafeHead = safe;
    }

    /// <summary>The channels whose frames are being collected, oldest first.</summary>
    public IReadOnlyList<ChannelProgress> OpenChannels()
    {
        var channels = new List<ChannelProgress>();
        if (_isStarted && IsHolocene) _assembler.Describe(channels);
        else _bank.Describe(channels);
        return channels;
    }

    /// <summary>What the pipeline waits for an answer to; null while it waits for none.</summary>
    public DerivationStep? Waiting => _exchange.End ?? _exchange.Request;

    /// <summary>Goes on until something is made or needed.</summary>
    public DerivationStep Step()
    {
        if (_exchange.End is { } ended) return ended;
        if (_isIdle)
        {
            _isIdle = false;
            return Idle.Instance;
        }

        if (_prepared is not null) return new PreparedAttributes(_prepared);
        if (_exchange.Request is { } standing) return standing;
        while (true)
        {
            Pull pulled = _isStarted ? _attributes.Next(_batches, PendingSafeHead, out _prepared) : Pull.Starved;
            if (pulled == Pull.Starved) pulled = Advance();
            switch (pulled)
            {
                case Pull.Yielded:
                    return new PreparedAttributes(_prepared!);
                case Pull.Blocked:
                    return _exchange.Request!;
                case Pull.Ended:
                    return _exchange.End!;
            }
        }
    }

    /// <summary>Moves to the next L1 block, or reads the start block, and exchanges the stages when Holocene begins.</summary>
    private Pull Advance()
    {
        bool wasHolocene = _isStarted && IsHolocene;
        Pull advanced = _traversal.Advance();
        if (advanced != Pull.Yielded) return advanced;
        if (!_isStarted)
        {
            _isStarted = true;
            UseStages();
            _batches.Reset(_traversal.Current!);
        }
        else if (!wasHolocene && IsHolocene)
        {
            _frames.Discard();
            _bank.Discard();
            _reader.Reset();
            _queue.Discard();
            UseStages();
            _stage.Reset(_traversal.Current!);
            _stage.TakeOver(_queue);
        }

        _retrieval.Open();
        return Pull.Again;
    }

    private bool IsHolocene => _config.IsActive(OptimismFork.Holocene, _traversal.Time);

    private void UseStages()
    {
        _batches = IsHolocene ? _stage : _queue;
        _reader.Source = IsHolocene ? _assembler : _bank;
    }

    /// <summary>Answers <see cref="NeedL1Block"/>.</summary>
    public bool Provide(L1Block block)
    {
        if (_exchange.Request is not NeedL1Block need || block.Header.Number != need.Number) return false;
        _exchange.Block = block;
        _exchange.Answered();
        return true;
    }

    /// <summary>Answers <see cref="NeedL1Receipts"/>.</summary>
    public bool Provide(L1Receipts receipts)
    {
        if (_exchange.Request is not NeedL1Receipts need || receipts.BlockHash != need.Block.Hash) return false;
        _exchange.Receipts = receipts;
        _exchange.Answered();
        return true;
    }

    /// <summary>Answers <see cref="NeedBlobs"/>.</summary>
    public bool Provide(L1Blobs blobs)
    {
        if (_exchange.Request is not NeedBlobs need || blobs.BlockHash != need.Block.Hash) return false;
        _exchange.Blobs = blobs;
        _exchange.Answered();
        return true;
    }

    /// <summary>Answers <see cref="NeedL2Block"/> and <see cref="NeedL2BlockByHash"/>.</summary>
    public bool Provide(Block block)
    {
        switch (_exchange.Request)
        {
            case NeedL2Block need when block.Number == need.Number:
                _exchange.SafeBlocks[need.Number] = block;
                break;
            case NeedL2BlockByHash need when block.Hash == need.Hash:
                _exchange.BlockByHash = block;
                break;
            default:
                return false;
        }

        _exchange.Answered();
        return true;
    }

    /// <summary>Answers the standing request: what was asked for does not exist (yet). Not for failures of the provider.</summary>
    /// <remarks>A missing L1 block at a height makes the pipeline idle for one step; anything missing that was asked for by hash, and missing blobs, need a reset.</remarks>
    public void ProvideMissing()
    {
        switch (_exchange.Request)
        {
            case NeedL1Block when _isStarted:
                _isIdle = true;
                break;
            case NeedL1Block:
                _exchange.Reset(ResetReason.StartBlockReorged);
                break;
            case NeedL1Receipts:
                _exchange.Reset(ResetReason.L1BlockGone);
                break;
            case NeedBlobs:
                _exchange.Reset(ResetReason.BlobsGone);
                break;
            case NeedL2Block or NeedL2BlockByHash:
                _exchange.Reset(ResetReason.L2BlockGone);
                break;
            default:
                return;
        }

        _exchange.Answered();
    }

    /// <summary>The engine has the block made from the prepared attributes (built, or found equal to an unsafe block).</summary>
    public void AttributesAccepted(L2BlockRef block)
    {
        if (_prepared is not { } prepared) return;
        _prepared = null;
        if (block.ParentHash != prepared.Parent.Hash || block.Number != prepared.BlockNumber || block.Timestamp != prepared.Attributes.Timestamp
            || block.L1Origin != prepared.L1Origin)
        {
            _exchange.Reset(ResetReason.AcceptedBlockMismatch);
            return;
        }

        _attributes.Accepted(prepared, block);
        PendingSafeHead = block;
        if (prepared.ConcludesBatch) SafeHead = block;
    }

    /// <summary>The engine refuses the attributes as invalid. From Holocene on the same attributes with deposits only are prepared next.</summary>
    /// <remarks>Before Holocene the batch is dropped, with the rest of its span, and the pending safe head falls back to the safe head.</remarks>
    public void AttributesRejected()
    {
        if (_prepared is not { } prepared) return;
        _prepared = null;
        PayloadAttributes attributes = prepared.Attributes;
        var deposits = new List<byte[]>();
        for (int i = 0; i < attributes.Transactions.Count; i++)
        {
            byte[] transaction = attributes.Transactions[i];
            if (transaction.Length > 0 && transaction[0] == (byte)TransactionType.Deposit) deposits.Add(transaction);
        }

        if (deposits.Count == attributes.Transactions.Count)
        {
            _exchange.Stop(StopReason.DepositsOnlyRejected);
            return;
        }

        if (!_config.IsActive(OptimismFork.Holocene, new L1InclusionTime(prepared.DerivedFrom.Timestamp)))
        {
            _queue.DropSpan();
            PendingSafeHead = SafeHead;
            return;
        }

        _stage.Flush();
        _prepared = prepared with
        {
            IsDepositsOnly = true,
            Attributes = new PayloadAttributes
            {
                Timestamp = attributes.Timestamp,
                PrevRandao = attributes.PrevRandao,
                SuggestedFeeRecipient = attributes.SuggestedFeeRecipient,
                Withdrawals = attributes.Withdrawals,
                ParentBeaconBlockRoot = attributes.ParentBeaconBlockRoot,
                Transactions = deposits,
                NoTxPool = attributes.NoTxPool,
                GasLimit = attributes.GasLimit,
                Eip1559Params = attributes.Eip1559Params,
                MinBaseFee = attributes.MinBaseFee,
            },
        };
    }
}
