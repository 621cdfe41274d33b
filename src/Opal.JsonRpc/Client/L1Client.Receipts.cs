using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.JsonRpc;

public sealed partial class L1Client
{
    /// <summary>A block's receipts as read, and their bytes where those were given; without bytes a receipt that could not be read is null.</summary>
    private sealed record ReceiptsAnswer(string Method, Receipt?[] Receipts, byte[][]? Bytes);

    /// <summary>All receipts of a block in order. Null stands for one of a type unknown here that has not the common form.</summary>
    /// <param name="header">The block.</param>
    /// <param name="transactions">The hashes of its transactions where they are at hand: it saves a call at providers that give single receipts alone.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<Receipt?>> GetReceiptsAsync(BlockHeader header, IReadOnlyList<Hash256>? transactions = null, CancellationToken cancellation = default)
    {
        if (header.ReceiptsRoot == Hash256.EmptyTrie) return [];
        foreach (ReceiptsMethod method in ReceiptsMethods.Of(kind))
        {
            ReceiptsAnswer? answer = method == ReceiptsMethod.EachTransaction
                ? await ReadSingleAsync(header, transactions, cancellation)
                : await TryAsync(ReceiptsMethods.NameOf(method), () => ReadAsync(method, header, cancellation));
            if (answer is not null) return await CheckedAsync(answer, header, cancellation);
        }

        throw new InvalidOperationException($"there is no way to read receipts at a provider of kind {kind}");
    }

    private async Task<IReadOnlyList<Receipt?>> CheckedAsync(ReceiptsAnswer answer, BlockHeader header, CancellationToken cancellation)
    {
        if (trusted || IsRootOf(answer, header)) return answer.Receipts;
        if (answer.Bytes is null && Array.Exists(answer.Receipts, static receipt => receipt is null or { Type: > TransactionType.SetCode and not TransactionType.Deposit }))
        {
            // a receipt of an unknown type may have fields that nobody here knows: its bytes decide
            answer = await TryAsync(ReceiptsMethods.NameOf(ReceiptsMethod.DebugRaw), () => ReadAsync(ReceiptsMethod.DebugRaw, header, cancellation)) ?? answer;
            if (IsRootOf(answer, header)) return answer.Receipts;
        }

        throw _eth.Contradiction(answer.Method, $"the receipts of block {header.Number} ({header.Hash}) do not match its receipts root");
    }

    private static bool IsRootOf(ReceiptsAnswer answer, BlockHeader header)
    {
        var encoded = new ReadOnlyMemory<byte>[answer.Receipts.Length];
        for (int i = 0; i < encoded.Length; i++)
        {
            if (answer.Bytes is { } bytes) encoded[i] = bytes[i];
            else if (answer.Receipts[i] is { } receipt) encoded[i] = receipt.Encode();
            if (encoded[i].IsEmpty) return false;
        }

        return OrderedTrie.Root(encoded) == header.ReceiptsRoot;
    }

    private async Task<ReceiptsAnswer> ReadAsync(ReceiptsMethod method, BlockHeader header, CancellationToken cancellation)
    {
        string name = ReceiptsMethods.NameOf(method);
        switch (method)
        {
            case ReceiptsMethod.DebugRaw:
                byte[][] bytes = await rpc.CallAsync(name, writer => writer.WriteHashValue(header.Hash), static value => Present(value).AsArray(static item => item.AsData()), cancellation);
                return new ReceiptsAnswer(name, [.. bytes.Select((item, i) => ConsensusReceipt.TryDecode(item, out Receipt? receipt)
                    ? receipt
                    : throw _eth.Contradiction(name, $"receipt {i} of block {header.Number} cannot be decoded"))], bytes);
            case ReceiptsMethod.Alchemy:
                return new ReceiptsAnswer(name, await rpc.CallAsync(name, writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteHash("blockHash"u8, header.Hash);
                    writer.WriteEndObject();
                }, static value => Present(Present(value)["receipts"]).AsArray(EthJson.ReadReceiptOrOpaque), cancellation), null);
            default:
                return new ReceiptsAnswer(
                    name, await rpc.CallAsync(name, writer => writer.WriteHashValue(header.Hash), static value => Present(value).AsArray(EthJson.ReadReceiptOrOpaque), cancellation), null);
        }
    }

    private async Task<ReceiptsAnswer> ReadSingleAsync(BlockHeader header, IReadOnlyList<Hash256>? transactions, CancellationToken cancellation)
    {
        transactions ??= await rpc.CallAsync("eth_getBlockByHash", writer =>
        {
            writer.WriteHashValue(header.Hash);
            writer.WriteBooleanValue(false);
        }, static value => EthJson.ReadTransactionHashes(Present(value)), cancellation);
        string name = ReceiptsMethods.NameOf(ReceiptsMethod.EachTransaction);
        Receipt?[] receipts = await rpc.CallAllAsync([.. transactions.Select(hash => new RpcRequest(name, writer => writer.WriteHashValue(hash)))],
            static (_, value) => EthJson.ReadReceiptOrOpaque(Present(value)), cancellation);
        return new ReceiptsAnswer(name, receipts, null);
    }

    private static JsonValue Present(JsonValue value) => value.IsNull ? throw new JsonFormatException("the node does not have these receipts") : value;
}
