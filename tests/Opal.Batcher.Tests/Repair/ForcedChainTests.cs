using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Repair;

public sealed class ForcedChainTests
{
    private const ulong Window = 10;

    /// <summary>A block every 2 s, L1 origins every 12 s.</summary>
    private static PostedBlock Block(ulong number, ulong origin, bool empty = true) => new(new BlockId(Hash256.FromUInt256(number), number), 2 * number, origin, 12 * origin, empty);

    /// <summary>On the newest origin that each block's time allows.</summary>
    private static PostedBlock[] Prompt(ulong from, int count) => [.. Enumerable.Range((int)from, count).Select(n => Block((ulong)n, (ulong)n / 6))];

    [Fact]
    public void In_time_nothing_is_doomed()
    {
        Assert.Null(ForcedChain.FindDoomed([Block(1, 5, empty: false)], 14, Window));
        Assert.Null(ForcedChain.FindDoomed([], 1000, Window));
    }

    [Fact]
    public void With_the_window_over_a_block_with_transactions_is_doomed()
    {
        PostedBlock block = Block(1, 5, empty: false);
        Assert.Equal(block, ForcedChain.FindDoomed([block], 15, Window));
        Assert.Equal(block, ForcedChain.FindDoomed([Block(0, 5), block], 15, Window));
    }

    [Fact]
    public void Blocks_as_verifiers_make_them_are_not_doomed()
    {
        Assert.Null(ForcedChain.FindDoomed(Prompt(1, 30), 1000, Window));
        PostedBlock[] then = [.. Prompt(1, 11), Block(12, 2, empty: false)];
        Assert.Null(ForcedChain.FindDoomed(then, 11, Window)); // origins 0 and 1 are over, 2 is not
        Assert.Equal(then[^1], ForcedChain.FindDoomed(then, 12, Window));
    }

    [Fact]
    public void An_origin_taken_later_than_possible_dooms()
    {
        PostedBlock[] late = [Block(5, 0), Block(6, 0), Block(7, 1)]; // block 6 could have had origin 1
        Assert.Equal(late[2], ForcedChain.FindDoomed(late, 1000, Window));
    }

    [Fact]
    public void Origins_that_catch_up_by_one_a_block_are_what_verifiers_take()
    {
        // L2 lagged behind its origins: the blocks' times allow origin 5 from the first on, and verifiers go on by one epoch a block
        PostedBlock[] behind = [Block(30, 1), Block(31, 2), Block(32, 3), Block(33, 4), Block(34, 5), Block(35, 5), Block(36, 6)];
        Assert.Null(ForcedChain.FindDoomed(behind, 1000, Window));

        PostedBlock[] twice = [Block(30, 1), Block(31, 2), Block(32, 2), Block(33, 3)]; // block 32 could have had origin 3
        Assert.Equal(twice[3], ForcedChain.FindDoomed(twice, 1000, Window));
    }
}
