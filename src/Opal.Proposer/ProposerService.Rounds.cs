using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Proposer;

public sealed partial class ProposerService
{
    private RollupNodeClient? _fit;
    private bool _startedOver = true;
    private ulong? _waitedForL1;
    private bool _poolIsKnown;
    private DateTimeOffset? _poolWaitBegan;

    /// <summary>Proposes the output that is due; says in the status, and the log, when that failed.</summary>
    /// <returns>False when none is due.</returns>
    internal async Task<bool> TryProposeAsync(CancellationToken cancellation)
    {
        try
        {
            bool proposed = await RoundAsync(cancellation);
            if (!proposed) Update(static status => status with { Trouble = "" });
            return proposed;
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException or JsonFormatException or ProposalException or IOException)
        {
            _metrics.Failed();
            bool isNews = Status.Trouble != error.Message;
            Update(status => status with { Trouble = error.Message, Failures = status.Failures + 1 });
            if (isNews && error is ProposerRefusedException) _logger.LogError("Cannot propose: {Problem}", error.Message);
            else if (isNews) _logger.LogWarning("Proposer tries again: {Problem}", error.Message);
            throw;
        }
    }

    private async Task<bool> RoundAsync(CancellationToken cancellation)
    {
        _journal.ReadOnce();
        RollupNodeClient node = await _node(cancellation);
        await RequireFitAsync(node, cancellation);
        SyncStatus synced = await node.SyncStatusAsync(cancellation);
        if (await WaitsForNodeAsync(synced, cancellation)) return false;
        if (await TakeUpAsync(node, cancellation)) return true;
        if (await WaitsForPoolAsync(cancellation)) return false;

        ulong newest = NewestOf(synced);
        DueProposal due = await _sink.NextAsync(newest, cancellation);
        Update(status => status with
        {
            NewestL2Block = newest, LastL2Block = due.LastBlock, LastGame = due.LastGame, NextL2Block = due.NextBlock, NextAt = due.NotBefore,
        });
        if (due.Block is not { } number) return false;

        OutputAtBlock output = await OutputAsync(node, number, cancellation);
        await _checks.RequireEqualAsync(node, output, cancellation);
        await _checks.RequireCanonicalAsync(output, cancellation);
        if (await _sink.PrepareAsync(output, cancellation) is not { } proposal) return false;
        _logger.LogInformation("Proposing output root {Root} of L2 block {Block}", proposal.OutputRoot, number);
        await SendAsync(proposal, null, cancellation);
        return true;
    }

    /// <summary>Each rollup node is looked at once: the chain ids and the contract do not change under it.</summary>
    private async Task RequireFitAsync(RollupNodeClient node, CancellationToken cancellation)
    {
        if (ReferenceEquals(_fit, node)) return;
        RollupConfig rollup = await _checks.RequireSameChainAsync(node, cancellation);
        await _sink.CheckAsync(rollup, cancellation);
        Update(status => status with { BlockSeconds = rollup.BlockTimeSeconds });
        _fit = node;
    }

    private ulong NewestOf(SyncStatus synced) => _options.AllowNonFinalized ? synced.SafeL2.Number : synced.FinalizedL2.Number;

    private static async Task<OutputAtBlock> OutputAsync(RollupNodeClient node, ulong number, CancellationToken cancellation)
    {
        OutputAtBlock output = await node.OutputAtBlockAsync(number, cancellation);
        return output.Block.Number == number ? output : throw new ProposalException($"the rollup node answered for block {output.Block.Number} when asked for {number}");
    }

    private async Task<bool> WaitsForNodeAsync(SyncStatus synced, CancellationToken cancellation)
    {
        if (_options.WaitNodeSync && Interlocked.Exchange(ref _startedOver, false))
        {
            _waitedForL1 = await _l1.BlockNumberAsync(cancellation);
            _logger.LogInformation("Waiting until the rollup node, which has read L1 up to block {Current}, has read block {Head}", synced.CurrentL1.Number, _waitedForL1);
        }

        if (synced.CurrentL1.Number < _waitedForL1) return true;
        _waitedForL1 = null;
        return false;
    }

