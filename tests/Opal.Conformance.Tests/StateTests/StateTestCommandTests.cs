using System.Text.Json;
using Opal.Cli.EvmTool;

namespace Opal.Conformance.Tests.StateTests;

/// <summary>The command's arguments, output and exit codes, over small files written here.</summary>
public sealed class StateTestCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-statetest").FullName;

    /// <summary>A transfer; the key and address are the well-known ones of the official tests.</summary>
    private const string Test = """
        {"NAME": {
          "env": {"currentCoinbase": "0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba", "currentGasLimit": "0x1000000", "currentNumber": "0x01",
                  "currentTimestamp": "0x03e8", "currentRandom": "0x00", "currentBaseFee": "0x0a", "currentExcessBlobGas": "0x00"},
          "pre": {"0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b": {"balance": "0x3635c9adc5dea00000", "code": "0x", "nonce": "0x00", "storage": {}}},
          "transaction": {"data": ["0x"], "gasLimit": ["0x5208"], "gasPrice": "0x0a", "nonce": "0x00", "to": "0x00000000000000000000000000000000000000aa", "value": ["0x01"],
                  "secretKey": "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8"},
          "post": {"Cancun": [{"hash": "HASH", "indexes": {"data": 0, "gas": 0, "value": 0}, "logs": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"}]}
        }}
        """;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    private static (int Code, string Out, string Error) Run(params string[] args)
    {
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();
        int code = StateTestCommand.Run(args, stdout, stderr);
        return (code, stdout.ToString(), stderr.ToString());
    }

    private string RightRoot()
    {
        (int _, string text, string _) = Run("--json", Write("probe.json", Test));
        return JsonDocument.Parse(text[..(text.LastIndexOf(']') + 1)]).RootElement[0].GetProperty("stateRoot").GetString()!;
    }

    [Fact]
    public void A_right_root_passes_and_a_wrong_one_fails()
    {
        string good = Write("good.json", Test.Replace("HASH", RightRoot()));
        File.Delete(Path.Combine(_folder, "probe.json"));
        (int code, string text, string _) = Run(good);
        Assert.Equal(0, code);
        Assert.EndsWith("1 passed, 0 failed", text.TrimEnd());

        Write("bad.json", Test.Replace("HASH", "0x" + new string('1', 64)));
        (code, text, _) = Run("--json", "--fork", "Cancun", _folder);
        Assert.Equal(1, code);
        Assert.EndsWith("1 passed, 1 failed", text.TrimEnd());
        JsonElement results = JsonDocument.Parse(text[..(text.LastIndexOf(']') + 1)]).RootElement;
        Assert.Equal([false, true], results.EnumerateArray().Select(r => r.GetProperty("pass").GetBoolean()));
        Assert.Contains("state root", results[0].GetProperty("error").GetString());
    }

    [Fact]
    public void Another_fork_runs_nothing()
    {
        (int code, string text, string _) = Run("--fork", "Prague", Write("test.json", Test));
        Assert.Equal(0, code);
        Assert.Equal("0 passed, 0 failed", text.Trim());
    }

    [Fact]
    public void Bad_usage_exits_with_2_and_says_why()
    {
        Assert.Contains("no path", Error(Run()));
        Assert.Contains("unknown fork Atlantis", Error(Run("--fork", "Atlantis", _folder)));
        Assert.Contains("unknown option --what", Error(Run("--what", _folder)));
        Assert.Contains("there is no file", Error(Run(Path.Combine(_folder, "absent.json"))));
        Assert.Contains("cannot read", Error(Run(Write("broken.tar.gz", "this is no archive"))));

        static string Error((int Code, string Out, string Error) run)
        {
            Assert.Equal(2, run.Code);
            return run.Error;
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"t\": {}}")]
    [InlineData("{\"t\": {\"post\": {\"Cancun\": [{}]}, \"pre\": 5}}")]
    [InlineData("{\"t\": {\"post\": {\"Cancun\": [{}]}, \"pre\": {\"0x12\": {}}}}")]
    public void A_file_that_is_no_state_test_is_a_failure_not_a_crash(string content)
    {
        (int code, string text, string _) = Run(Write("odd.json", content));
        Assert.Equal(1, code);
        Assert.EndsWith("0 passed, 1 failed", text.TrimEnd());
    }
}
