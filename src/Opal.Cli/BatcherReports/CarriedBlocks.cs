using Opal.Cli.Batches;
using Opal.Primitives;

namespace Opal.Cli.BatcherReports;

/// <summary>The L2 blocks that complete channels brought to L1.</summary>
internal sealed class CarriedBlocks
{
    private readonly HashSet<(ulong Timestamp, Hash256 Content)> _seen = [];

    /// <summary>Counts the blocks of channels in the order in which they were completed; a block that came before is a duplicate.</summary>
    public CarriedBlocks(IEnumerable<ChannelView> channels)
    {
        foreach (ChannelView channel in channels.Where(static channel => channel.State == ChannelState.Complete && channel.LastL1Block is not null).OrderBy(static channel => channel.LastL1Block))
        {
            ulong included = channel.Frames.Where(static frame => frame.IsUsed).Max(static frame => frame.Transaction.Block!.Value.Timestamp);
            bool brings = false;
            foreach (BlockView block in channel.Batches.SelectMany(static batch => batch.Blocks)) brings |= Add(block, included);
            if (!brings && channel.BlockCount > 0) DuplicateChannels++;
        }
    }

    /// <summary>L2 blocks, each once.</summary>
    public long Blocks { get; private set; }

    /// <summary>Their sequenced transactions.</summary>
    public long Transactions { get; private set; }

    /// <summary>Blocks that were on L1 already.</summary>
    public long DuplicateBlocks { get; private set; }

    /// <summary>Channels that brought nothing that was not on L1 already.</summary>
    public int DuplicateChannels { get; private set; }

    /// <summary>The longest time from an L2 block to the L1 block that completed its channel, seconds.</summary>
    public ulong MostDelay { get; private set; }

    /// <summary>The average of that time; null without blocks.</summary>
    public double? AverageDelay => Blocks == 0 ? null : (double)_delays / Blocks;

    private ulong _delays;

    private bool Add(BlockView block, ulong included)
    {
        var content = new RlpWriter(256);
        content.WriteUInt64(block.Origin);
        foreach (byte[] transaction in block.Transactions) content.WriteBytes(transaction);
        if (!_seen.Add((block.Timestamp, Keccak256.Hash(content.Written))))
        {
            DuplicateBlocks++;
            return false;
        }

        ulong delay = included > block.Timestamp ? included - block.Timestamp : 0;
        Blocks++;
        Transactions += block.Transactions.Count;
        _delays += delay;
        MostDelay = Math.Max(MostDelay, delay);
        return true;
    }
}
