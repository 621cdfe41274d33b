using Opal.Cli.Doctor;
using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Cli.Tests.Doctor;

/// <summary>What keeps a node from starting, and what does not.</summary>
public sealed class StartCheckTests
{
    private static Task<string?> FindAsync(DoctorWorld world) => StartChecks.FindFaultAsync(world.Examine(), TimeSpan.FromSeconds(20), default);

    [Fact]
    public async Task A_healthy_rollup_starts()
    {
        using var world = new DoctorWorld();
        Assert.Null(await FindAsync(world));
    }

    [Fact]
    public async Task What_does_not_answer_refuses_nothing()
    {
        using var world = new DoctorWorld();
        foreach (FakeRpc rpc in new[] { world.L1, world.SecondL1, world.Engine, world.Eth, world.AsFollower().Followed }) rpc.GoDown();
        Assert.Null(await FindAsync(world));
    }

    [Fact]
    public async Task A_nodes_own_flags_are_enough()
    {
        using var world = new DoctorWorld();
        FlagValues values = FlagParser.Parse(NodeFlags.Table, ["--l1=http://127.0.0.1:1", "--l1.beacon=http://127.0.0.1:1", "--l2=http://127.0.0.1:1", "--l2.follow.source=http://127.0.0.1:1", "--rollup.config=read-already"], []);
        Assert.Null(await StartChecks.FindFaultAsync(values, world.Rollup, new byte[32], default));
    }

    [Fact]
    public async Task A_wrong_chain_id_refuses_with_the_remedy()
    {
        using var world = new DoctorWorld();
        world.Engine.Answer("eth_chainId", "\"0x5\"");
        string fault = (await FindAsync(world))!;
        Assert.Contains("serves chain 5, but the rollup's L2 is chain 990101", fault, StringComparison.Ordinal);
        Assert.Contains("correct --l2", fault, StringComparison.Ordinal);
        Assert.Contains("engine.chain-id", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_genesis_another_fork_time_and_a_refused_token_refuse()
    {
        foreach ((string id, Action<DoctorWorld> spoil) in new (string, Action<DoctorWorld>)[]
        {
            ("engine.genesis", static w => w.Rollup = w.Rollup with { GenesisL2 = w.Rollup.GenesisL2 with { Hash = Keccak256.Hash([5]) } }),
            ("l1.genesis", static w => w.Rollup = w.Rollup with { GenesisL1 = w.Rollup.GenesisL1 with { Hash = Keccak256.Hash([5]) } }),
            ("engine.fork-times", static w => w.EngineForks = w.Rollup.Forks with { Jovian = null }),
            ("engine.jwt-accepted", static w => w.Engine.AnswerStatus(401, "signature is invalid")),
            ("rollup.fork-order", static w => w.Rollup = w.Rollup with { Forks = w.Rollup.Forks with { Granite = null } }),
        })
        {
            using var world = new DoctorWorld();
            spoil(world);
            Assert.Contains($"({id};", await FindAsync(world), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_stalled_L1_an_expired_window_and_an_empty_batcher_refuse_nothing()
    {
        using var world = new DoctorWorld { L1Head = DoctorWorld.HeadL1 - 250, BatcherBalance = UInt256.Zero, HasBeacon = false };
        world.Rollup = world.Rollup with { SequencingWindowSize = 10 };
        Assert.Null(await FindAsync(world));
    }
}
