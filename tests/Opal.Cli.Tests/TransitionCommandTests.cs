using System.Text.Json;
using Opal.Cli.EvmTool.Transition;

namespace Opal.Cli.Tests;

/// <summary>`opal evm t8n`: geth's interface, results and exit codes.</summary>
public sealed class TransitionCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private const string Sender = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b";
    private const string Key = "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8";
    private const string Alloc = $$$"""{"{{{Sender}}}": {"balance": "0x3635c9adc5dea00000"}, "0x00000000000000000000000000000000000000cc": {"code": "0x5f405f55", "balance": "0x0"}}""";
    private const string Env = """
        {"currentCoinbase": "0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba", "currentGasLimit": "0x1000000", "currentNumber": "1", "currentTimestamp": "1000",
         "currentRandom": "0x0", "currentBaseFee": "0x0a", "currentExcessBlobGas": "0x0", "withdrawals": [], "parentBeaconBlockRoot": "0x00"}
        """;

    public void Dispose() => _folder.Dispose();

    private static string Tx(int nonce, string to = "0x00000000000000000000000000000000000000aa", string gas = "0x5208") => $$"""
        {"type": "0x2", "chainId": "0x1", "nonce": "0x{{nonce:x}}", "to": "{{to}}", "gas": "{{gas}}", "maxFeePerGas": "0x10", "maxPriorityFeePerGas": "0x1", "value": "0x7",
         "input": "0x", "accessList": [], "v": "0x0", "r": "0x0", "s": "0x0", "secretKey": "{{Key}}"}
        """;

    private (int Code, JsonElement Out, string Error) Run(string txs, string? alloc = null, string? env = null, string fork = "Cancun", TransitionOptions? options = null)
    {
        options = (options ?? new TransitionOptions { OutputAlloc = "stdout", OutputResult = "stdout", OutputBody = "stdout" }) with
        {
            InputAlloc = _folder.Write("alloc.json", alloc ?? Alloc),
            InputEnv = _folder.Write("env.json", env ?? Env),
            InputTxs = _folder.Write("txs.json", txs),
            Fork = fork,
        };
        return Run(options, "");
    }

    private static (int Code, JsonElement Out, string Error) Run(TransitionOptions options, string stdin)
    {
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();
        int code = TransitionCommand.Run(options, new StringReader(stdin), stdout, stderr);
        string text = stdout.ToString();
        return (code, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement, stderr.ToString());
    }

    [Fact]
    public void Unsigned_transactions_are_signed_and_applied()
    {
        (int code, JsonElement output, string error) = Run($"[{Tx(0)}, {Tx(1)}]");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal("0xe", output.GetProperty("alloc").GetProperty("0x00000000000000000000000000000000000000aa").GetProperty("balance").GetString());
        Assert.Equal("0x2", output.GetProperty("alloc").GetProperty(Sender).GetProperty("nonce").GetString());
        JsonElement result = output.GetProperty("result");
        Assert.Equal("0xa410", result.GetProperty("gasUsed").GetString());
        Assert.Equal("0x0", result.GetProperty("blobGasUsed").GetString());
        Assert.Equal(JsonValueKind.Null, result.GetProperty("currentDifficulty").ValueKind);
        Assert.False(result.TryGetProperty("rejected", out _));
        JsonElement second = result.GetProperty("receipts")[1];
        Assert.Equal(("0x2", "0x1", "0x1", "0xa410"), (Text("type"), Text("status"), Text("transactionIndex"), Text("cumulativeGasUsed")));

        string Text(string name) => second.GetProperty(name).GetString()!;
    }

    [Fact]
    public void The_body_can_be_fed_back()
    {
        (int _, JsonElement first, string _) = Run($"[{Tx(0)}, {Tx(1)}]");
        string body = first.GetProperty("body").GetString()!;
        var options = new TransitionOptions
        {
            InputAlloc = _folder.PathOf("alloc.json"),
            InputEnv = _folder.PathOf("env.json"),
            InputTxs = _folder.Write("txs.rlp", $"\"{body}\""),
            OutputAlloc = "",
            OutputResult = "stdout",
            Fork = "Cancun",
        };
        (int code, JsonElement again, string _) = Run(options, "");
        Assert.Equal(0, code);
        Assert.False(again.TryGetProperty("alloc", out _));
        Assert.Equal(first.GetProperty("result").GetRawText(), again.GetProperty("result").GetRawText());
        (code, again, _) = Run(options with { InputAlloc = "stdin", InputEnv = "stdin", InputTxs = "stdin" }, $$"""{"alloc": {{Alloc}}, "env": {{Env}}, "txsRlp": "{{body}}"}""");
        Assert.Equal(first.GetProperty("result").GetRawText(), again.GetProperty("result").GetRawText());
    }

    [Fact]
    public void Rejected_transactions_are_listed_and_the_rest_goes_on()
    {
        (int code, JsonElement output, string _) = Run($"[{Tx(5)}, {Tx(0)}, {Tx(1, gas: "0x5207")}]");
        Assert.Equal(0, code);
        JsonElement result = output.GetProperty("result");
        Assert.Single(result.GetProperty("receipts").EnumerateArray());
        Assert.Equal(["0 nonce too high", "2 intrinsic gas too low"], result.GetProperty("rejected").EnumerateArray().Select(r => $"{r.GetProperty("index")} {r.GetProperty("error")}"));
    }

    [Fact]
    public void Outputs_and_traces_go_to_files()
    {
        string folder = _folder.PathOf("out/deep");
        (int code, JsonElement _, string _) = Run($"[{Tx(0, "0x00000000000000000000000000000000000000cc", "0x20000")}]",
            env: Env.Replace("\"withdrawals\"", "\"blockHashes\": {\"0\": \"0x1234\"}, \"withdrawals\""),
            options: new TransitionOptions { OutputBaseDir = folder, OutputBody = "body.txt", Trace = true });
        Assert.Equal(0, code);
        JsonElement alloc = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "alloc.json"))).RootElement;
        Assert.Equal("0x" + new string('0', 60) + "1234", alloc.GetProperty("0x00000000000000000000000000000000000000cc").GetProperty("storage").EnumerateObject().Single().Value.GetString());
        JsonElement result = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "result.json"))).RootElement;
        string trace = Path.Combine(folder, $"trace-0-{result.GetProperty("receipts")[0].GetProperty("transactionHash").GetString()}.jsonl");
        Assert.Contains("\"opName\":\"BLOCKHASH\"", File.ReadAllText(trace));
        Assert.StartsWith("\"0x", File.ReadAllText(Path.Combine(folder, "body.txt")));
    }

    [Fact]
    public void Mining_pays_the_reward_that_is_named()
    {
        string env = Env.Replace("\"currentRandom\": \"0x0\"", "\"currentDifficulty\": \"0x20000\"");
        var output = new TransitionOptions { OutputAlloc = "stdout", OutputResult = "stdout" };
        (int code, JsonElement paid, string _) = Run("[]", env: env, fork: "London", options: output with { Reward = 5 });
        Assert.Equal(0, code);
        Assert.Equal("0x5", paid.GetProperty("alloc").GetProperty("0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba").GetProperty("balance").GetString());
        Assert.Equal("0x20000", paid.GetProperty("result").GetProperty("currentDifficulty").GetString());
        (_, JsonElement unpaid, _) = Run("[]", env: env, fork: "London", options: output with { Reward = -1 });
        Assert.False(unpaid.GetProperty("alloc").TryGetProperty("0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba", out _));
    }

    [Fact]
    public void Exit_codes_are_those_of_geth()
    {
        Assert.Equal((3, true), Code(Run("[]", fork: "Berlin"), "Berlin is older than London"));
        Assert.Equal((3, true), Code(Run("[]", fork: "Cancunn"), "did you mean 'Cancun'?"));
        Assert.Equal((3, true), Code(Run("[]", env: Env.Replace("currentRandom", "nothing")), "currentRandom"));
        Assert.Equal((3, true), Code(Run("[]", env: Env.Replace("parentBeaconBlockRoot", "nothing")), "parentBeaconBlockRoot"));
        Assert.Equal((3, true), Code(Run("[]", env: Env.Replace("withdrawals", "nothing")), "withdrawals"));
        Assert.Equal((4, true), Code(Run($"[{Tx(0, "0x00000000000000000000000000000000000000cc", "0x20000")}]"), "getHash(0)"));
        Assert.Equal((10, true), Code(Run("[", fork: "Cancun"), "txs.json"));
        Assert.Equal((10, true), Code(Run("[{\"type\": \"0x2\"}]"), "tx 0: no "));
        Assert.Equal((10, true), Code(Run("[]", alloc: "{\"0x1\": {}}"), "is no address"));
        Assert.Equal((2, true), Code(Run("[]", fork: "Prague"), "system contract"));
        Assert.Equal((11, true), Code(Run(new TransitionOptions { InputAlloc = _folder.PathOf("absent.json") }, ""), "absent.json"));
        var rlp = new TransitionOptions { InputAlloc = _folder.PathOf("alloc.json"), InputEnv = _folder.Write("env.json", Env), InputTxs = _folder.Write("t.rlp", "\"0x80\""), Fork = "Cancun" };
        Assert.Equal((12, true), Code(Run(rlp, ""), "no RLP list"));

        static (int, bool) Code((int Code, JsonElement Out, string Error) run, string complaint) => (run.Code, run.Error.StartsWith($"ERROR({run.Code}): ", StringComparison.Ordinal) && run.Error.Contains(complaint));
    }
}
