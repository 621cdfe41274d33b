using Opal.Deployer.Abi;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.L1;

/// <summary>Sends the steps of a deployment, many at a time, and waits until each is in a block; a failed one is named with its reason.</summary>
internal sealed class StepExecutor(IL1Sender sender, DeploymentJournal journal, L1DeploymentOptions options, TimeProvider time)
{
    /// <summary>Blocks below the head in which a transaction may still vanish.</summary>
    private const ulong ReorgDepth = 64;

    /// <summary>Runs the steps in order of their nonces, up to <see cref="L1DeploymentOptions.MaxInFlight"/> at a time.</summary>
    /// <exception cref="DeployerException">A step failed, or L1 includes nothing.</exception>
    public async Task RunAsync(IReadOnlyList<DeploymentStep> steps, CancellationToken cancellation)
    {
        var waiting = new List<DeploymentStep>();
        int next = 0, attempt = 0;
        long lastProgress = time.GetTimestamp();
        while (true)
        {
            int room = Math.Min(options.MaxInFlight - waiting.Count, steps.Count - next);
            if (room > 0)
            {
                DeploymentStep[] fresh = [.. steps.Skip(next).Take(room)];
                next += room;
                await SendAsync(fresh, attempt, cancellation);
                waiting.AddRange(fresh);
            }

            // one cheap question tells how far L1 got; receipts are fetched only for what is in a block
            ulong mined = await sender.GetNonceAsync(cancellation);
            DeploymentStep[] included = [.. waiting.Where(step => step.Nonce < mined)];
            if (included.Length > 0)
            {
                DeploymentStep[] settled = await SettleAsync(included, cancellation);
                waiting.RemoveAll(step => Array.IndexOf(settled, step) >= 0);
                if (settled.Length > 0) (lastProgress, attempt) = (time.GetTimestamp(), 0);
            }

            if (waiting.Count == 0 && next == steps.Count) return;
            if (waiting.Count < options.MaxInFlight && next < steps.Count) continue;
            TimeSpan quiet = time.GetElapsedTime(lastProgress);
            CheckPatience(waiting, included, quiet);
            if (quiet > options.ResubmitAfter * (attempt + 1))
            {
                attempt++;
                options.Progress?.Invoke($"no progress for {quiet.TotalSeconds:F0} s: sending {waiting.Count} transactions again at higher fees");
                await SendAsync(waiting, attempt, cancellation);
            }

            await Task.Delay(options.PollInterval, time, cancellation);
        }
    }

    private void CheckPatience(List<DeploymentStep> waiting, DeploymentStep[] included, TimeSpan quiet)
    {
        if (quiet > options.ResubmitAfter && included.Length > 0)
        {
            throw new DeployerException(
                $"nonce {included[0].Nonce} of the deployer was used by a transaction other than {included[0].Key}: does anything else use this key? "
                + "Run the same command again to resume.");
        }

        if (quiet > options.GiveUpAfter)
        {
            throw new DeployerException(
                $"L1 has included none of {waiting.Count} transactions for {quiet.TotalSeconds:F0} s; the first is {waiting[0].Key}. Run the same command again to resume.");
        }
    }

    /// <summary>Asks L1 what became of the steps of a former run: what was left open may be done, what was done may be gone after a reorg.</summary>
    /// <exception cref="DeployerException">L1 is not the chain of the journal.</exception>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        L1BlockRef head = await sender.GetBlockAsync("latest", cancellation) ?? throw new DeployerException("L1 has no latest block");
        foreach (JournalEntry entry in journal.Entries.OrderBy(entry => entry.Nonce).ToArray())
        {
            bool isRecent = entry.BlockNumber + ReorgDepth > head.Number;
            if (entry.Done && isRecent) entry.Done = false;
            if (!entry.Done) await TrySettleAsync(entry, cancellation);
            else if (entry.Address is { } address) await RequireCodeAsync(entry, Address.Parse(address), cancellation);
        }

        // the chain that begins at a block which L1 no longer has could never be derived; another is chosen, unless something refers to this one already
        if (journal.StartBlock is { } start && await sender.GetBlockAsync(start.Hash.ToString(), cancellation) is null) journal.StartBlock = null;
        journal.Save();
    }

    private async Task RequireCodeAsync(JournalEntry entry, Address address, CancellationToken cancellation)
    {
        if ((await sender.GetCodeAsync(address, cancellation)).Length > 0) return;
        throw new DeployerException(
            $"the deployment journal says that {address.ToChecksumString()} was created in L1 block {entry.BlockNumber}, but there is nothing: this is another L1, or it was reset; "
            + $"to begin anew, remove {journal.Path}");
    }

    private async Task SendAsync(IReadOnlyList<DeploymentStep> steps, int attempt, CancellationToken cancellation)
    {
        L1Transaction[] transactions = [.. steps.Select(step => new L1Transaction(step.Nonce, step.To, step.Data, UInt256.Zero, step.GasLimit))];
        IReadOnlyList<SignedL1Transaction> signed = await sender.SignAsync(transactions, attempt, cancellation);
        for (int i = 0; i < steps.Count; i++) journal.Plan(steps[i], signed[i].Hash);
        journal.Save();
        await sender.BroadcastAsync(signed, cancellation);
    }

    /// <summary>Takes the receipts of included steps; the ones not yet visible are left for the next look.</summary>
    private async Task<DeploymentStep[]> SettleAsync(DeploymentStep[] included, CancellationToken cancellation)
    {
        L1Receipt?[] receipts = await Task.WhenAll(included.Select(step => TrySettleAsync(journal.Find(step.Key)!, cancellation)));
        journal.Save();
        var settled = new List<DeploymentStep>();
        for (int i = 0; i < included.Length; i++)
        {
            if (receipts[i] is not { } receipt) continue;
            DeploymentStep step = included[i];
            if (!receipt.Success && !await IsThereAnywayAsync(step, cancellation))
            {
                throw new DeployerException($"the transaction {step.Key} failed in L1 block {receipt.BlockNumber}: {await ReasonAsync(step, receipt, cancellation)}");
            }

            options.Progress?.Invoke(step.Creates is { } address ? $"{step.Key} at {address.ToChecksumString()}" : step.Key);
            settled.Add(step);
        }

        return [.. settled];
    }

    private async Task<L1Receipt?> TrySettleAsync(JournalEntry entry, CancellationToken cancellation)
    {
        foreach (string hash in entry.Hashes.AsEnumerable().Reverse())
        {
            if (await sender.GetReceiptAsync(Hash256.Parse(hash), cancellation) is not { } receipt) continue;
            entry.Done = receipt.Success;
            entry.BlockNumber = receipt.BlockNumber;
            entry.GasUsed = receipt.GasUsed;
            return receipt;
        }

        return null;
    }

    /// <summary>Another deployment may have created the same shared implementation a moment earlier.</summary>
    private async Task<bool> IsThereAnywayAsync(DeploymentStep step, CancellationToken cancellation) =>
        step.To == DeterministicDeployer.Address && step.Creates is { } address && (await sender.GetCodeAsync(address, cancellation)).Length > 0;

    private async Task<string> ReasonAsync(DeploymentStep step, L1Receipt receipt, CancellationToken cancellation)
    {
        if (receipt.GasUsed >= step.GasLimit) return $"it ran out of its {step.GasLimit} gas";
        L1CallResult replay = await sender.CallAsync(step.To, step.Data, UInt256.Zero, receipt.BlockNumber, cancellation);
        return replay.Success
            ? "it reverted, though the same call works now; its neighbours in the block decide"
            : RevertReason.Describe(replay.Data, step.Artifact?.Errors);
    }
}
