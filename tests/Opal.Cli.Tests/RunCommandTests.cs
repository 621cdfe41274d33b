using Opal.Cli.EvmTool;
using Opal.Cli.EvmTool.Running;

namespace Opal.Cli.Tests;

/// <summary>`opal evm run`: geth's output, and bad input.</summary>
public sealed class RunCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static (int Code, string Out, string Error) Run(RunOptions options, string stdin = "")
    {
        using var stdout = new StringWriter { NewLine = "\n" };
        using var stderr = new StringWriter { NewLine = "\n" };
        int code = RunCommand.Run(options, new StringReader(stdin), stdout, stderr);
        return (code, stdout.ToString(), stderr.ToString());
    }

    [Fact]
    public void The_output_is_printed_in_hexadecimal()
    {
        (int code, string text, string error) = Run(new RunOptions { Code = "0x60016002015f5260205ff3" });
        Assert.Equal((0, "0x0000000000000000000000000000000000000000000000000000000000000003\n", ""), (code, text, error));
    }

    [Fact]
    public void A_failure_is_printed_after_the_output_and_is_no_failure_of_the_tool()
    {
        Assert.Equal((0, "0xab\n error: execution reverted\n", ""), Run(new RunOptions { Code = "60ab5f5360015ffd" }));
        Assert.Equal((0, "0x\n error: out of gas\n", ""), Run(new RunOptions { Code = "5b5f56", Gas = 1_000 }));
    }

    [Fact]
    public void A_trace_is_JSON_lines_on_the_standard_error()
    {
        (int code, string text, string error) = Run(new RunOptions { Code = "6040", Trace = true });
        Assert.Equal((0, ""), (code, text));
        Assert.Equal(
            """
            {"pc":0,"op":96,"gas":"0x2540be400","gasCost":"0x3","memSize":0,"stack":[],"depth":1,"refund":0,"opName":"PUSH1"}
            {"pc":2,"op":0,"gas":"0x2540be3fd","gasCost":"0x0","memSize":0,"stack":["0x40"],"depth":1,"refund":0,"opName":"STOP"}
            {"output":"","gasUsed":"0x3"}

            """,
            error);
    }

    [Fact]
    public void A_trace_shows_memory_and_return_data_when_asked_and_hides_the_stack_when_asked()
    {
        // mstore8(0, 0xab); identity(0, 1) into nothing; stop
        var steps = new StepTraceOptions(Memory: true, Stack: false, ReturnData: true, CallFrames: true);
        (int _, string _, string error) = Run(new RunOptions { Code = "60ab5f535f5f60015f60045afa00", Trace = true, Steps = steps });
        string[] lines = error.TrimEnd().Split('\n');
        Assert.StartsWith("{\"from\":\"0x000000000000000000000000000073656e646572\",\"to\":\"0x0000000000000000000000007265636569766572\",", lines[0]);
        string last = lines[^2];
        Assert.Contains("\"memory\":\"0xab" + new string('0', 62) + "\",\"memSize\":32,\"stack\":null,\"returnData\":\"0xab\",\"depth\":1", last);
        Assert.Contains("\"type\":\"STATICCALL\"}", error);
    }

    [Fact]
    public void A_failing_instruction_has_its_error()
    {
        Assert.Contains("\"opName\":\"ADD\",\"error\":\"stack underflow", Run(new RunOptions { Code = "01", Trace = true }).Error);
        string invalid = Run(new RunOptions { Code = "fe", Trace = true }).Error;
        Assert.Contains("\"gasCost\":\"0x0\",\"memSize\":0,\"stack\":[],\"depth\":1,\"refund\":0,\"opName\":\"INVALID\",\"error\":\"invalid opcode: INVALID\"}", invalid);
        Assert.Equal(3, invalid.TrimEnd().Split('\n').Length); // before it runs, with its error, the frame's end
        Assert.Contains("\"opName\":\"REVERT\",\"error\":\"execution reverted\"}\n{\"output\":\"\",\"gasUsed\":\"0x4\",\"error\":\"execution reverted\"}", Run(new RunOptions { Code = "5f5ffd", Trace = true }).Error);
    }

    [Fact]
    public void Code_and_input_come_from_files_or_from_standard_input()
    {
        const string Echo = "365f5f37365ff3\n"; // returns its call data
        string code = _folder.Write("code.hex", Echo), input = _folder.Write("input.hex", "0xc0ffee\n");
        Assert.Equal("0xc0ffee\n", Run(new RunOptions { CodeFile = code, InputFile = input }).Out);
        Assert.Equal("0xbeef\n", Run(new RunOptions { CodeFile = "-", Input = "beef" }, Echo).Out);
    }

    [Fact]
    public void Creation_returns_the_deployed_code() =>
        Assert.Equal("0x00\n", Run(new RunOptions { Code = "60015ff3", Create = true }).Out);

    [Fact]
    public void The_fork_decides()
    {
        Assert.Contains("error: invalid opcode", Run(new RunOptions { Code = "5f", Fork = "Paris" }).Out);
        Assert.Equal("0x\n", Run(new RunOptions { Code = "5f", Fork = "Shanghai" }).Out);
        Assert.Contains("error: invalid opcode", Run(new RunOptions { Code = "60011e", Fork = "Jovian" }).Out);
        Assert.Equal("0x\n", Run(new RunOptions { Code = "60011e", Fork = "Karst" }).Out);
    }

    [Fact]
    public void A_prestate_is_a_genesis_or_an_alloc()
    {
        const string Alloc = """{"0x00000000000000000000000000000000000000aa": {"balance": "0x5", "code": "0x47600154015f5260205ff3", "storage": {"0x01": "0x10"}}}""";
        string alloc = _folder.Write("alloc.json", Alloc);
        string genesis = _folder.Write("genesis.json", $$"""{"config": {"chainId": 5, "londonBlock": 0, "terminalTotalDifficulty": 0, "shanghaiTime": 0}, "gasLimit": "0x10000", "alloc": {{Alloc}}}""");
        string sum = "0x" + new string('0', 62) + "15\n";
        Assert.Equal(sum, Run(new RunOptions { Prestate = alloc, Receiver = "0x00000000000000000000000000000000000000aa" }).Out);
        Assert.Equal(sum, Run(new RunOptions { Prestate = genesis, Receiver = "0x00000000000000000000000000000000000000aa" }).Out);
        Assert.Contains("\"gas\":\"0x10000\"", Run(new RunOptions { Prestate = genesis, Code = "00", Trace = true }).Error);
        string old = _folder.Write("old.json", """{"config": {"chainId": 5}, "gasLimit": "0x10000", "alloc": {}}""");
        Assert.Contains("older than London", Run(new RunOptions { Prestate = old, Code = "00" }).Error);
    }

    [Fact]
    public void A_dump_is_the_state_afterwards()
    {
        string text = Run(new RunOptions { Code = "602a600155", Dump = true, Trace = true }).Out;
        Assert.Contains("\"0x0000000000000000000000007265636569766572\": {", text);
        Assert.Contains("\"0x0000000000000000000000000000000000000000000000000000000000000001\": \"2a\"", text);
        Assert.Contains("\"code\": \"0x602a600155\"", text);
    }

    [Fact]
    public void A_benchmark_reports_gas_time_and_bytes()
    {
        (int code, string _, string error) = Run(new RunOptions { Code = "6040", Bench = true });
        Assert.Equal(0, code);
        Assert.Matches(@"EVM gas used:    3\nexecution time:  [0-9.]+(ns|µs|ms)\nallocated bytes: \d+\n", error);
    }

    [Theory]
    [InlineData("0x123", null, null, "odd number of digits")]
    [InlineData("0xzz", null, null, "no hexadecimal")]
    [InlineData("00", "Berlin", null, "Berlin is older than London; opal runs London and later")]
    [InlineData("00", "Karsts", null, "did you mean 'Karst'?")]
    [InlineData("00", null, "0x12", "--sender: \"0x12\" is no address")]
    public void Bad_input_exits_with_2_and_says_why(string hex, string? fork, string? sender, string complaint)
    {
        (int code, string text, string error) = Run(new RunOptions { Code = hex, Fork = fork, Sender = sender });
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(complaint, error);
    }

    [Fact]
    public void Missing_and_broken_files_are_named()
    {
        Assert.Contains("absent.hex: there is no such file", Run(new RunOptions { CodeFile = _folder.PathOf("absent.hex") }).Error);
        Assert.Contains("broken.json: not JSON", Run(new RunOptions { Code = "00", Prestate = _folder.Write("broken.json", "{") }).Error);
        Assert.Contains("odd.json: \"0x1\" is no address", Run(new RunOptions { Code = "00", Prestate = _folder.Write("odd.json", """{"0x1": {}}""") }).Error);
    }
}