    /// <summary>What is on its way already, of an earlier run or because waiting for it ended too soon, comes first: it is the same transaction again.</summary>
    private async Task<bool> TakeUpAsync(RollupNodeClient node, CancellationToken cancellation)
    {
        if (_journal.Pending is not { } pending) return false;
        Proposal proposal = pending.Proposal;
        if (pending.Sender != _sender.Sender || proposal.To != (_options.OutputOracle ?? _options.GameFactory))
        {
            _logger.LogWarning("The journal names a proposal of {Sender} to {Contract}, which is another account or contract: forgetting it", pending.Sender.ToChecksumString(), proposal.To.ToChecksumString());
            _journal.Clear();
            return false;
        }

        ulong? gasLimit = await FindGasLimitAsync(pending, cancellation);
        if (!await IsMinedAsync(pending, cancellation) && (await OutputAsync(node, proposal.L2Block, cancellation)).OutputRoot is var root && root != proposal.OutputRoot)
        {
            // the nonce is free for the next proposal, which takes this one's place in L1's pool
            _logger.LogWarning("The proposal on its way, output root {Root} of L2 block {Block}, is not what the rollup node says now ({NewRoot}): it is replaced", proposal.OutputRoot, proposal.L2Block, root);
            _journal.Clear();
            _poolIsKnown = true;
            return false;
        }

        _logger.LogInformation("Taking up the proposal on its way: output root {Root} of L2 block {Block}, nonce {Nonce}", proposal.OutputRoot, proposal.L2Block, pending.Resume.Nonce);
        await SendAsync(proposal with { GasLimit = gasLimit }, pending.Resume, cancellation);
        return true;
    }

    /// <summary>The gas limit that was estimated before: once the proposal is mined, an estimate of the same call says that it reverts.</summary>
    private async Task<ulong?> FindGasLimitAsync(PendingProposal pending, CancellationToken cancellation)
    {
        foreach (TxVersion version in pending.Versions)
        {
            if (await _l1.FindTransactionAsync(version.Hash, cancellation) is { } transaction) return transaction.GasLimit;
        }

        return null;
    }

    private async Task<bool> IsMinedAsync(PendingProposal pending, CancellationToken cancellation)
    {
        foreach (TxVersion version in pending.Versions)
        {
            if (await _l1.FindReceiptAsync(version.Hash, cancellation) is not null) return true;
        }

        return false;
    }

    /// <summary>Without a journal, a transaction of the account that waits in L1's pool may be a proposal of an earlier run: it is given time to be mined.</summary>
    private async Task<bool> WaitsForPoolAsync(CancellationToken cancellation)
    {
        if (_poolIsKnown) return false;
        ulong pending = await _l1.GetTransactionCountAsync(_sender.Sender, BlockParameter.Pending, cancellation);
        ulong mined = await _l1.GetTransactionCountAsync(_sender.Sender, BlockParameter.Latest, cancellation);
        DateTimeOffset now = _time.GetUtcNow();
        if (pending > mined)
        {
            if (_poolWaitBegan is null) _logger.LogInformation("{Count} transactions of {Account} wait in L1's pool: a proposal of an earlier run may be among them", pending - mined, _sender.Sender.ToChecksumString());
            _poolWaitBegan ??= now;
            if (now - _poolWaitBegan < _options.UnknownTransactionPatience) return true;
            _logger.LogWarning("The transactions of {Account} in L1's pool are not mined after {Time}: the next proposal replaces them", _sender.Sender.ToChecksumString(), _options.UnknownTransactionPatience);
        }

        _poolIsKnown = true;
        _poolWaitBegan = null;
        return false;
    }

    private async Task SendAsync(Proposal proposal, TxResume? resume, CancellationToken cancellation)
    {
        _journal.Begin(proposal);
        DateTimeOffset begun = _time.GetUtcNow();
        Update(status => status with { InFlightSince = begun });
        BlockId included;
        try
        {
            included = await WatchingAsync(_sender.SendAsync(proposal, _journal, resume, cancellation), cancellation);
            _journal.Clear();
        }
        catch (ProposalException error) when (!error.MayStillBeMined)
        {
            _journal.Clear();
            throw;
        }
        finally
        {
            Update(static status => status with { InFlightSince = null });
        }

        _metrics.Proposed();
        Update(status => status with
        {
            Proposals = status.Proposals + 1, LastL2Block = proposal.L2Block, LastOutputRoot = proposal.OutputRoot, LastL1Block = included.Number, Trouble = "",
        });
        _logger.LogInformation("Output root {Root} of L2 block {Block} proposed in L1 block {L1Block}", proposal.OutputRoot, proposal.L2Block, included.Number);
    }

    /// <summary>Waits for a proposal, and goes on to measure how far behind it the chain leaves L1.</summary>
    private async Task<BlockId> WatchingAsync(Task<BlockId> sending, CancellationToken cancellation)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        while (await Task.WhenAny(sending, Task.Delay(_options.PollInterval, _time, done.Token)) != sending && !cancellation.IsCancellationRequested)
        {
            try
            {
                SyncStatus synced = await (await _node(cancellation)).SyncStatusAsync(cancellation);
                Update(status => status with { NewestL2Block = NewestOf(synced) });
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException)
            {
                _logger.LogDebug("No news of the chain while a proposal is on its way: {Problem}", error.Message);
            }
        }

        await done.CancelAsync();
        return await sending;
    }
}
