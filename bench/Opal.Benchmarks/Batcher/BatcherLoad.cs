using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>L2 blocks for channels.</summary>
/// <param name="Name">What they hold.</param>
/// <param name="Contents">Their transactions.</param>
/// <param name="ChainId">The chain that the transactions are signed for.</param>
/// <param name="MostBlocks">So many blocks differ; more would repeat them.</param>
internal sealed record BatcherLoad(string Name, BlockContents Contents, ulong ChainId, int MostBlocks)
{
    private const ulong SyntheticChain = 901;

    /// <summary>For the speed of building.</summary>
    public static IEnumerable<BatcherLoad> ToBuild(List<RealData> real)
    {
        if (real.Count > 0) yield return OfReal(real[0]);
        yield return OfCalls(50);
    }

    /// <summary>For the fill of blobs: the larger the blocks, the harder.</summary>
    public static IEnumerable<BatcherLoad> ToFill(List<RealData> real)
    {
        if (real.Count > 0) yield return OfReal(real[0]);
        foreach (int each in (int[])[10, 50, 200, 400]) yield return OfCalls(each);
    }

    private static BatcherLoad OfCalls(int each) => new($"{each} token calls a block", new TokenCalls(each, SyntheticChain), SyntheticChain, int.MaxValue);

    private static BatcherLoad OfReal(RealData real)
    {
        List<byte[][]> blocks = [.. real.Decode(out _, out _).SelectMany(static span => Enumerable.Range(0, span.BlockCount).Select(block => span.TransactionsOf(block).ToArray()))];
        return new BatcherLoad("real blocks", new RealBlocks(blocks), real.Network.Rollup.L2ChainId, blocks.Count);
    }

    /// <summary>The rollup.</summary>
    public RollupConfig Config => new BenchRollup(BenchL1.Create().Genesis, ChainId).Config;

    /// <summary>Blocks until their transactions have so many bytes, decoded anew: nothing of an earlier run is kept in them.</summary>
    public List<Block> Blocks(long bytes, RollupConfig config, out long transactionBytes)
    {
        var blocks = new List<Block>();
        Hash256 parent = config.GenesisL2.Hash;
        transactionBytes = 0;
        for (ulong number = 1; transactionBytes < bytes && blocks.Count < MostBlocks; number++)
        {
            ulong time = config.GenesisL2Time + (number * config.BlockTimeSeconds), origin = BenchRollup.OriginOf(number);
            var info = new L1BlockInfo
            {
                Format = L1BlockInfo.FormatAt(config, new L2Time(time)), Number = origin, BlockHash = Keccak256.Hash(BitConverter.GetBytes(origin)), SequenceNumber = number % BenchRollup.EpochBlocks,
                Timestamp = config.GenesisL2Time + (origin * BenchRollup.L1BlockTime),
            };
            var transactions = new List<Transaction> { info.ToDepositTransaction(isRegolith: true) };
            foreach (byte[] raw in Contents.Of(number))
            {
                if (!Transaction.TryDecode(raw, out Transaction? transaction, out _)) throw new InvalidDataException("a transaction of the load does not decode");
                transactions.Add(transaction!);
                transactionBytes += raw.Length;
            }

            var block = new Block { Header = new BlockHeader { ParentHash = parent, Number = number, Timestamp = time, BaseFeePerGas = 1 }, Transactions = [.. transactions] };
            blocks.Add(block);
            parent = block.Hash;
        }

        return blocks;
    }
}
