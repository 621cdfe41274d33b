using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>L1 over JSON-RPC. Several providers may be given: each question goes to the one that answered last, and on to the others when it fails.</summary>
/// <param name="providers">Clients that verify what they read, unless made trusting; at least one.</param>
public sealed class RpcL1Source(IReadOnlyList<EthClient> providers) : IL1Source
{
    private int _preferred;

    /// <summary>A single provider.</summary>
    public RpcL1Source(EthClient provider)
        : this([provider])
    {
    }

    /// <inheritdoc/>
    public Task<BlockHeader?> HeaderByLabelAsync(L1Label label, CancellationToken cancellation)
    {
        BlockParameter block = label switch
        {
            L1Label.Head => BlockParameter.Latest,
            L1Label.Safe => BlockParameter.Safe,
            _ => BlockParameter.Finalized,
        };
        return AskAsync(client => HeaderAsync(client, block, label != L1Label.Head, cancellation), cancellation);
    }

    /// <inheritdoc/>
    public Task<BlockHeader?> HeaderByNumberAsync(ulong number, CancellationToken cancellation) =>
        AskAsync(client => client.FindHeaderAsync(BlockParameter.At(number), cancellation), cancellation);

    /// <inheritdoc/>
    public Task<BlockHeader?> HeaderByHashAsync(Hash256 hash, CancellationToken cancellation) =>
        AskAsync(client => client.FindHeaderAsync(BlockParameter.At(hash), cancellation), cancellation);

    /// <inheritdoc/>
    public Task<L1Block?> BlockByNumberAsync(ulong number, CancellationToken cancellation) => AskAsync(
        async client => await client.FindBlockAsync(BlockParameter.At(number), cancellation) is { } block ? new L1Block(block.Header, block.Transactions) : null,
        cancellation);

    /// <inheritdoc/>
    public Task<L1Receipts?> ReceiptsAsync(BlockHeader header, CancellationToken cancellation) => AskAsync(client => ReceiptsAsync(client, header, cancellation), cancellation);

    private static async Task<BlockHeader?> HeaderAsync(EthClient client, BlockParameter block, bool mayBeUnknown, CancellationToken cancellation)
    {
        try
        {
            return await client.FindHeaderAsync(block, cancellation);
        }
        catch (RpcCallException error) when (mayBeUnknown && UnknownBlock.IsMeantBy(error))
        {
            return null;
        }
    }

    private static async Task<L1Receipts?> ReceiptsAsync(EthClient client, BlockHeader header, CancellationToken cancellation)
    {
        TxReceiptInfo[] found;
        try
        {
            found = await client.GetReceiptsAsync(header, null, cancellation);
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.MethodNotFound)
        {
            Block? block = await client.FindBlockAsync(BlockParameter.At(header.Hash), cancellation);
            if (block is null) return null;
            found = await client.GetReceiptsAsync(header, [.. block.Transactions.Select(transaction => transaction.Hash)], cancellation);
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException { IsTransient: false })
        {
            // A block that was reorganised away has no receipts any more; a provider that still has the block must have them.
            if (await client.FindHeaderAsync(BlockParameter.At(header.Hash), cancellation) is null) return null;
            throw;
        }

        return new L1Receipts(header.Hash, [.. found.Select(info => info.Receipt)]);
    }

    private async Task<T?> AskAsync<T>(Func<EthClient, Task<T?>> ask, CancellationToken cancellation)
        where T : class
    {
        Exception? last = null;
        int first = Volatile.Read(ref _preferred);
        for (int i = 0; i < providers.Count; i++)
        {
            int index = (first + i) % providers.Count;
            try
            {
                T? answer = await ask(providers[index]);
                if (index != first) Volatile.Write(ref _preferred, index);
                return answer;
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException && !cancellation.IsCancellationRequested)
            {
                last = error;
            }
        }

        cancellation.ThrowIfCancellationRequested();
        throw new SourceException($"L1: {last!.Message}", last);
    }
}
