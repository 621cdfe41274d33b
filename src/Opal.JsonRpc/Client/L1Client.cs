using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.JsonRpc;

/// <summary>
/// L1's execution layer as a rollup reads it, over one provider. What comes back fits the hash in the header, unless the provider is trusted. Transactions of
/// a type that is unknown here are no fault: they are opaque (case D-TR-05).
/// </summary>
/// <remarks>
/// <para>
/// An opaque transaction is never batcher data, so that a provider could hide a batch by labelling its transaction with a type nobody knows. Therefore the label alone is not
/// believed: the bytes of every such transaction are asked for, all transactions together must make up the header's transactions root, and what the bytes say
/// counts. Where the provider has no method that gives bytes, the answer is handed out as not verified.
/// </para>
/// <para>
/// Receipts of unknown types have had the common form so far, and so their encodings can be computed. The receipts root is always checked, over the raw
/// receipts where a receipt of unknown type has another form.
/// </para>
/// <para>Every method may throw <see cref="RpcTransportException"/> (no usable answer, or one that contradicts its hash) and <see cref="RpcCallException"/> (refused).</para>
/// </remarks>
/// <param name="rpc">The connection.</param>
/// <param name="kind">Which methods it has.</param>
/// <param name="trusted">Whether to skip the checks of hashes and roots.</param>
/// <param name="clock">For how long a missing method is remembered; null takes the system's.</param>
public sealed partial class L1Client(IRpcClient rpc, ProviderKind kind = ProviderKind.Standard, bool trusted = false, TimeProvider? clock = null)
{
    private readonly EthClient _eth = new(rpc, trusted);
    private readonly MissingMethods _missing = new(clock ?? TimeProvider.System);

    /// <summary>Writes the parameters that name one transaction of a block.</summary>
    private delegate void Naming(Utf8JsonWriter writer, L1BlockAnswer block, int index);

    /// <summary>Methods that give a transaction's bytes. The block's hash and an index come first: they depend on nothing that the provider has stated.</summary>
    private static readonly (string Method, Naming Name)[] s_rawMethods =
    [
        ("eth_getRawTransactionByBlockHashAndIndex", static (writer, block, index) =>
        {
            writer.WriteHashValue(block.Header.Hash);
            writer.WriteQuantityValue((ulong)index);
        }),
        ("eth_getRawTransactionByHash", static (writer, block, index) => writer.WriteHashValue(block.Hashes[index])),
        ("debug_getRawTransaction", static (writer, block, index) => writer.WriteHashValue(block.Hashes[index])),
    ];

    /// <summary>The provider, as messages name it.</summary>
    public string Endpoint => rpc.Endpoint;

    /// <summary>The chain id.</summary>
    public Task<ulong> ChainIdAsync(CancellationToken cancellation = default) => _eth.ChainIdAsync(cancellation);

    /// <summary>Finds a header; null when the provider has none.</summary>
    public Task<BlockHeader?> FindHeaderAsync(BlockParameter block, CancellationToken cancellation = default) => _eth.FindHeaderAsync(block, cancellation);

    /// <summary>Finds a block with its transactions; null when the provider has none.</summary>
    public async Task<L1BlockAnswer?> FindBlockAsync(BlockParameter block, CancellationToken cancellation = default)
    {
        string method = EthClient.MethodFor(block);
        L1BlockAnswer? read = await rpc.FindAsync(method, writer =>
        {
            writer.WriteStringValue(block.ToString());
            writer.WriteBooleanValue(true);
        }, value => Read(method, block, value), cancellation);
        return read is null || read.IsVerified ? read : await VerifiedByBytesAsync(read, cancellation);
    }

