using System.Text;
using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;
using Opal.Trie;

namespace Opal.JsonRpc.Tests;

/// <summary>The official RPC compatibility tests, as far as codecs go: everything read is the thing its hash says, and is written back field for field.</summary>
public class RpcVectorTests
{
    private static IEnumerable<(string Name, JsonElement Request, JsonElement Answer)> Exchanges(string method)
    {
        foreach ((string name, byte[] data) in Vectors.ReadArchive("rpc/execution-apis-rpc-compat.tar.gz"))
        {
            if (!name.Contains($"/{method}/", StringComparison.Ordinal) && !name.StartsWith($"{method}/", StringComparison.Ordinal)) continue;
            JsonElement request = default;
            foreach (string line in Encoding.UTF8.GetString(data).Split('\n'))
            {
                if (line.StartsWith(">> ", StringComparison.Ordinal)) request = JsonElement.Parse(line[3..]);
                if (line.StartsWith("<< ", StringComparison.Ordinal)) yield return (name, request, JsonElement.Parse(line[3..]));
            }
        }
    }

    private static IEnumerable<(string Name, JsonValue Result)> Results(string method)
    {
        int count = 0;
        foreach ((string name, _, JsonElement answer) in Exchanges(method))
        {
            if (!answer.TryGetProperty("result", out JsonElement result) || result.ValueKind == JsonValueKind.Null) continue;
            count++;
            yield return (name, new JsonValue(result, name));
        }

        Assert.NotEqual(0, count);
    }

    private static void AssertSame(JsonElement expected, JsonElement actual, string name) =>
        Assert.True(JsonElement.DeepEquals(expected, actual), $"{name}\nexpected {expected.GetRawText()}\nactual   {actual.GetRawText()}");

    [VectorFact]
    public void Block_headers_hash_to_their_hash_and_write_back()
    {
        foreach (string method in new[] { "eth_getBlockByNumber", "eth_getBlockByHash" })
        {
            foreach ((string name, JsonValue block) in Results(method))
            {
                BlockHeader header = EthJson.ReadHeader(block);
                Assert.Equal(block["hash"].AsHash(), header.Hash);
                JsonValue written = CodecTests.Written(w => EthJson.WriteHeader(w, header));
                foreach (JsonProperty field in written.Element.EnumerateObject()) AssertSame(block.Element.GetProperty(field.Name), field.Value, $"{name} {field.Name}");
                foreach (JsonProperty field in block.Element.EnumerateObject())
                {
                    if (field.Name is "size" or "transactions" or "uncles" or "withdrawals") continue;
                    Assert.True(written.TryGet(field.Name, out _), field.Name);
                }
            }
        }
    }

    [VectorFact]
    public void Whole_blocks_make_up_their_transactions_root()
    {
        int whole = 0;
        foreach (string method in new[] { "eth_getBlockByNumber", "eth_getBlockByHash" })
        {
            foreach ((_, JsonValue value) in Results(method))
            {
                if (value["transactions"].Count == 0 || value["transactions"].Element[0].ValueKind != JsonValueKind.Object) continue;
                Block block = EthJson.ReadBlock(value);
                Assert.Equal(block.Header.TransactionsRoot, OrderedTrie.Root([.. block.Transactions.Select(t => (ReadOnlyMemory<byte>)t.Encoded)]));
                whole++;
            }
        }

        Assert.NotEqual(0, whole);
    }

    [VectorFact]
    public void Transactions_hash_to_their_hash_and_write_back()
    {
        foreach (string method in new[] { "eth_getTransactionByHash", "eth_getTransactionByBlockHashAndIndex", "eth_getTransactionByBlockNumberAndIndex" })
        {
            foreach ((string name, JsonValue value) in Results(method))
            {
                Transaction transaction = EthJson.ReadTransaction(value);
                Assert.Equal(value["hash"].AsHash(), transaction.Hash);
                transaction.SetSender(value["from"].AsAddress());
                UInt256 price = value["gasPrice"].AsUInt256();
                UInt256 baseFee = transaction.Type is TransactionType.Legacy or TransactionType.AccessList ? UInt256.Zero : price - transaction.MaxPriorityFeePerGas;
                var place = new TransactionPlace(value["blockHash"].AsHash(), value["blockNumber"].AsQuantity(), value["blockTimestamp"].AsQuantity(), value["transactionIndex"].AsQuantity(), baseFee);
                AssertSame(value.Element, CodecTests.Written(w => EthJson.WriteTransaction(w, transaction, NoCrypto.Instance, place)).Element, name);
            }
        }
    }

