using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// Plans the sequencer's blocks over L1 and the engine. The next L1 origin is fetched ahead, with its receipts; a slow or silent L1 costs a block nothing
/// while the current origin is good enough.
/// </summary>
public sealed class BlockPlanner(
    IL1Source l1, IEngine engine, RollupConfig config, AttributesBuilder builder, NetworkUpgrades upgrades, L1Heads l1Heads, SequencerOptions options, TimeProvider time) : IBlockPlanner
{
    private BlockHeader? _origin;
    private BlockHeader? _adopted;
    private (ulong Number, Task<NextOrigin?> Task, CancellationTokenSource End)? _lookup;

    private sealed record NextOrigin(BlockHeader Header, L1Receipts Receipts);

    /// <inheritdoc/>
    public async Task<BlockPlan> PlanAsync(L2BlockRef parent, bool recover, CancellationToken cancellation)
    {
        var blockTime = new L2Time(parent.Timestamp + config.BlockTimeSeconds);
        if (UpgradeGuard.Find(config, upgrades, blockTime) is { } missing) return BlockPlan.Halt(missing);

        if (_adopted?.Hash == parent.L1Origin.Hash) _origin = _adopted; // read when it was adopted: L1 need not answer again
        if (_origin?.Hash != parent.L1Origin.Hash) _origin = await l1.HeaderByHashAsync(parent.L1Origin.Hash, cancellation);
        if (_origin is not { } origin) return BlockPlan.Reset($"L1 has no block {parent.L1Origin.Number} {parent.L1Origin.Hash}, the origin of block {parent.Number}");
        Block? parentBlock = await engine.BlockByHashAsync(parent.Hash, cancellation);
        if (parentBlock is null) return BlockPlan.Reset($"the engine has no block {parent.Number} {parent.Hash}, its head");
        if (!builder.TrySystemConfigOf(parentBlock, out SystemConfig systemConfig)) return BlockPlan.Reset($"block {parent.Number} carries no system config");

        NextOrigin? next = await FindNextAsync(origin, mustKnow: recover || OriginRules.IsPastDrift(config, blockTime, origin.Timestamp), cancellation);
        if (next is not null && next.Header.ParentHash != origin.Hash)
            return BlockPlan.Reset($"L1 block {next.Header.Number} does not follow {origin.Number} {origin.Hash}, the origin of block {parent.Number}");

        switch (OriginRules.Choose(config, blockTime, origin.Timestamp, next?.Header.Timestamp, recover))
        {
            case OriginChoice.WaitForNext:
                return BlockPlan.Wait($"L1 block {origin.Number + 1} is not there yet");
            case OriginChoice.Adopt:
                _adopted = next!.Header;
                return Build(parent, systemConfig, next.Header, next.Receipts, blockTime, recover);
            default:
                return Build(parent, systemConfig, origin, null, blockTime, recover);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> IsCanonicalAsync(BlockId origin, CancellationToken cancellation) => (await l1.HeaderByNumberAsync(origin.Number, cancellation))?.Hash == origin.Hash;

    private BlockPlan Build(L2BlockRef parent, SystemConfig systemConfig, BlockHeader origin, L1Receipts? receipts, L2Time blockTime, bool recover)
    {
        AttributesResult result = builder.Build(parent, systemConfig, new L1Block(origin, []), receipts);
        if (result.Attributes is not { } forced)
        {
            string reason = $"no attributes for block {parent.Number + 1} with L1 origin {origin.Number}: {result.Fault}";
            return result.Fault == AttributesFault.MalformedDeposit ? BlockPlan.Halt(reason) : BlockPlan.Reset(reason);
        }

        return BlockPlan.Build(new PayloadAttributes
        {
            Timestamp = forced.Timestamp,
            PrevRandao = forced.PrevRandao,
            SuggestedFeeRecipient = forced.SuggestedFeeRecipient,
            Withdrawals = forced.Withdrawals,
            ParentBeaconBlockRoot = forced.ParentBeaconBlockRoot,
            Transactions = forced.Transactions,
            NoTxPool = recover || OriginRules.MustBeEmpty(config, blockTime, origin.Timestamp),
            GasLimit = forced.GasLimit,
            Eip1559Params = forced.Eip1559Params,
            MinBaseFee = forced.MinBaseFee,
        });
    }

    /// <summary>
    /// The L1 block after <paramref name="origin"/>, when it is confirmed enough and at hand. Null otherwise. Only when it must be known is a failing provider a
    /// failure here, and a slow one waited for.
    /// </summary>
    private async Task<NextOrigin?> FindNextAsync(BlockHeader origin, bool mustKnow, CancellationToken cancellation)
    {
        ulong number = origin.Number + 1;
        if (l1Heads.Confirmed(options.L1Confirmations) is not { } last || number > last) return null;
        Task<NextOrigin?> lookup = Lookup(origin, number);
        try
        {
            return mustKnow ? await lookup.WaitAsync(cancellation) : await lookup.WaitAsync(options.OriginPatience, time, cancellation);
        }
        catch (TimeoutException)
        {
            return null;
        }
        catch (SourceException) when (!mustKnow)
        {
            return null;
        }
    }

    /// <summary>The look-up of a height under way or done; a new one when there is none, when it failed, found nothing, or found a block of another chain.</summary>
    private Task<NextOrigin?> Lookup(BlockHeader origin, ulong number)
    {
        if (_lookup is { } current)
        {
            bool usable = current.Number == number
                && (!current.Task.IsCompleted || (current.Task.IsCompletedSuccessfully && current.Task.Result is { } found && found.Header.ParentHash == origin.Hash));
            if (usable) return current.Task;
            current.End.Cancel();
            current.End.Dispose();
        }

        var end = new CancellationTokenSource();
        Task<NextOrigin?> lookup = FetchAsync(number, end.Token);
        // nobody may be waiting when it fails
        _ = lookup.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        _lookup = (number, lookup, end);
        return lookup;
    }

    private async Task<NextOrigin?> FetchAsync(ulong number, CancellationToken cancellation)
    {
        BlockHeader? header = await l1.HeaderByNumberAsync(number, cancellation);
        if (header is null) return null;
        L1Receipts? receipts = L1Receipts.AreNeeded(header, config) ? await l1.ReceiptsAsync(header, cancellation) : new L1Receipts(header.Hash, []);
        return receipts is null ? null : new NextOrigin(header, receipts);
    }
}
