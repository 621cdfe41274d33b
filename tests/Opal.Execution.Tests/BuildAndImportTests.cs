using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

/// <summary>What the builder makes while transactions pour in, another client executes from scratch and finds valid.</summary>
public sealed class BuildAndImportTests
{
    [Theory, InlineData(OptimismFork.Holocene, 1), InlineData(OptimismFork.Jovian, 2)]
    public async Task Blocks_built_under_fire_are_valid_elsewhere(OptimismFork fork, int seed)
    {
        await using var sequencer = new TestRollup(fork);
        await using var verifier = new TestRollup(fork);
        TestAccount[] accounts = [.. Enumerable.Range(0, 8).Select(i => new TestAccount($"user {i}"))];
        Address[] targets = [TestCode.Store, TestCode.Load, TestCode.Revert, TestCode.Ask, TestCode.Number, Address.FromNumber(0xc0ffee), accounts[0].Address];
        void Follow(ExecutedBlock block)
        {
            Assert.Equal(PayloadVerdict.Valid, verifier.Import(block.Block).Verdict);
            verifier.Choose(block.Hash);
            Assert.Equal(block.Hash, verifier.Head.Hash);
        }

        Follow(sequencer.Build(noTxPool: true, forced: [.. accounts.Select((a, i) => TestRollup.Deposit(a.Address, Address.Zero, TestRollup.Ether * 10UL, 0, (ulong)i))]));
        using var stop = new CancellationTokenSource();
        Task[] users = [.. accounts.Select((account, i) => Task.Run(async () =>
        {
            var random = new Random(seed + i);
            for (ulong nonce = 1; !stop.IsCancellationRequested; nonce++)
            {
                byte[] data = new byte[random.Next(0, 64)];
                random.NextBytes(data);
                Address? to = random.Next(12) == 0 ? null : targets[random.Next(targets.Length)];
                PoolAddResult result = sequencer.Client.Pool.Add(account.Send(nonce, to, (ulong)random.Next(3), data, gas: (ulong)random.Next(60_000, 400_000), tipGwei: (ulong)random.Next(1, 30)));
                if (!result.IsAccepted) nonce--;
                await Task.Delay(random.Next(3));
            }
        }))];
        int included = 0;
        for (int i = 0; i < 25; i++)
        {
            PayloadId id = sequencer.Begin(sequencer.Attributes(sequencer.Head, salt: (ulong)i));
            await Task.Delay(15);
            BuiltPayload built = sequencer.Take(id);
            Assert.Equal(PayloadVerdict.Valid, sequencer.Import(built.Block).Verdict);
            sequencer.Choose(built.Block.Hash);
            Follow(sequencer.Head);
            included += sequencer.Head.Transactions.Count - 1;
        }

        await stop.CancelAsync();
        await Task.WhenAll(users);
        Assert.True(included > 50, $"only {included} transactions were included");
        Assert.Null(sequencer.Client.Pool.FindInconsistency());
    }
}