    [VectorFact]
    public void Receipts_write_back()
    {
        foreach ((string name, JsonValue value) in Results("eth_getTransactionReceipt"))
        {
            if (HasStateRoot(value)) continue;
            TxReceiptInfo read = EthJson.ReadReceipt(value);
            JsonValue[] logs = value["logs"].AsArray(v => v);
            var transaction = new Transaction { Type = read.Receipt.Type, To = read.To };
            transaction.SetSender(read.From);
            ulong timestamp = logs.Length > 0 ? EthJson.ReadLogPlace(logs[0]).BlockTimestamp : 0;
            var place = new TransactionPlace(read.Block.Hash, read.Block.Number, timestamp, read.TransactionIndex, UInt256.Zero);
            JsonValue written = CodecTests.Written(w => EthJson.WriteReceipt(w, read.Receipt, transaction, NoCrypto.Instance, place, logs.Length > 0 ? logs[0]["logIndex"].AsQuantity() : 0));
            foreach (JsonProperty field in value.Element.EnumerateObject())
            {
                if (field.Name is "transactionHash" or "logs") continue;
                AssertSame(field.Value, written.Element.GetProperty(field.Name), $"{name} {field.Name}");
            }

            Assert.Equal(logs.Length, written["logs"].Count);
        }
    }

    [VectorFact]
    public void Block_receipts_read()
    {
        foreach ((_, JsonValue value) in Results("eth_getBlockReceipts"))
        {
            if (value.Count > 0 && HasStateRoot(new JsonValue(value.Element[0], "receipt"))) continue;
            Assert.Equal(value.Count, value.AsArray(EthJson.ReadReceipt).Length);
        }
    }

    /// <summary>Before Byzantium receipts held a state root in place of the status; such blocks are far before the merge and not ours.</summary>
    private static bool HasStateRoot(JsonValue receipt) => receipt.TryGet("root", out _);

    [VectorFact]
    public void Proofs_write_back()
    {
        foreach ((string name, JsonValue value) in Results("eth_getProof"))
        {
            EthProof proof = EthJson.ReadProof(value);
            AssertSame(value.Element, CodecTests.Written(w => EthJson.WriteProof(w, proof)).Element, name);
            Hash256 root = Keccak256.Hash(proof.AccountProof[0]);
            Assert.True(proof.TryVerify(root, out string problem), problem);
            Assert.False((proof with { Nonce = proof.Nonce + 1 }).TryVerify(root, out _));
            Assert.False(proof.TryVerify(Hash256.EmptyCode, out _));
        }
    }

    /// <summary>The typed client over a server that answers what the vectors say.</summary>
    [VectorFact]
    public async Task The_client_checks_what_it_is_told()
    {
        JsonElement honest = Results("eth_getBlockByNumber").First(r => r.Result["transactions"].Count > 0 && r.Result["transactions"].Element[0].ValueKind == JsonValueKind.Object).Result.Element;
        JsonElement answer = honest;
        var registry = new RpcRegistry().Register("eth_getBlockByNumber", _ => RpcResult.Json(w => answer.WriteTo(w)));
        var client = new EthClient(new InProcessRpcClient(registry));
        Block? block = await client.FindBlockAsync(BlockParameter.Latest);
        Assert.NotNull(block);
        await Assert.ThrowsAsync<RpcTransportException>(() => client.FindHeaderAsync(BlockParameter.At(block.Number + 1)));

        answer = JsonElement.Parse(honest.GetRawText().Replace("\"gasUsed\":\"0x", "\"gasUsed\":\"0x1", StringComparison.Ordinal));
        RpcTransportException error = await Assert.ThrowsAsync<RpcTransportException>(() => client.FindHeaderAsync(BlockParameter.Latest));
        Assert.Contains("states the hash", error.Message);
        answer = JsonElement.Parse("null");
        Assert.Null(await client.FindBlockAsync(BlockParameter.Latest));
    }
}
