using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Whose data count while the batcher's key changes.</summary>
public sealed class BatcherKeyScenarios
{
    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SC-01 D-TR-03")]
    public async Task From_A_to_B_and_back_the_key_of_the_block_counts_and_a_reorg_restores_it(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        TestAccount a = net.Batcher.Account, b = new("rival");
        await net.Sequencer.BuildAsync(10);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 10);
        L1Item[] By(TestAccount who, int from, int to)
        {
            net.Batcher.Account = who;
            return net.Batcher.Submit(blocks[(from - 1)..to]);
        }

        // A until the switch
        net.L1.Mine(By(a, 1, 2));
        await net.Verifier.SyncAsync();
        Assert.Equal(2ul, net.Verifier.Safe.Number);

        // both post in the switching block, the old key in front: only the new one counts
        net.L1.Mine([.. By(a, 3, 5), Batcher(net, b), .. By(b, 3, 4)]);
        await net.Verifier.SyncAsync();
        Assert.Equal(4ul, net.Verifier.Safe.Number);
        net.L1.Mine(By(a, 5, 6));
        await net.Verifier.SyncAsync();
        Assert.Equal(4ul, net.Verifier.Safe.Number);

        // and back, the new key's data in front of the log that says so
        net.L1.Mine([.. By(a, 5, 6), .. By(b, 5, 8), Batcher(net, a)]);
        await net.Verifier.SyncAsync();
        Assert.Equal(6ul, net.Verifier.Safe.Number);
        net.L1.Mine(By(b, 7, 8));
        await net.Verifier.RestartAsync();
        await net.Verifier.SyncAsync();
        Assert.Equal(6ul, net.Verifier.Safe.Number);

        // the change back is orphaned: B counts again, and A does not
        net.L1.Reorg(2);
        net.L1.Mine(By(a, 5, 6));
        net.L1.Mine(By(b, 5, 9));
        net.L1.MineEmpty(1);
        await net.Verifier.SyncAsync();
        Assert.Equal(9ul, net.Verifier.Safe.Number);
        net.L1.Mine(By(a, 10, 10));
        await net.Verifier.SyncAsync();
        Assert.Equal(9ul, net.Verifier.Safe.Number);
        net.L1.Mine(By(b, 10, 10));
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    private static L1Item Batcher(ActorNet net, TestAccount account) =>
        new(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.SystemConfigContract), true, L1Logs.Batcher(account.Address));
}
