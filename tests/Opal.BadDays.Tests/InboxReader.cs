using Opal.Crypto;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.BadDays.Tests;

/// <summary>Reads the batcher's transactions out of L1's canonical chain and derives the safe head from them, strictly as from Holocene on: what is not next is dropped.</summary>
internal sealed class InboxReader(IBadDayL1 l1, Rollup rollup, Address batcher)
{
    private readonly List<(L1BlockRef Block, List<ReadOnlyMemory<byte>> Data)> _chain = [];
    private Hash256 _derived;

    /// <summary>Blocks that were brought again after they were safe, in the chain as it is now.</summary>
    public int Duplicates { get; private set; }

    /// <summary>Batches that came before the ones they build on.</summary>
    public int Gaps { get; private set; }

    /// <summary>Channels that were read to their end.</summary>
    public int Channels { get; private set; }

    /// <summary>The batcher's transactions in the chain.</summary>
    public int Transactions => _chain.Sum(static entry => entry.Data.Count);

    /// <summary>What is not as it was built.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Follows L1's head and derives anew.</summary>
    public async Task FollowAsync()
    {
        BlockHeader head = await l1.Truth.FindHeaderAsync(BlockParameter.Latest) ?? throw new InvalidOperationException("L1 has no head");
        var fresh = new Stack<(L1BlockRef, List<ReadOnlyMemory<byte>>)>();
        for (ulong number = head.Number; ; number--)
        {
            while (_chain.Count > (int)number + 1) _chain.RemoveAt(_chain.Count - 1);
            Block block = await l1.Truth.FindBlockAsync(BlockParameter.At(number)) ?? throw new InvalidOperationException($"L1 has no block {number}");
            if (_chain.Count == (int)number + 1 && _chain[^1].Block.Hash == block.Hash) break;
            fresh.Push((new L1BlockRef(block.Hash, number, block.Header.ParentHash, block.Header.Timestamp), await DataOfAsync(block)));
            if (number == 0)
            {
                _chain.Clear();
                break;
            }
        }

        _chain.AddRange(fresh);
        if (_chain[^1].Block.Hash == _derived) return;
        _derived = _chain[^1].Block.Hash;
        rollup.Derived(_chain[^1].Block, Derive());
    }

    private async Task<List<ReadOnlyMemory<byte>>> DataOfAsync(Block block)
    {
        var data = new List<ReadOnlyMemory<byte>>();
        foreach (Transaction transaction in block.Transactions)
        {
            if (transaction.To != Rollup.Config.BatchInboxAddress || !transaction.TryGetSender(NativeCrypto.Instance, out Address sender) || sender != batcher) continue;
            if (transaction.Type != TransactionType.Blob)
            {
                data.Add(transaction.Data);
                continue;
            }

            for (int i = 0; i < transaction.BlobVersionedHashes.Length; i++)
            {
                if (BlobCodec.TryDecode(await l1.BlobAsync(transaction, i), out byte[] content, out DataRule rule)) data.Add(content);
                else Problems.Add($"blob {i} of {transaction.Hash}: {rule}");
            }
        }

        return data;
    }

    private ulong Derive()
    {
        (Duplicates, Gaps, Channels) = (0, 0, 0);
        ulong safe = 0;
        var collector = new ChannelCollector(Rollup.Config, SilentObserver.Instance);
        var decoder = new ChannelDecoder(Rollup.Config);
        foreach ((L1BlockRef block, List<ReadOnlyMemory<byte>> all) in _chain)
        {
            collector.Enter(block);
            foreach (ReadOnlyMemory<byte> data in all) collector.Add(data);
            while (collector.TryTake(out RawChannel channel)) safe = Read(decoder, channel, new L1InclusionTime(block.Timestamp), safe);
        }

        return safe;
    }

    private ulong Read(ChannelDecoder decoder, in RawChannel channel, L1InclusionTime time, ulong safe)
    {
        if (decoder.Open(channel.Data.Span, time) is not ChannelRule.None and var rule)
        {
            Problems.Add($"channel {channel.Id}: {rule}");
            return safe;
        }

        Channels++;
        while (decoder.TryRead(time, out ChannelItem item))
        {
            if (item.Singular is { } singular) safe = Apply(singular.Timestamp, singular.Transactions, safe);
            else if (item.Span is { } span) for (int i = 0; i < span.BlockCount; i++) safe = Apply(span.TimestampOf(i), span.TransactionsOf(i).ToArray(), safe);
            else Problems.Add($"channel {channel.Id}: a batch that cannot be read: {item.Rule}");
        }

        return safe;
    }

    private ulong Apply(ulong timestamp, IReadOnlyList<byte[]> transactions, ulong safe)
    {
        ulong number = (timestamp - Rollup.Config.GenesisL2Time) / Rollup.Config.BlockTimeSeconds;
        if (number != safe + 1)
        {
            if (number <= safe) Duplicates++;
            else Gaps++;
            return safe;
        }

        if (rollup.Find(number) is not { } block || transactions.Count != 1 || !block.Transactions[1].Encoded.AsSpan().SequenceEqual(transactions[0])) Problems.Add($"L2 block {number} is not on L1 as it was built");
        return number;
    }
}
