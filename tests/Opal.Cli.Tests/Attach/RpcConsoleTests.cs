using System.Text;
using System.Text.Json;
using Opal.Cli.Attach;
using Opal.Cli.Flags;
using Opal.JsonRpc;

namespace Opal.Cli.Tests.Attach;

public sealed class RpcConsoleTests
{
    private static readonly RpcRegistry Registry = new RpcRegistry()
        .Register("eth_blockNumber", static _ => RpcResult.Quantity(436))
        .Register("eth_getBalance", static p => RpcResult.Quantity(p.GetBlockOrLatest(1).Number + 1))
        .Register("eth_echo", static p => RpcResult.Json(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("count", p.Count);
            json.WriteEndObject();
        }))
        .Register("eth_fail", static _ => RpcResult.Fail(3, "execution reverted", "0x1234"));

    [Theory]
    [InlineData("eth_blockNumber", "eth_blockNumber", "[]")]
    [InlineData("  eth.blockNumber;", "eth_blockNumber", "[]")]
    [InlineData("eth_getBalance 0xAb latest", "eth_getBalance", "[\"0xAb\",\"latest\"]")]
    [InlineData("eth_getBlockByNumber 17 true", "eth_getBlockByNumber", "[\"0x11\",true]")]
    [InlineData("eth_call {\"to\": \"0x1\", \"data\": \"0x\"}  latest", "eth_call", "[{\"to\": \"0x1\", \"data\": \"0x\"},\"latest\"]")]
    [InlineData("eth_getLogs {\"topics\":[[\"0x1\", null]]}", "eth_getLogs", "[{\"topics\":[[\"0x1\", null]]}]")]
    [InlineData("debug_traceTransaction 0x12 {\"tracer\":\"callTracer\"}", "debug_traceTransaction", "[\"0x12\",{\"tracer\":\"callTracer\"}]")]
    [InlineData("eth.getBalance('0xAb', 5)", "eth_getBalance", "[\"0xAb\",\"0x5\"]")]
    [InlineData("eth.getBlock(5)", "eth_getBlockByNumber", "[\"0x5\",false]")]
    [InlineData("eth.getBlock(\"latest\", true)", "eth_getBlockByNumber", "[\"latest\",true]")]
    [InlineData("eth.getBlock(\"0x1111111111111111111111111111111111111111111111111111111111111111\")", "eth_getBlockByHash", "[\"0x1111111111111111111111111111111111111111111111111111111111111111\",false]")]
    [InlineData("eth.getTransaction(\"0x12\")", "eth_getTransactionByHash", "[\"0x12\"]")]
    [InlineData("txpool.status", "txpool_status", "[]")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"net_version\",\"params\":[1]}", "net_version", "[1]")]
    [InlineData("{\"method\":\"net_version\"}", "net_version", "[]")]
    public void A_line_is_a_method_and_its_parameters(string line, string method, string parameters)
    {
        ConsoleLine read = ConsoleLine.Read(line);
        Assert.Equal(method, read.Method);
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartArray();
            read.ToRequest().WriteParameters!(json);
            json.WriteEndArray();
        }

        Assert.Equal(parameters.Replace(" ", "", StringComparison.Ordinal), Encoding.UTF8.GetString(text.ToArray()));
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("eth_")]
    [InlineData("_x")]
    [InlineData("1 + 1")]
    [InlineData("eth_call {\"to\":")]
    [InlineData("eth.getBalance(0xAb)")]
    [InlineData("{\"id\":1}")]
    [InlineData("{\"method\":\"eth_x\",\"params\":{}}")]
    [InlineData("{")]
    public void What_is_no_call_is_refused_in_words(string line) => Assert.NotEmpty(Assert.Throws<FlagException>(() => ConsoleLine.Read(line)).Message);

    [Fact]
    public async Task Answers_are_json_numbers_of_the_script_form_are_decimal_and_errors_go_on()
    {
        var output = new StringWriter { NewLine = "\n" };
        var console = new RpcConsole(new InProcessRpcClient(Registry), output);
        await console.RunAsync(new StringReader("eth_blockNumber\neth.blockNumber\n\neth.getBalance(\"0x1\", 6)\neth_echo a b\neth_fail\nnonsense\neth_none\nexit\neth_blockNumber\n"), prompts: false, CancellationToken.None);
        Assert.Equal(
            "\"0x1b4\"\n436\n7\n{\n  \"count\": 2\n}\nError: execution reverted (code 3), data 0x1234\nError: 'nonsense' is no method; write eth_blockNumber, eth.blockNumber or a JSON-RPC request ('help' shows more)\n"
            + "Error: the method eth_none does not exist/is not available (code -32601)\n", output.ToString());
        Assert.True(await console.ExecuteAsync("eth_blockNumber", CancellationToken.None));
        Assert.False(await console.ExecuteAsync("eth_fail", CancellationToken.None));
    }
}
