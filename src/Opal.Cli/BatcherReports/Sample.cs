using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Cli.BatcherReports;

/// <summary>Recent L2 blocks, on which settings are tried.</summary>
internal sealed class Sample
{
    /// <summary>Blocks asked for at a time.</summary>
    private const int AtOnce = 8;

    /// <param name="blocks">Blocks in order, at least one.</param>
    public Sample(IReadOnlyList<Block> blocks)
    {
        Blocks = blocks;
        RawBytes = [.. blocks.Select(static block => block.Transactions.Where(static t => t.Type != TransactionType.Deposit).Sum(static t => (long)t.Encoded.Length) + PerBlock)];
        Transactions = blocks.Sum(static block => block.Transactions.LongCount(static t => t.Type != TransactionType.Deposit));
    }

    /// <summary>What a block costs in a batch without its transactions, at most.</summary>
    private const long PerBlock = 70;

    public IReadOnlyList<Block> Blocks { get; }

    /// <summary>The bytes of each block before compression.</summary>
    public IReadOnlyList<long> RawBytes { get; }

    /// <summary>Sequenced transactions; deposits are L1's.</summary>
    public long Transactions { get; }

    public long TotalRawBytes => RawBytes.Sum();

    /// <summary>Reads the newest blocks.</summary>
    /// <param name="l2">The execution client.</param>
    /// <param name="first">The first block that may be read: the one after L2's genesis.</param>
    /// <param name="count">How many; fewer where there are no more.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ReportException">There are none, or one went away meanwhile.</exception>
    public static async Task<Sample> ReadAsync(EthClient l2, ulong first, ulong count, CancellationToken cancellation)
    {
        ulong head = await l2.BlockNumberAsync(cancellation), from = head + 1 > count ? Math.Max(first, head + 1 - count) : first;
        if (head < from) throw new ReportException($"{l2.Rpc.Endpoint} has no blocks after L2's genesis yet: there is nothing to plan with");
        var blocks = new List<Block>();
        var ahead = new Queue<Task<Block>>();
        for (ulong next = from; next <= head || ahead.Count > 0;)
        {
            while (next <= head && ahead.Count < AtOnce) ahead.Enqueue(OneAsync(next++));
            blocks.Add(await ahead.Dequeue());
        }

        return new Sample(blocks);

        async Task<Block> OneAsync(ulong number) =>
            await l2.FindBlockAsync(BlockParameter.At(number), cancellation) ?? throw new ReportException($"{l2.Rpc.Endpoint} has no block {number} any more; ask again");
    }
}
