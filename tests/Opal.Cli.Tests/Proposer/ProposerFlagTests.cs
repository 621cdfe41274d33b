using Opal.Cli.Flags;
using Opal.Cli.L1Services;
using Opal.Cli.Proposer;
using Opal.Cli.Tests.Flags;
using Opal.Cli.Tests.L1Services;
using Opal.Primitives;
using Opal.Proposer;

namespace Opal.Cli.Tests.Proposer;

/// <summary>The proposer's whole flag table, op-proposer's flags in it, and what a proposer is started with.</summary>
public sealed class ProposerFlagTests() : RoleFlagTests(ProposerFlags.Table, "proposer.md", "Proposer", "L1Services")
{
    /// <summary>op-proposer's own flags: name, variable without OP_PROPOSER_, default.</summary>
    private const string Common = """
        l1-eth-rpc L1_ETH_RPC -
        rollup-rpc ROLLUP_RPC -
        l2oo-address L2OO_ADDRESS -
        game-factory-address GAME_FACTORY_ADDRESS -
        game-type GAME_TYPE 0
        proposal-interval PROPOSAL_INTERVAL -
        output-retry-interval OUTPUT_RETRY_INTERVAL 12s
        poll-interval POLL_INTERVAL 12s
        allow-non-finalized ALLOW_NON_FINALIZED false
        wait-node-sync WAIT_NODE_SYNC false
        active-sequencer-check-duration ACTIVE_SEQUENCER_CHECK_DURATION 2m
        l2-output-hd-path L2_OUTPUT_HD_PATH -
        supervisor-rpcs SUPERVISOR_RPCS -
        """;

    private const string Oracle = "0x00000000000000000000000000000000000000a1", Factory = "0x00000000000000000000000000000000000000f1";

    public static TheoryData<string, string, string> CommonFlags() => FlagChecks.Lines(Common + "\n" + SharedUpstreamFlags.Lines);

    private static FlagValues Parse(string line) => FlagChecks.Parse(ProposerFlags.Table, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Theory]
    [MemberData(nameof(CommonFlags))]
    public void Op_proposers_flags_have_its_variables_and_defaults(string name, string variable, string preset) => FlagChecks.IsAsUpstream(ProposerFlags.Table, name, variable, preset);

    [Fact]
    public void The_tutorials_command_line_starts_unchanged()
    {
        FlagValues values = Parse($"--poll-interval=12s --rpc.port=8560 --rollup-rpc=http://localhost:9545 --l2oo-address={Oracle} --private-key=0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d --l1-eth-rpc=http://localhost:9000");
        ProposerOptions options = ProposerSettings.Read(values);
        Assert.Equal((TimeSpan.FromSeconds(12), Address.Parse(Oracle), null, false), (options.PollInterval, options.OutputOracle!.Value, options.GameFactory, options.AllowNonFinalized));
        Assert.Equal(10ul, SendSettings.Read(values).ConfirmationBlocks);
        using ServiceEndpoints endpoints = ServiceEndpoints.ForProposer(values);
        Assert.Empty(endpoints.L2);
        Assert.Empty(endpoints.Verifiers);
    }

    [Fact]
    public void The_newer_tutorials_command_line_makes_games()
    {
        FlagValues values = Parse($"--game-factory-address={Factory} --game-type=1 --proposal-interval=30m --wait-node-sync=true --rollup-rpc=http://localhost:9545,http://localhost:9546 --verify-rollup-rpc=http://localhost:9547 --l1-eth-rpc=http://localhost:9000");
        ProposerOptions options = ProposerSettings.Read(values);
        Assert.Equal((null, Address.Parse(Factory), 1u, TimeSpan.FromMinutes(30), true), (options.OutputOracle, options.GameFactory!.Value, options.GameType, options.ProposalInterval, options.WaitNodeSync));
        using ServiceEndpoints endpoints = ServiceEndpoints.ForProposer(values);
        Assert.Equal((2, 1), (endpoints.Nodes.Count, endpoints.Verifiers.Count));
    }

    [Theory]
    [InlineData("", "--game-factory-address")]
    [InlineData($"--l2oo-address={Oracle} --game-factory-address={Factory}", "leave one out")]
    [InlineData($"--game-factory-address={Factory}", "--proposal-interval")]
    [InlineData($"--l2oo-address={Oracle} --proposal-interval=1h", "--proposal-interval")]
    [InlineData($"--l2oo-address={Oracle} --game-type=1", "--game-type")]
    [InlineData($"--game-factory-address={Factory} --proposal-interval=1h --game-type=4294967296", "--game-type")]
    [InlineData($"--l2oo-address={Oracle} --poll-interval=0", "--poll-interval")]
    [InlineData("--l2oo-address=0x12", "no address")]
    [InlineData("--supervisor-rpcs=http://a", "interop is not built")]
    public void Flags_that_contradict_each_other_are_refused_with_the_way_out(string line, string part) =>
        Assert.Contains(part, Assert.Throws<FlagException>(() => ProposerSettings.Read(Parse(line))).Message);
}
