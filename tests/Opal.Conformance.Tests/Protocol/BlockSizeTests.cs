using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Conformance.Tests.ProtocolTests;

/// <summary>EIP-7934, of which the official fixtures here have no case: from Osaka on a block has at most 10 MiB less 2 MiB; L2 has no such rule.</summary>
public class BlockSizeTests
{
    private const int Most = 8_388_608;

    private static Block BlockOf(int size)
    {
        int data = size;
        while (true)
        {
            var transaction = new Transaction { Type = TransactionType.Legacy, GasLimit = 21_000, To = Address.Zero, Data = new byte[data], R = 1, S = 1 };
            var header = new BlockHeader { TransactionsRoot = BodyRoots.OfTransactions([transaction]), WithdrawalsRoot = Hash256.EmptyTrie };
            var block = new Block { Header = header, Transactions = [transaction], Withdrawals = [] };
            int actual = block.Encode().Length;
            if (actual == size) return block;
            data -= actual - size;
        }
    }

    [Fact]
    public void A_block_of_the_largest_size_may_be_and_one_byte_more_may_not()
    {
        Assert.Equal(BlockError.None, HeaderValidation.CheckBody(BlockOf(Most), ForkRules.Osaka));
        Block above = BlockOf(Most + 1);
        Assert.Equal(BlockError.BlockTooLarge, HeaderValidation.CheckBody(above, ForkRules.Osaka));
        Assert.Equal(BlockError.None, HeaderValidation.CheckBody(above, ForkRules.Prague));
        Assert.Equal(BlockError.None, HeaderValidation.CheckBody(above, ForkRules.Karst));
    }
}
