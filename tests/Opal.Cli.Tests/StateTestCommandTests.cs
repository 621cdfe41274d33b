using System.Text;
using System.Text.Json;
using Opal.Cli.EvmTool;

namespace Opal.Cli.Tests;

/// <summary>The test commands' output, exit codes and bad input, over small files written here.</summary>
public sealed class StateTestCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>A transfer; the key and address are the well-known ones of the official tests.</summary>
    private const string Test = """
        {"NAME": {
          "env": {"currentCoinbase": "0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba", "currentGasLimit": "0x1000000", "currentNumber": "0x01",
                  "currentTimestamp": "0x03e8", "currentRandom": "0x00", "currentBaseFee": "0x0a", "currentExcessBlobGas": "0x00"},
          "pre": {"0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b": {"balance": "0x3635c9adc5dea00000", "code": "0x", "nonce": "0x00", "storage": {}}},
          "transaction": {"data": ["0x"], "gasLimit": ["GAS"], "gasPrice": "0x0a", "nonce": "0x00", "to": "0x00000000000000000000000000000000000000aa", "value": ["0x01"],
                  "secretKey": "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8"},
          "post": {"FORK": [{"hash": "HASH", EXPECT "indexes": {"data": 0, "gas": 0, "value": 0}, "logs": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"}]}
        }}
        """;

    public void Dispose() => _folder.Dispose();

    private static string Case(string hash, string fork = "Cancun", string gas = "0x5208", string expect = "", string name = "transfer") => Test
        .Replace("NAME", name).Replace("HASH", hash).Replace("FORK", fork).Replace("GAS", gas)
        .Replace("EXPECT", expect.Length == 0 ? "" : $"\"expectException\": \"{expect}\",");

    private static (int Code, string Out, string Error) Run(string[] paths, string? fork = null, string? run = null, bool json = false)
    {
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();
        int code = StateTestCommand.Run(paths, fork, run, json, stdout, stderr);
        return (code, stdout.ToString(), stderr.ToString());
    }

    private static JsonElement ArrayOf(string text) => JsonDocument.Parse(text[..(text.LastIndexOf(']') + 1)]).RootElement;

    private string RightRoot()
    {
        (int _, string text, string _) = Run([_folder.Write("probe.json", Case("0x" + new string('1', 64)))], json: true);
        File.Delete(_folder.PathOf("probe.json"));
        return ArrayOf(text)[0].GetProperty("stateRoot").GetString()!;
    }

    [Fact]
    public void A_right_root_passes_and_a_wrong_one_fails()
    {
        (int code, string text, string error) = Run([_folder.Write("good.json", Case(RightRoot()))]);
        Assert.Equal((0, "1 passed, 0 failed", ""), (code, text.Trim(), error));

        _folder.Write("bad.json", Case("0x" + new string('1', 64)));
        (code, text, _) = Run([_folder.Root], fork: "cancun", json: true);
        Assert.Equal(1, code);
        Assert.EndsWith("1 passed, 1 failed", text.TrimEnd());
        JsonElement results = ArrayOf(text);
        Assert.Equal([false, true], results.EnumerateArray().Select(r => r.GetProperty("pass").GetBoolean()));
        Assert.Contains("state root", results[0].GetProperty("error").GetString());
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named_and_the_rest_runs()
    {
        string good = _folder.Write("good.json", Case(RightRoot()));
        string archive = _folder.Pack("more.tar.gz", ("a/b.json", Encoding.UTF8.GetBytes(Case(RightRoot()))), ("a/readme.txt", [1, 2, 3]));
        string broken = _folder.Write("broken.json", "{");
        string noArchive = _folder.Write("no.tar.gz", "this is no archive");
        (int code, string text, string error) = Run([_folder.PathOf("absent.json"), broken, noArchive, _folder.Write("list.json", "[]"), good, archive]);
        Assert.Equal(2, code);
        Assert.Equal("2 passed, 0 failed", text.Trim());
        Assert.Contains("absent.json: there is no such file", error);
        Assert.Contains("broken.json: not JSON", error);
        Assert.Contains("no.tar.gz: the archive is damaged", error);
        Assert.Contains("list.json: no object of tests", error);
    }

    [Fact]
    public void An_archive_that_ends_too_early_gives_what_it_has()
    {
        string whole = _folder.Pack("whole.tar.gz", ("a.json", Encoding.UTF8.GetBytes(Case(RightRoot()))), ("b.json", new byte[100_000]));
        byte[] bytes = File.ReadAllBytes(whole);
        (int code, string _, string error) = Run([_folder.Write("cut.tar.gz", bytes[..(bytes.Length / 2)])]);
        Assert.Equal(2, code);
        Assert.Contains("cut.tar.gz: the archive is damaged", error);
    }

    [Theory]
    [InlineData("{\"t\": {}}")]
    [InlineData("{\"t\": {\"post\": {\"Cancun\": [{}]}, \"pre\": 5}}")]
    [InlineData("{\"t\": {\"post\": {\"Cancun\": [{}]}, \"pre\": {\"0x12\": {}}}}")]
    [InlineData("{\"t\": {\"post\": {\"Cancun\": 7}, \"pre\": {}}}")]
    [InlineData("{\"t\": {\"post\": {\"Cancun\": [{\"indexes\": {\"data\": 9, \"gas\": 0, \"value\": 0}}]}, \"pre\": {}, \"env\": {\"currentNumber\": \"0x1\", \"currentTimestamp\": \"0x1\", \"currentGasLimit\": \"0x1\", \"currentCoinbase\": \"0x00000000000000000000000000000000000000aa\"}, \"transaction\": {\"data\": []}}}")]
    public void A_malformed_test_fails_and_is_named(string content)
    {
        (int code, string text, string error) = Run([_folder.Write("odd.json", content)]);
        Assert.Equal(2, code);
        Assert.EndsWith("0 passed, 1 failed", text.TrimEnd());
        Assert.Contains("odd.json: test t: ", error);
    }

    [Fact]
    public void A_rejection_must_have_the_reason_that_is_expected()
    {
        const string Before = "0xd7ef340e66650942733ad8ffbf35e8dbec7c9ffb1fe1ba1a54a0d9ef1c81d10d";
        (int _, string text, string _) = Run([_folder.Write("t.json", Case(Before, gas: "0x5207", expect: "TransactionException.SENDER_NOT_EOA"))]);
        Assert.Contains("rejected for another reason: IntrinsicGasTooLow", text);
        (_, text, _) = Run([_folder.Write("t.json", Case(Before, gas: "0x5207", expect: "TransactionException.NEVER_HEARD_OF"))]);
        Assert.Contains("no verdict is known for TransactionException.NEVER_HEARD_OF", text);
        (_, text, _) = Run([_folder.Write("t.json", Case(Before, expect: "TransactionException.INTRINSIC_GAS_TOO_LOW"))]);
        Assert.Contains("the transaction was accepted; expected TransactionException.INTRINSIC_GAS_TOO_LOW", text);
        (_, text, _) = Run([_folder.Write("t.json", Case(Before, gas: "0x5207", expect: "TransactionException.NONCE_IS_MAX|TransactionException.INTRINSIC_GAS_TOO_LOW"))]);
        Assert.DoesNotContain("reason", text); // what is left to compare is the root
    }

    [Fact]
    public void Tests_that_do_not_apply_are_listed_with_their_reason()
    {
        (int code, string text, string _) = Run([_folder.Write("t.json", Case("0x00", fork: "Berlin")), _folder.Write("u.json", Case("0x00", fork: "Amsterdam"))]);
        Assert.Equal(0, code);
        Assert.Contains("not run: 1 (Berlin is older than London; opal runs London and later)", text);
        Assert.Contains("not run: 1 (unknown fork 'Amsterdam'", text);
        Assert.EndsWith("0 passed, 0 failed", text.TrimEnd());
    }

    [Fact]
    public void Names_and_forks_select()
    {
        string path = _folder.Write("t.json", Case(RightRoot()));
        Assert.Equal("0 passed, 0 failed", Run([path], fork: "Prague").Out.Trim());
        Assert.Equal("0 passed, 0 failed", Run([path], run: "^other").Out.Trim());
        Assert.Equal("1 passed, 0 failed", Run([path], run: "^trans").Out.Trim());
    }

    [Fact]
    public void Bad_usage_exits_with_2_and_says_why()
    {
        Assert.Contains("no path", Error(Run([])));
        Assert.Contains("unknown fork 'Pragua'; did you mean 'Prague'?", Error(Run([_folder.Root], fork: "Pragua")));
        Assert.Contains("Istanbul is older than London", Error(Run([_folder.Root], fork: "Istanbul")));
        Assert.Contains("--run", Error(Run([_folder.Root], run: "(")));

        static string Error((int Code, string Out, string Error) run)
        {
            Assert.Equal(2, run.Code);
            return run.Error;
        }
    }
}
