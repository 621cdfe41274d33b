using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>A batcher that knows the chain and tries to make nodes disagree: batches repeated, left out, out of order, invalid, spans that overlap, frames of many channels mixed, cut off or late.</summary>
public sealed class Adversary(ActorNet net, Random random)
{
    private readonly List<byte[]> _withheld = []; // frames for later

    /// <summary>Batcher transactions made of the blocks, in the order in which they shall be mined.</summary>
    public List<L1Item> Post(IReadOnlyList<Block> blocks)
    {
        var pieces = new List<byte[]>();
        int channels = random.Next(1, 4);
        for (int i = 0; i < channels; i++) pieces.AddRange(Frames(Channel(blocks)));
        switch (random.Next(6))
        {
            case 0:
                pieces.Reverse();
                break;
            case 1 when pieces.Count > 1:
                pieces.RemoveAt(random.Next(pieces.Count));
                break;
            case 2 when pieces.Count > 1:
                int at = random.Next(pieces.Count);
                _withheld.Add(pieces[at]);
                pieces.RemoveAt(at);
                break;
            case 3:
                pieces.Insert(random.Next(pieces.Count + 1), pieces[random.Next(pieces.Count)]);
                break;
        }

        if (_withheld.Count > 0 && random.Next(3) == 0)
        {
            pieces.Insert(random.Next(pieces.Count + 1), _withheld[0]);
            _withheld.RemoveAt(0);
        }

        var items = new List<L1Item>();
        for (int i = 0; i < pieces.Count;)
        {
            // several frames in one transaction, at times
            int count = random.Next(3) == 0 ? random.Next(1, Math.Min(4, pieces.Count - i) + 1) : 1;
            byte[] data = [0, .. pieces.Skip(i).Take(count).SelectMany(static piece => piece)];
            items.Add(net.Batcher.Post(data));
            i += count;
        }

        return items;
    }

    private byte[] Channel(IReadOnlyList<Block> blocks)
    {
        bool spans = net.Rollup.Config.Forks.Delta is not null && random.Next(2) == 0;
        List<byte[]> batches = [];
        if (spans)
        {
            for (int i = 0; i < 2; i++)
            {
                int from = random.Next(2) == 0 ? 0 : random.Next(blocks.Count), to = random.Next(2) == 0 ? blocks.Count : random.Next(from + 1, blocks.Count + 1);
                batches.AddRange(BatchWriter.Span(net.Rollup.Config, blocks.Skip(from).Take(to - from)));
                if (random.Next(2) == 0) break;
            }
        }
        else
        {
            batches.AddRange(BatchWriter.Singular(blocks));
        }

        for (int i = 0; i < 2 && batches.Count > 0; i++)
        {
            int at = random.Next(batches.Count);
            switch (random.Next(7))
            {
                case 0:
                    batches.Insert(random.Next(batches.Count + 1), batches[at]);
                    break;
                case 1 when batches.Count > 1:
                    batches.RemoveAt(at);
                    break;
                case 2:
                    (batches[0], batches[at]) = (batches[at], batches[0]);
                    break;
                case 3:
                    batches.Insert(at, Invalid(blocks[random.Next(blocks.Count)]));
                    break;
                case 4:
                    byte[] broken = [.. batches[at]];
                    broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
                    batches[at] = broken;
                    break;
            }
        }

        return BatchWriter.Channel(batches);
    }

    /// <summary>A batch of a block that some rule is against.</summary>
    private byte[] Invalid(Block block)
    {
        SingularBatch batch = BatchWriter.Batch(block);
        byte[][] transactions = [.. batch.Transactions];
        return new SingularBatch
        {
            ParentHash = random.Next(4) == 0 ? Hash256.Zero : batch.ParentHash,
            EpochNumber = random.Next(4) == 0 ? batch.EpochNumber + 1 : batch.EpochNumber,
            EpochHash = batch.EpochHash,
            Timestamp = random.Next(4) == 0 ? batch.Timestamp + 2 : batch.Timestamp,
            Transactions = random.Next(3) switch
            {
                0 => [.. transactions, [0x7e, 1, 2]], // a deposit
                1 => [.. transactions, [0x02, 0xc0]], // one that the engine refuses
                _ => transactions,
            },
        }.Encode();
    }

    private List<byte[]> Frames(byte[] channel)
    {
        int size = random.Next(3) == 0 ? Math.Max(1, channel.Length / random.Next(1, 5)) : 100_000;
        var encoded = new List<byte[]>();
        foreach (Frame frame in BatchWriter.Frames(channel, size)) encoded.Add(FrameCodec.Encode([frame])[1..]);
        return encoded;
    }
}
