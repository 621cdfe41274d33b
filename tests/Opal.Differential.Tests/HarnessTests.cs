using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>The harness itself: the same seed gives the same cases, and a fault in the rules is found and located.</summary>
public sealed class HarnessTests
{
    [Fact]
    public void A_seed_and_an_index_give_the_same_program_every_time()
    {
        FuzzFork fork = FuzzFork.Find("osaka");
        foreach (string kind in ProgramGenerator.Kinds)
        {
            for (ulong index = 0; index < 20; index++)
            {
                FuzzProgram first = ProgramGenerator.Make(fork, 7, index, kind), second = ProgramGenerator.Make(fork, 7, index, kind);
                Assert.True(first.Transaction.Hash == second.Transaction.Hash, $"{first.Name} is not the same twice");
                Assert.Equal(new Genesis { Accounts = first.Accounts }.ComputeRoots(), new Genesis { Accounts = second.Accounts }.ComputeRoots());
            }
        }
    }

    [Fact]
    public void Programs_of_different_indices_share_no_account()
    {
        FuzzFork fork = FuzzFork.Find("prague");
        var seen = new HashSet<Address>();
        for (ulong index = 0; index < 300; index++) Assert.All(ProgramGenerator.Make(fork, 3, index).Accounts, a => Assert.True(seen.Add(a.Address)));
    }

    [Fact]
    public async Task A_wrong_price_is_found_and_traced_to_its_step()
    {
        FuzzFork fork = FuzzFork.Find("osaka");
        Rules wrong = fork.Rules with { Evm = fork.Rules.Evm with { InitCodeWordGas = 3 } };
        var faulty = new Batch(fork, new OpalRunner(_ => new BlockExecutor(NativeCrypto.Instance, ChainSpec.Fixed(FuzzProgram.ChainId, wrong))));
        FuzzProgram program = Creating(fork);
        (Batch.Report report, _, string? step) = await faulty.RunInDetailAsync(program);
        Assert.Contains(report.Differences, d => d.Case == 0 && d.What.StartsWith("gas used", StringComparison.Ordinal));
        Assert.NotNull(step);

        var shrinker = new Shrinker(async p => (await faulty.RunAsync([p], 1)).Differences.Count > 0, 12);
        FuzzProgram small = await shrinker.ShrinkAsync(program);
        Assert.True(small.Accounts.Sum(a => a.Code.Length) < program.Accounts.Sum(a => a.Code.Length));
    }

    /// <summary>Some arithmetic, then CREATE of 64 bytes of zeros.</summary>
    private static FuzzProgram Creating(FuzzFork fork)
    {
        var world = new CaseWorld(fork, 1, 1);
        var code = new CodeWriter();
        for (int i = 0; i < 6; i++) code.Push(7).Push(9).Op(Opcode.Mul).Op(Opcode.Pop);
        code.Push(64).Push(UInt256.Zero).Push(UInt256.Zero).Op(Opcode.Create).Op(Opcode.Gas).Op(Opcode.Stop);
        world.Put(new GenesisAccount(world.Contracts[0], UInt256.Zero, 1, code.ToArray(), []));
        return world.Finish("creation", world.NewTransaction(world.Contracts[0], [], 200_000));
    }
}
