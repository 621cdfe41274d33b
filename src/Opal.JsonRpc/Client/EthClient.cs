using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.JsonRpc;

/// <summary>The <c>eth</c> namespace of an execution client, typed. What a node says of blocks is checked against their hashes, unless the node is trusted.</summary>
/// <remarks>
/// <c>Find…</c> gives null for what the node does not have. Every method may throw <see cref="RpcTransportException"/> (no usable
/// answer, or one that contradicts its hash) and <see cref="RpcCallException"/> (the node refused).
/// </remarks>
/// <param name="rpc">The connection.</param>
/// <param name="trusted">Whether to skip the checks of hashes and roots.</param>
public sealed partial class EthClient(IRpcClient rpc, bool trusted = false)
{
    private volatile bool _lacksBlockReceipts;

    /// <summary>The connection.</summary>
    public IRpcClient Rpc => rpc;

    /// <summary>The chain id.</summary>
    public Task<ulong> ChainIdAsync(CancellationToken cancellation = default) => rpc.CallAsync("eth_chainId", null, static v => v.AsQuantity(), cancellation);

    /// <summary>The number of the latest block.</summary>
    public Task<ulong> BlockNumberAsync(CancellationToken cancellation = default) => rpc.CallAsync("eth_blockNumber", null, static v => v.AsQuantity(), cancellation);

    /// <summary>Whether the node is still syncing.</summary>
    public Task<bool> IsSyncingAsync(CancellationToken cancellation = default) =>
        rpc.CallAsync("eth_syncing", null, static v => v.Element.ValueKind == System.Text.Json.JsonValueKind.Object || v.AsBool(), cancellation);

    /// <summary>Finds a block's header.</summary>
    public Task<BlockHeader?> FindHeaderAsync(BlockParameter block, CancellationToken cancellation = default)
    {
        string method = MethodFor(block);
        return rpc.FindAsync(method, writer =>
        {
            writer.WriteStringValue(block.ToString());
            writer.WriteBooleanValue(false);
        }, value => CheckedHeader(method, block, value), cancellation);
    }

    /// <summary>Finds headers by number, in one batch. All must exist.</summary>
    public Task<BlockHeader[]> GetHeadersAsync(ulong first, int count, CancellationToken cancellation = default)
    {
        var requests = new RpcRequest[count];
        for (int i = 0; i < count; i++)
        {
            string number = Hex.Quantity(first + (ulong)i);
            requests[i] = new RpcRequest("eth_getBlockByNumber", writer =>
            {
                writer.WriteStringValue(number);
                writer.WriteBooleanValue(false);
            });
        }

        return rpc.CallAllAsync(requests, (i, value) => CheckedHeader("eth_getBlockByNumber", BlockParameter.At(first + (ulong)i), Present(value)), cancellation);
    }

    /// <summary>Finds a block with its transactions; checks that they make up the header's roots.</summary>
    public Task<Block?> FindBlockAsync(BlockParameter block, CancellationToken cancellation = default)
    {
        string method = MethodFor(block);
        return rpc.FindAsync(method, writer =>
        {
            writer.WriteStringValue(block.ToString());
            writer.WriteBooleanValue(true);
        }, value =>
        {
            BlockHeader header = CheckedHeader(method, block, value);
            Block read = EthJson.ReadBlock(value);
            if (!trusted) CheckBody(method, header, read);
            return read;
        }, cancellation);
    }

    internal static string MethodFor(BlockParameter block) => block.Kind == BlockParameterKind.Hash ? "eth_getBlockByHash" : "eth_getBlockByNumber";

    private static JsonValue Present(JsonValue value) => value.IsNull ? throw new JsonFormatException("the node does not have this block") : value;

    internal BlockHeader CheckedHeader(string method, BlockParameter asked, JsonValue value)
    {
        BlockHeader header = EthJson.ReadHeader(value);
        if (asked.Kind == BlockParameterKind.Hash && header.Hash != asked.Hash) throw Contradiction(method, $"asked for block {asked.Hash}, the fields given hash to {header.Hash}");
        if (asked.Kind == BlockParameterKind.Number && header.Number != asked.Number) throw Contradiction(method, $"asked for block {asked.Number}, got block {header.Number}");
        if (!trusted && asked.Kind != BlockParameterKind.Pending && value["hash"].AsHash() is var stated && stated != header.Hash)
        {
            throw Contradiction(method, $"block {header.Number} states the hash {stated}, its fields hash to {header.Hash}");
        }

        return header;
    }

