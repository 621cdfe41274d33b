using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.L1;

/// <summary>What a deployment left on L1.</summary>
/// <param name="Addresses">The contracts.</param>
/// <param name="StartBlock">The L1 block that the L2 chain starts from.</param>
/// <param name="SystemConfig">What the SystemConfig contract says.</param>
/// <param name="Transactions">How many transactions were sent in this run.</param>
/// <param name="GasUsed">Gas of all transactions, former runs' included.</param>
public sealed record L1DeploymentResult(DeploymentAddresses Addresses, L1BlockRef StartBlock, SystemConfig SystemConfig, int Transactions, ulong GasUsed);

/// <summary>
/// Deploys a rollup's contracts by plain transactions of one account. Everything is sent with addresses and nonces known
/// beforehand, so a whole deployment takes a few L1 blocks; it can be stopped at any point and run again.
/// </summary>
/// <param name="config">What to deploy.</param>
/// <param name="bundle">The contracts.</param>
/// <param name="sender">The deployer's account; owns ProxyAdmin until it is handed to <c>finalSystemOwner</c> at the end.</param>
/// <param name="options">How to deploy.</param>
/// <param name="genesisOutputRoot">The output root of the L2 genesis for these addresses and this start block; asked for fault proofs only.</param>
/// <param name="time">Clock.</param>
public sealed class L1Deployment(
    DeployConfig config,
    ContractBundle bundle,
    IL1Sender sender,
    L1DeploymentOptions options,
    Func<DeploymentAddresses, L1BlockRef, Hash256> genesisOutputRoot,
    TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Deploys, or resumes, and verifies.</summary>
    /// <exception cref="DeployerException">It cannot go on; the message says why and whether running again helps.</exception>
    public async Task<L1DeploymentResult> RunAsync(CancellationToken cancellation)
    {
        ulong chainId = await sender.GetChainIdAsync(cancellation);
        if (chainId != config.L1ChainId) throw new DeployerException($"L1 has the chain id {chainId}, the deploy config says l1ChainID {config.L1ChainId}");
        if ((await sender.GetBalanceAsync(sender.Address, cancellation)).IsZero)
        {
            throw new DeployerException($"the deployer {sender.Address.ToChecksumString()} has no ETH on L1 (chain {chainId})");
        }

        DeploymentJournal journal = DeploymentJournal.Open(options.JournalPath, chainId, sender.Address, bundle.Version);
        var executor = new StepExecutor(sender, journal, options, _time);
        if (journal.IsResumed)
        {
            options.Progress?.Invoke("resuming the deployment");
            await executor.SettleAsync(cancellation);
        }

        if (options.UseCreate2) await new DeterministicDeployerInstaller(sender, options, _time).InstallAsync(cancellation);
        if (journal.StartBlock is null && config.L1StartingBlockTag is { } tag && tag != "latest") journal.StartBlock = await ResolveAsync(tag, cancellation);

        IReadOnlySet<Address> existing = await ExistingImplementationsAsync(journal, cancellation);
        ulong nonce = await sender.GetNonceAsync(cancellation);
        var plan = new DeploymentPlanner(sender.Address, bundle, options, journal, existing, nonce);
        var contracts = new RollupContracts(config, bundle, options, sender.Address, plan);
        contracts.PlanBase();
        int sent = 0;
        if (journal.StartBlock is null)
        {
            sent += await RunAsync(executor, plan, cancellation);
            journal.StartBlock = await ResolveAsync("latest", cancellation);
            journal.Save();
        }

        L1BlockRef start = journal.StartBlock.Value;
        if (config.L2OutputOracleStartingTimestamp is { } wanted && wanted != start.Timestamp)
        {
            throw new DeployerException(
                $"l2OutputOracleStartingTimestamp is {wanted}, but the L2 chain starts with L1 block {start.Number} at {start.Timestamp}; set it to -1, or name the block in l1StartingBlockTag");
        }

        Hash256 outputRoot = config.UseFaultProofs || options.DeployBothSets ? genesisOutputRoot(plan.Addresses, start) : default;
        contracts.PlanGenesisDependent(start.Timestamp, outputRoot);
        sent += await RunAsync(executor, plan, cancellation);

        if (await sender.GetBlockAsync(start.Hash.ToString(), cancellation) is null)
        {
            throw new DeployerException($"the start block {start.Number} ({start.Hash}) is gone after a reorg of L1; begin anew, and name a finalized block in l1StartingBlockTag");
        }

        SystemConfig systemConfig = await new DeploymentVerifier(config, bundle, sender, plan.Addresses, options, start).VerifyAsync(cancellation);
        return new L1DeploymentResult(plan.Addresses, start, systemConfig, sent, journal.TotalGasUsed);
    }

    private static async Task<int> RunAsync(StepExecutor executor, DeploymentPlanner plan, CancellationToken cancellation)
    {
        IReadOnlyList<DeploymentStep> steps = plan.TakeSteps();
        await executor.RunAsync(steps, cancellation);
        return steps.Count;
    }

    private async Task<L1BlockRef> ResolveAsync(string tag, CancellationToken cancellation) => await sender.GetBlockAsync(tag, cancellation)
        ?? throw new DeployerException($"L1 has no block '{tag}' (l1StartingBlockTag)");

    private async Task<IReadOnlySet<Address>> ExistingImplementationsAsync(DeploymentJournal journal, CancellationToken cancellation)
    {
        if (!options.UseCreate2) return new HashSet<Address>();
        var probe = new DeploymentPlanner(sender.Address, bundle, options, journal, new HashSet<Address>(), 0);
        IReadOnlyList<Address> shared = new RollupContracts(config, bundle, options, sender.Address, probe).SharedImplementations();
        byte[][] codes = await Task.WhenAll(shared.Select(address => sender.GetCodeAsync(address, cancellation)));
        return shared.Where((_, i) => codes[i].Length > 0).ToHashSet();
    }
}
