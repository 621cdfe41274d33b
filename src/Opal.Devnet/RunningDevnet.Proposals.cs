using Microsoft.Extensions.Logging;
using Opal.Deployer;
using Opal.Devnet.Games;
using Opal.JsonRpc;
using Opal.Proposer;

namespace Opal.Devnet;

public sealed partial class RunningDevnet
{
    private async Task<ProposerService> StartProposerAsync(RollupDeploymentResult rollup, EthClient l1, RollupNodeClient node, CancellationToken cancellation)
    {
        bool games = _options.Proofs == WithdrawalProofs.Games;
        var options = new ProposerOptions
        {
            PollInterval = _options.L1BlockTime / 2,
            OutputRetryInterval = _options.L1BlockTime,
            AllowNonFinalized = true,
            OutputOracle = games ? null : rollup.Addresses["L2OutputOracleProxy"],
            GameFactory = games ? rollup.Addresses["DisputeGameFactoryProxy"] : null,
            GameType = 0,
            ProposalInterval = DevnetDeployConfig.GameInterval(_options.L1BlockTime),
            JournalFile = DevnetStorage.ProposalOf(_options),
            UnknownTransactionPatience = _options.L1BlockTime * 6,
        };
        var proposer = new ProposerService(options, l1, _ => ValueTask.FromResult(node), new ProposalSender(Manager(l1, DevnetKeys.Roles.Proposer, "Proposer", null)), _time, _loggers.CreateLogger("Opal.Proposer"));
        Own(proposer);
        var registry = new RpcRegistry();
        proposer.Register(registry);
        await ServeAsync(registry, "proposer", _options.Ports.Proposer, cancellation);
        proposer.Start();
        return proposer;
    }

    /// <summary>Somebody must challenge wrong games and resolve the others; on public chains challengers do.</summary>
    private GameContracts StartResolver(RollupDeploymentResult rollup, EthClient l1, RollupNodeClient node)
    {
        ILogger logger = _loggers.CreateLogger("Opal.Devnet.Games");
        var contracts = new GameContracts(l1, rollup.Addresses["DisputeGameFactoryProxy"], rollup.Addresses["DelayedWETHProxy"], Manager(l1, DevnetKeys.Challenger, "Challenger", null));
        GameResolver resolver = Own(new GameResolver(contracts, node, _options.L1BlockTime / 2, _time, logger));
        resolver.Start();
        return contracts;
    }
}