    private L1BlockAnswer Read(string method, BlockParameter asked, JsonValue value)
    {
        BlockHeader header = _eth.CheckedHeader(method, asked, value);
        Transaction?[] transactions = value["transactions"].AsArray(EthJson.ReadTransactionOrOpaque);
        if (trusted) return new L1BlockAnswer(header, transactions, EthJson.ReadTransactionHashes(value), true);
        if (Array.Exists(transactions, static t => t is null)) return new L1BlockAnswer(header, transactions, EthJson.ReadTransactionHashes(value), false);
        CheckRoot(method, header, [.. transactions.Select(static t => (ReadOnlyMemory<byte>)t!.Encoded)]);
        return new L1BlockAnswer(header, transactions, [.. transactions.Select(static t => t!.Hash)], true);
    }

    /// <summary>Fetches the bytes of the opaque transactions and reads them. Without a method that gives bytes the answer stays unverified.</summary>
    private async Task<L1BlockAnswer> VerifiedByBytesAsync(L1BlockAnswer read, CancellationToken cancellation)
    {
        int[] opaque = [.. Enumerable.Range(0, read.Transactions.Count).Where(i => read.Transactions[i] is null)];
        (string Method, byte[][] Bytes)? raw = await FindBytesAsync(read, opaque, cancellation);
        string method = raw?.Method ?? "eth_getBlockByHash";
        if (raw is null)
        {
            for (int i = 0; i < read.Hashes.Count; i++)
            {
                if (read.Transactions[i] is { } known && known.Hash != read.Hashes[i])
                    throw _eth.Contradiction(method, $"transaction {i} of block {read.Header.Number} states the hash {read.Hashes[i]}, its fields hash to {known.Hash}");
            }

            return read;
        }

        var transactions = read.Transactions.ToArray();
        var encoded = new ReadOnlyMemory<byte>[transactions.Length];
        for (int i = 0, at = 0; i < encoded.Length; i++) encoded[i] = transactions[i] is { } known ? known.Encoded : raw.Value.Bytes[at++];
        CheckRoot(method, read.Header, encoded);
        foreach (int i in opaque)
        {
            if (!Transaction.TryDecode(encoded[i].Span, out transactions[i], out TransactionError error) && error != TransactionError.UnknownType)
                throw _eth.Contradiction(method, $"transaction {i} of block {read.Header.Number} cannot be decoded ({error})");
        }

        return new L1BlockAnswer(read.Header, transactions, [.. encoded.Select(static bytes => Keccak256.Hash(bytes.Span))], true);
    }

    private async Task<(string Method, byte[][] Bytes)?> FindBytesAsync(L1BlockAnswer block, int[] indexes, CancellationToken cancellation)
    {
        foreach ((string method, Naming name) in s_rawMethods)
        {
            if (await TryAsync(method, () => rpc.CallAllAsync([.. indexes.Select(i => new RpcRequest(method, writer => name(writer, block, i)))], static (_, value) => value.AsData(), cancellation)) is { } found)
                return (method, found);
        }

        const string all = "debug_getRawTransactions";
        if (await TryAsync(all, () => rpc.CallAsync(all, writer => writer.WriteHashValue(block.Header.Hash), static value => value.AsArray(static item => item.AsData()), cancellation)) is not { } list) return null;
        return list.Length == block.Hashes.Count ? (all, [.. indexes.Select(i => list[i])]) : throw _eth.Contradiction(all, $"block {block.Header.Number} has {block.Hashes.Count} transactions, {list.Length} were given");
    }

    /// <summary>Calls a method that the server may lack; null when it does.</summary>
    private async Task<T?> TryAsync<T>(string method, Func<Task<T>> call)
        where T : class
    {
        if (_missing.Contains(method)) return null;
        try
        {
            return await call();
        }
        catch (RpcCallException error) when (MissingMethods.IsMeantBy(error))
        {
            _missing.Add(method);
            return null;
        }
    }

    private void CheckRoot(string method, BlockHeader header, ReadOnlyMemory<byte>[] encoded)
    {
        if (Array.Exists(encoded, static bytes => bytes.IsEmpty) || OrderedTrie.Root(encoded) != header.TransactionsRoot)
            throw _eth.Contradiction(method, $"the transactions of block {header.Number} do not match its transactions root");
    }
}
