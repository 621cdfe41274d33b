using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Node.Tests;

/// <summary>Serves made-up L1 blocks with every method that giving blocks and receipts may take.</summary>
internal sealed class FakeProvider(string name, params FakeL1Block[] blocks) : ScriptedRpc(name)
{
    public static readonly string[] RawMethods = ["eth_getRawTransactionByBlockHashAndIndex", "eth_getRawTransactionByHash", "debug_getRawTransaction", "debug_getRawTransactions"];

    public List<FakeL1Block> Blocks { get; } = [.. blocks];

    public ulong Finalized { get; set; }

    /// <summary>A provider that gives no bytes of transactions.</summary>
    public FakeProvider WithoutBytes()
    {
        Lacks.UnionWith(RawMethods);
        return this;
    }

    public L1Endpoint AsEndpoint(TimeProvider? clock = null, ProviderKind kind = ProviderKind.Standard) =>
        new(new L1Client(this, kind, false, clock), new EndpointHealth(clock ?? TimeProvider.System));

    protected override string? Answer(string method, JsonElement parameters)
    {
        string first = parameters.GetArrayLength() == 0 ? "" : parameters[0].ValueKind == JsonValueKind.Object ? parameters[0].GetProperty("blockHash").GetString()! : parameters[0].GetString()!;
        FakeL1Block? block = first switch
        {
            "latest" or "safe" => Blocks[^1],
            "finalized" => Blocks.Find(b => b.Header.Number == Finalized),
            { Length: 66 } => Blocks.Find(b => b.Header.Hash.ToString() == first),
            _ => Blocks.Find(b => Hex.Quantity(b.Header.Number) == first),
        };
        FakeItem? item = Blocks.SelectMany(b => b.Items).FirstOrDefault(i => i.Hash.ToString() == first);
        return method switch
        {
            "eth_chainId" => "\"0x1\"",
            "eth_getBlockByHash" or "eth_getBlockByNumber" => block is null ? "null" : Whole(block, parameters[1].GetBoolean()),
            "eth_getRawTransactionByBlockHashAndIndex" => block is null ? "null" : Data(block.Items[Convert.ToInt32(parameters[1].GetString(), 16)].Encoded),
            "eth_getRawTransactionByHash" or "debug_getRawTransaction" => item is null ? "null" : Data(item.Encoded),
            "debug_getRawTransactions" => block is null ? "null" : List(block.Items.Select(i => Data(i.Encoded))),
            "debug_getRawReceipts" => block is null ? "null" : List(block.Items.Select(i => Data(i.Receipt))),
            "eth_getBlockReceipts" or "parity_getBlockReceipts" or "erigon_getBlockReceiptsByBlockHash" => block is null ? "null" : List(block.Items.Select(i => i.ReceiptJson)),
            "alchemy_getTransactionReceipts" => block is null ? "null" : $$"""{"receipts":{{List(block.Items.Select(i => i.ReceiptJson))}}}""",
            "eth_getTransactionReceipt" => item?.ReceiptJson ?? "null",
            _ => null,
        };
    }

    private static string Whole(FakeL1Block block, bool full)
    {
        string header = Json(writer => EthJson.WriteHeader(writer, block.Header));
        return $"{header[..^1]},\"transactions\":{List(block.Items.Select(item => full ? item.Json : $"\"{item.Hash}\""))}}}";
    }

    private static string Data(byte[] bytes) => $"\"{Hex.Encode(bytes)}\"";

    private static string List(IEnumerable<string> items) => $"[{string.Join(',', items)}]";
}
