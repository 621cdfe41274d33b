using Opal.Protocol;

namespace Opal.Node;

/// <summary>References to L2 blocks, whose L1 origin and sequence number are read from the L1 attributes deposit in front of every block.</summary>
public static class L2References
{
    /// <summary>The reference of a block; false with a reason when it is no block of this rollup.</summary>
    public static bool TryCreate(Block block, RollupConfig config, out L2BlockRef reference, out string? fault)
    {
        BlockHeader header = block.Header;
        reference = default;
        if (header.Number == config.GenesisL2.Number)
        {
            fault = header.Hash == config.GenesisL2.Hash ? null : $"block {header.Number} is {header.Hash}, but the rollup's genesis block is {config.GenesisL2.Hash}";
            reference = new L2BlockRef(header.Hash, header.Number, header.ParentHash, header.Timestamp, config.GenesisL1, 0);
            return fault is null;
        }

        if (block.Transactions.Length == 0 || !block.Transactions[0].IsDeposit)
        {
            fault = $"block {header.Number} does not begin with a deposit";
            return false;
        }

        if (!L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info))
        {
            fault = $"the L1 attributes of block {header.Number} cannot be read";
            return false;
        }

        fault = null;
        reference = new L2BlockRef(header.Hash, header.Number, header.ParentHash, header.Timestamp, new BlockId(info!.BlockHash, info.Number), info.SequenceNumber);
        return true;
    }
}
