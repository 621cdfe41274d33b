using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Proposer;

public sealed partial class ProposerService
{
    private RollupNodeClient? _fit;
    private Address _portal;
    private bool _startedOver = true;
    private ulong? _waitedForL1;
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
        catch (Exception error) when (error is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            _metrics.Failed();
            bool isNews = Status.Trouble != error.Message;
            Update(status => status with { Trouble = error.Message, Failures = status.Failures + 1 });
            if (isNews && error is ProposerRefusedException) _logger.LogError("Cannot propose: {Problem}", error.Message);
            else if (isNews && error is RpcTransportException or RpcCallException or JsonFormatException or ProposalException or IOException) _logger.LogWarning("Proposer tries again: {Problem}", error.Message);
            else if (isNews) _logger.LogError(error, "The proposer failed, and tries again: {Problem}", error.Message);
            throw;
        }
    }

    private async Task<bool> RoundAsync(CancellationToken cancellation)
    {
        _journal.ReadOnce();
        RollupNodeClient node = await _node(cancellation);
        await RequireFitAsync(node, cancellation);
        await RequireL1WithLastAsync(cancellation);
        SyncStatus synced = await node.SyncStatusAsync(cancellation);
        if (await WaitsForNodeAsync(synced, cancellation)) return false;
        if (await TakeUpAsync(node, cancellation)) return true;

        ulong newest = NewestOf(synced);
        DueProposal due = await _sink.NextAsync(newest, cancellation);
        if (due.Block is not null)
        {
            // what was in L1's pool until now may be what is due
            if (await WaitsForPoolAsync(cancellation)) return false;
            due = await _sink.NextAsync(newest, cancellation);
        }

        Update(status => status with
        {
            NewestL2Block = newest, LastL2Block = due.LastBlock, LastGame = due.LastGame, NextL2Block = due.NextBlock, NextAt = due.NotBefore,
        });
        if (due.Block is not { } number) return false;

        OutputAtBlock output = await OutputAsync(node, number, cancellation);
        if (NewestOf(output.Status) is var held && held < number)
        {
            throw new ProposalException($"the rollup node that gave the output of L2 block {number} holds no block above {held} for {(_options.AllowNonFinalized ? "safe" : "finalized")}: it is behind another one, and waited for");
        }

        await _checks.RequireEqualAsync(node, output, cancellation);
        await _checks.RequireCanonicalAsync(output, cancellation);
        if (await _sink.PrepareAsync(output, cancellation) is not { } proposal) return false;
        await WarnAsync(node, cancellation);
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
        (_fit, _portal) = (node, rollup.DepositContractAddress);
        await WarnAsync(node, cancellation);
    }

    /// <summary>Says when withdrawals cannot be proven by what is proposed. It is proposed all the same: a new game type is served before the portal respects it.</summary>
    private async Task WarnAsync(RollupNodeClient node, CancellationToken cancellation)
    {
        string warning = await _sink.FindUselessAsync(new ContractView(_portal, _l1), node, cancellation) ?? "", before = Status.Warning;
        if (warning == before) return;
        Update(status => status with { Warning = warning });
        if (warning.Length > 0) _logger.LogWarning("{Warning}", warning);
        else _logger.LogInformation("Withdrawals can be proven by what is proposed");
    }

    /// <summary>Behind one URL of L1 may be several servers: one without the last proposal's block would have it made again.</summary>
    private async Task RequireL1WithLastAsync(CancellationToken cancellation)
    {
        if (Status.LastL1Block is var last and > 0 && await _l1.BlockNumberAsync(cancellation) is var head && head < last)
        {
            throw new ProposalException($"L1 at {_l1.Rpc.Endpoint} is at block {head}, and the last proposal is in block {last}: waiting until it has that");
        }
    }

    private ulong NewestOf(SyncStatus synced) => _options.AllowNonFinalized ? synced.SafeL2.Number : synced.FinalizedL2.Number;

    private static async Task<OutputAtBlock> OutputAsync(RollupNodeClient node, ulong number, CancellationToken cancellation)
    {
        OutputAtBlock output = await node.OutputAtBlockAsync(number, cancellation);
        if (!output.Version.IsZero) throw new ProposalException($"the rollup node's output of L2 block {number} has version {output.Version}, which is not known here: outputs of version 0 are proposed");
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
        if (pending.Sender != _sender.Sender || !_sink.Makes(proposal))
        {
            _logger.LogWarning("The journal names a proposal of {Sender} to {Contract}, which is another account, contract or game type: forgetting it", pending.Sender.ToChecksumString(), proposal.To.ToChecksumString());
            _journal.Clear();
            return false;
        }

        ulong? gasLimit = await FindGasLimitAsync(pending, cancellation);
        if (!await IsMinedAsync(pending, cancellation))
        {
            if ((await OutputAsync(node, proposal.L2Block, cancellation)).OutputRoot is var root && root != proposal.OutputRoot)
            {
                await CancelAsync(pending, root, cancellation);
                return false;
            }

            // no pool has it, and none would: the decision is made anew
            if (gasLimit is null && await FindRevertAsync(proposal, cancellation) is { } reason)
            {
                _logger.LogWarning("The proposal on its way, of L2 block {Block}, is gone from L1's pool and would revert now ({Reason}): forgetting it", proposal.L2Block, reason);
                _journal.Clear();
                return false;
            }
        }

        _logger.LogInformation("Taking up the proposal on its way: output root {Root} of L2 block {Block}, nonce {Nonce}", proposal.OutputRoot, proposal.L2Block, pending.Resume.Nonce);
        await SendAsync(proposal with { GasLimit = gasLimit }, pending.Resume, cancellation);
        return true;
    }

    /// <summary>Keeps a proposal that became wrong from being mined: an empty transaction takes its nonce.</summary>
    private async Task CancelAsync(PendingProposal pending, Hash256 root, CancellationToken cancellation)
    {
        Proposal proposal = pending.Proposal;
        _logger.LogWarning("The proposal on its way, output root {Root} of L2 block {Block}, is not what the rollup node says now ({NewRoot}): it is cancelled", proposal.OutputRoot, proposal.L2Block, root);
        DateTimeOffset begun = _time.GetUtcNow();
        Update(status => status with { InFlightSince = begun });
        try
        {
            if (!await _sender.CancelAsync(pending.Resume, cancellation))
            {
                _logger.LogError("The proposal of L2 block {Block} with output root {Root} was mined before it could be cancelled, and the rollup node says {NewRoot}: it is wrong", proposal.L2Block, proposal.OutputRoot, root);
            }
        }
        finally
        {
            Update(static status => status with { InFlightSince = null });
        }

        _journal.Clear();
    }

    /// <summary>Why a proposal would revert on L1 now; null when it would not, or L1 does not say.</summary>
    private async Task<string?> FindRevertAsync(Proposal proposal, CancellationToken cancellation)
    {
        try
        {
            await _l1.CallAsync(new EthCall { From = _sender.Sender, To = proposal.To, Data = proposal.Data, Value = proposal.Value }, cancellation: cancellation);
            return null;
        }
        catch (RpcCallException error)
        {
            return ContractView.IsRevert(error) ? error.Error.Message : null;
        }
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

    /// <summary>
    /// A transaction of the account in L1's pool that nobody here sends may be a proposal: of an earlier run without a journal, or one that a reorg put back there. It
    /// is given time to be mined.
    /// </summary>
    private async Task<bool> WaitsForPoolAsync(CancellationToken cancellation)
    {
        ulong pending = await _l1.GetTransactionCountAsync(_sender.Sender, BlockParameter.Pending, cancellation);
        ulong mined = await _l1.GetTransactionCountAsync(_sender.Sender, BlockParameter.Latest, cancellation);
        if (pending <= mined)
        {
            _poolWaitBegan = null;
            return false;
        }

        DateTimeOffset now = _time.GetUtcNow();
        if (_poolWaitBegan is null) _logger.LogInformation("{Count} transactions of {Account} wait in L1's pool: a proposal may be among them", pending - mined, _sender.Sender.ToChecksumString());
        _poolWaitBegan ??= now;
        if (now - _poolWaitBegan < _options.UnknownTransactionPatience) return true;
        _logger.LogWarning("The transactions of {Account} in L1's pool are not mined after {Time}: proposing all the same", _sender.Sender.ToChecksumString(), _options.UnknownTransactionPatience);
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
            _poolWaitBegan = null;
            included = await WatchingAsync(proposal, token => _sender.SendAsync(proposal, _journal, resume, token), cancellation);
            _journal.Clear();
        }
        catch (ProposalException error)
        {
            _fit = null; // the contract may take none of ours any more, and its answer says why
            if (!error.MayStillBeMined) _journal.Clear();
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

    /// <summary>Waits for a proposal, and goes on to measure how far behind it the chain leaves L1, and to see whether the rollup node stands by it.</summary>
    private async Task<BlockId> WatchingAsync(Proposal proposal, Func<CancellationToken, Task<BlockId>> send, CancellationToken cancellation)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var disowned = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<BlockId> sending = send(disowned.Token);
        while (await Task.WhenAny(sending, Task.Delay(_options.PollInterval, _time, done.Token)) != sending && !cancellation.IsCancellationRequested)
        {
            if (!await IsDisownedAsync(proposal, cancellation)) continue;
            await disowned.CancelAsync();
            break;
        }

        await done.CancelAsync();
        try
        {
            return await sending;
        }
        catch (OperationCanceledException) when (disowned.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new ProposalException($"the rollup node no longer stands by the proposal of L2 block {proposal.L2Block} on its way") { MayStillBeMined = true };
        }
    }

    /// <summary>Whether the rollup node gives another output for the block of a proposal that is not mined yet: L2 was reorganised.</summary>
    private async Task<bool> IsDisownedAsync(Proposal proposal, CancellationToken cancellation)
    {
        try
        {
            RollupNodeClient node = await _node(cancellation);
            SyncStatus synced = await node.SyncStatusAsync(cancellation);
            Update(status => status with { NewestL2Block = NewestOf(synced) });
            if ((await OutputAsync(node, proposal.L2Block, cancellation)).OutputRoot == proposal.OutputRoot) return false;
            return _journal.Pending is not { } pending || !await IsMinedAsync(pending, cancellation);
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException or JsonFormatException or ProposalException)
        {
            _logger.LogDebug("No news of the chain while a proposal is on its way: {Problem}", error.Message);
            return false;
        }
    }
}
