using Microsoft.Extensions.Logging.Abstractions;
using Opal.Cli.Batches;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.BatcherReports;

/// <summary>Reads a batcher's transactions, their data and their receipts from L1.</summary>
/// <param name="rpc">L1's JSON-RPC.</param>
/// <param name="beacons">Where blobs come from; null leaves them unread.</param>
internal sealed class PostedReader(IRpcClient rpc, BeaconNodes? beacons)
{
    /// <summary>Receipts asked for at a time.</summary>
    private const int AtOnce = 8;

    /// <summary>Reads a range.</summary>
    /// <param name="rollup">The rollup, with the batcher's address.</param>
    /// <param name="from">The first L1 block.</param>
    /// <param name="to">The last L1 block.</param>
    /// <param name="done">Hears of every block that was read.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ReportException">L1 does not have the receipt of a transaction that it has.</exception>
    /// <exception cref="DecodeException">L1 does not have a block.</exception>
    public async Task<PostedRange> ReadAsync(KnownRollup rollup, ulong from, ulong to, Action<ulong> done, CancellationToken cancellation)
    {
        var l1 = new EthClient(rpc);
        var endpoint = new L1Endpoint(new L1Client(rpc, ProviderKind.Any, trusted: false, TimeProvider.System), new EndpointHealth(TimeProvider.System));
        var inbox = new L1Inbox(rollup, new RpcL1Source([endpoint], new L1SourceOptions(), NullLogger.Instance), new BlobSource(beacons, archive: null, NullLogger.Instance), NativeCrypto.Instance);
        (List<InboxTransaction> transactions, L1BlockRef end) = await inbox.ReadAsync(from, to, done, cancellation);
        BlockHeader first = await l1.FindHeaderAsync(BlockParameter.At(from), cancellation) ?? throw new DecodeException($"L1 has no block {from}");
        var posted = new List<PostedTransaction>();
        foreach (InboxTransaction[] some in transactions.Where(static transaction => transaction.Ignored is null).Chunk(AtOnce))
        {
            posted.AddRange(await Task.WhenAll(some.Select(transaction => WithReceiptAsync(l1, transaction, cancellation))));
        }

        return new PostedRange(Inspection.Of(rollup, transactions, end), posted, from, to, end.Timestamp - first.Timestamp, beacons is not null);
    }

    private static async Task<PostedTransaction> WithReceiptAsync(EthClient l1, InboxTransaction transaction, CancellationToken cancellation)
    {
        Hash256 hash = transaction.Hash!.Value;
        TxReceiptInfo receipt = await l1.FindReceiptAsync(hash, cancellation)
            ?? throw new ReportException($"{l1.Rpc.Endpoint} has no receipt of {hash} in block {transaction.Block!.Value.Number}: L1 was reorganised meanwhile, or the node has forgotten it; ask again, or another node");
        return new PostedTransaction(transaction, receipt);
    }
}