    private void CheckBody(string method, BlockHeader header, Block block)
    {
        var transactions = new ReadOnlyMemory<byte>[block.Transactions.Length];
        for (int i = 0; i < transactions.Length; i++) transactions[i] = block.Transactions[i].Encoded;
        if (OrderedTrie.Root(transactions) != header.TransactionsRoot) throw Contradiction(method, $"the transactions of block {header.Number} do not match its transactions root");
        if (block.Withdrawals is not { Length: > 0 } withdrawals) return;
        if (OrderedTrie.Root([.. withdrawals.Select(static w => (ReadOnlyMemory<byte>)w.Encode())]) != header.WithdrawalsRoot)
        {
            throw Contradiction(method, $"the withdrawals of block {header.Number} do not match its withdrawals root");
        }
    }

    internal RpcTransportException Contradiction(string method, string problem) => new(method, rpc.Endpoint, $"{problem}; the node's answer cannot be used", isTransient: false);

    /// <summary>All receipts of a block, checked against its receipts root.</summary>
    /// <param name="header">The block.</param>
    /// <param name="transactions">The hashes of its transactions; needed by nodes without <c>eth_getBlockReceipts</c>, else null.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<TxReceiptInfo[]> GetReceiptsAsync(BlockHeader header, IReadOnlyList<Hash256>? transactions = null, CancellationToken cancellation = default)
    {
        TxReceiptInfo[] receipts = _lacksBlockReceipts && transactions is not null
            ? await GetReceiptsOneByOneAsync(transactions, cancellation)
            : await GetReceiptsTogetherAsync(header, transactions, cancellation);
        if (trusted) return receipts;
        var encoded = new ReadOnlyMemory<byte>[receipts.Length];
        for (int i = 0; i < receipts.Length; i++) encoded[i] = receipts[i].Receipt.Encode();
        return OrderedTrie.Root(encoded) == header.ReceiptsRoot
            ? receipts
            : throw Contradiction("eth_getBlockReceipts", $"the receipts of block {header.Number} ({header.Hash}) do not match its receipts root");
    }

    private async Task<TxReceiptInfo[]> GetReceiptsTogetherAsync(BlockHeader header, IReadOnlyList<Hash256>? transactions, CancellationToken cancellation)
    {
        try
        {
            return await rpc.CallAsync("eth_getBlockReceipts", writer => writer.WriteHashValue(header.Hash),
                static value => value.IsNull ? throw new JsonFormatException("the node does not have this block's receipts") : value.AsArray(EthJson.ReadReceipt), cancellation);
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.MethodNotFound && transactions is not null)
        {
            _lacksBlockReceipts = true;
            return await GetReceiptsOneByOneAsync(transactions, cancellation);
        }
    }

    private Task<TxReceiptInfo[]> GetReceiptsOneByOneAsync(IReadOnlyList<Hash256> transactions, CancellationToken cancellation) =>
        rpc.CallAllAsync([.. transactions.Select(hash => new RpcRequest("eth_getTransactionReceipt", writer => writer.WriteHashValue(hash)))],
            static (_, value) => value.IsNull ? throw new JsonFormatException("the node does not have this receipt") : EthJson.ReadReceipt(value), cancellation);

    /// <summary>Finds the receipt of a transaction that is included in the canonical chain.</summary>
    public Task<TxReceiptInfo?> FindReceiptAsync(Hash256 transaction, CancellationToken cancellation = default) =>
        rpc.FindAsync("eth_getTransactionReceipt", writer => writer.WriteHashValue(transaction), EthJson.ReadReceipt, cancellation);

    /// <summary>Finds a transaction, included or pending.</summary>
    public Task<Transaction?> FindTransactionAsync(Hash256 transaction, CancellationToken cancellation = default) =>
        rpc.FindAsync("eth_getTransactionByHash", writer => writer.WriteHashValue(transaction), EthJson.ReadTransaction, cancellation);

    /// <summary>An account with slots and proofs. The caller verifies it against the state root it trusts (<see cref="EthProof.TryVerify"/>).</summary>
    public Task<EthProof> GetProofAsync(Address address, IReadOnlyList<UInt256> slots, BlockParameter block, CancellationToken cancellation = default) =>
        rpc.CallAsync("eth_getProof", writer =>
        {
            writer.WriteAddressValue(address);
            writer.WriteStartArray();
            foreach (UInt256 slot in slots) writer.WriteDataValue(slot.ToBigEndianArray());
            writer.WriteEndArray();
            writer.WriteStringValue(block.ToString());
        }, EthJson.ReadProof, cancellation);
}
