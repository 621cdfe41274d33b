using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

public sealed class KeptHistoryTests
{
    [Fact]
    public async Task Blocks_beyond_the_kept_number_go_when_they_are_final_and_no_sooner()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus, o => o with { Chain = new BlockchainOptions { KeptBlocks = 3 } });
        var blocks = new List<ExecutedBlock>();
        for (int i = 0; i < 10; i++) blocks.Add(rollup.Build());
        Blockchain chain = rollup.Client.Chain;
        Assert.NotNull(chain.FindCanonical(1)); // nothing is final yet

        Assert.True(chain.TrySetFinalized(blocks[4].Hash)); // block 5
        Assert.Null(chain.FindCanonical(4));
        Assert.Null(chain.Find(blocks[3].Hash));
        Assert.NotNull(chain.FindCanonical(5));
        Assert.NotNull(chain.FindCanonical(0));

        Assert.True(chain.TrySetFinalized(blocks[9].Hash)); // block 10
        Assert.Null(chain.FindCanonical(6));
        Assert.NotNull(chain.FindCanonical(7));
        Assert.False(chain.TryFindTransaction(blocks[0].Transactions.Count > 0 ? blocks[0].Transactions[0].Hash : Hash256.Zero, out _));
    }

    [Fact]
    public async Task The_oldest_blocks_go_while_there_are_more_transactions_than_to_keep()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus, o => o with { Chain = new BlockchainOptions { KeptTransactions = 3 } });
        var blocks = new List<ExecutedBlock>();
        for (int i = 0; i < 10; i++) blocks.Add(rollup.Build());
        Assert.All(blocks, block => Assert.Single(block.Transactions)); // the L1 attributes deposit
        Blockchain chain = rollup.Client.Chain;
        Assert.True(chain.TrySetFinalized(blocks[8].Hash)); // block 9
        Assert.Null(chain.FindCanonical(7));
        Assert.NotNull(chain.FindCanonical(8)); // 8, 9 and 10 hold three transactions
        Assert.False(chain.TryFindTransaction(blocks[6].Transactions[0].Hash, out _));
        Assert.True(chain.TryFindTransaction(blocks[7].Transactions[0].Hash, out _));
    }

    [Fact]
    public void Blobs_come_back_as_they_were_put()
    {
        var full = new byte[131_072];
        new Random(1).NextBytes(full);
        var half = new byte[131_072];
        full.AsSpan(0, 5000).CopyTo(half);
        var sidecar = new BlobSidecar { Blobs = [full, half, new byte[131_072]], Commitments = [new byte[48], new byte[48], new byte[48]], Proofs = [new byte[48], new byte[48], new byte[48]] };
        var store = new BlobSidecarStore(4);
        Hash256 first = Keccak256.Hash([1]), second = Keccak256.Hash([2]);
        store.Put(first, sidecar);
        BlobSidecar back = store.Find(first)!;
        for (int i = 0; i < 3; i++) Assert.Equal(sidecar.Blobs[i], back.Blobs[i]);
        store.Put(second, sidecar);
        Assert.Null(store.Find(first)); // no room for both
        Assert.NotNull(store.Find(second));
    }
}
