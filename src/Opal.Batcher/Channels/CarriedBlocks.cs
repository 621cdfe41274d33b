using Opal.Derivation;
using Opal.Primitives;

namespace Opal.Batcher;

/// <summary>The L2 blocks that channels carried to L1, as deep as was asked, to tell those that it holds twice.</summary>
internal sealed class CarriedBlocks
{
    /// <summary>Blocks remembered, after which the oldest knowledge is let go of.</summary>
    private const int MostBlocks = 100_000;

    private readonly Dictionary<Hash256, ChannelId> _carriers = [];

    /// <summary>A channel is on L1 whole. True when another channel there holds a block of it.</summary>
    public bool Add(ClosedChannel channel)
    {
        if (_carriers.Count > MostBlocks) _carriers.Clear();
        bool isTwice = false;
        foreach (PostedBlock block in channel.Blocks)
        {
            if (!_carriers.TryAdd(block.Id.Hash, channel.Id)) isTwice |= _carriers[block.Id.Hash] != channel.Id;
        }

        return isTwice;
    }

    /// <summary>A channel has no effect, or is not on L1 any more: its blocks have to come again.</summary>
    public void Remove(ClosedChannel channel)
    {
        foreach (PostedBlock block in channel.Blocks)
        {
            if (_carriers.TryGetValue(block.Id.Hash, out ChannelId carrier) && carrier == channel.Id) _carriers.Remove(block.Id.Hash);
        }
    }
}
