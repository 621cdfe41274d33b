using Opal.Cli.Flags;
using Opal.Cli.L1Services;
using Opal.Proposer;

namespace Opal.Cli.Proposer;

/// <summary>What a proposer is started with, made from its flags.</summary>
internal static class ProposerSettings
{
    /// <summary>The proposer's options, but for the journal, whose place depends on the chain.</summary>
    /// <exception cref="FlagException">Not exactly one of oracle and factory is given, or a flag does not go with the one that is.</exception>
    public static ProposerOptions Read(FlagValues values)
    {
        SendSettings.RequireTime(values, "poll-interval");
        SendSettings.RequireTime(values, "output-retry-interval");
        bool oracle = values.AddressOrNull("l2oo-address") is not null, factory = values.AddressOrNull("game-factory-address") is not null;
        if (oracle && factory) throw new FlagException($"{values.NamedAs("l2oo-address")} and {values.NamedAs("game-factory-address")} name two places to propose to; leave one out");
        if (!oracle && !factory) throw new FlagException("say where to propose: --game-factory-address=0x… with --proposal-interval, or --l2oo-address=0x… for a rollup with an L2OutputOracle");
        TimeSpan interval = values.Duration("proposal-interval");
        if (factory && interval <= TimeSpan.Zero) throw new FlagException($"{values.NamedAs("game-factory-address")} needs --proposal-interval too, as 1h");
        if (oracle && interval > TimeSpan.Zero) throw new FlagException($"{values.NamedAs("proposal-interval")} is for dispute games; the L2OutputOracle has an interval of its own");
        if (oracle && values.IsGiven("game-type")) throw new FlagException($"{values.NamedAs("game-type")} is for dispute games, and --l2oo-address names an L2OutputOracle");
        if (values.Number("game-type") > uint.MaxValue) throw new FlagException($"{values.NamedAs("game-type")}: a game type is below 2^32");
        return new ProposerOptions
        {
            PollInterval = values.Duration("poll-interval"),
            OutputRetryInterval = values.Duration("output-retry-interval"),
            AllowNonFinalized = values.Bool("allow-non-finalized"),
            OutputOracle = values.AddressOrNull("l2oo-address"),
            GameFactory = values.AddressOrNull("game-factory-address"),
            GameType = (uint)values.Number("game-type"),
            ProposalInterval = factory ? interval : new ProposerOptions().ProposalInterval,
            WaitNodeSync = values.Bool("wait-node-sync"),
            StartStopped = values.Bool("stopped"),
        };
    }
}
