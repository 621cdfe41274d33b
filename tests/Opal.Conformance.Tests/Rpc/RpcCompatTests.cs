using System.Text;
using System.Text.Json;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Testing;
using Xunit.Abstractions;

namespace Opal.Conformance.Tests.Rpc;

/// <summary>The rpc-compat vectors of ethereum/execution-apis: every request of every file, answers compared structurally.</summary>
public class RpcCompatTests(ITestOutputHelper output)
{
    /// <summary>Files whose answer differs on purpose, each with its reason; docs/conformance.md has the same list.</summary>
    private static readonly Dictionary<string, string> KnownDifferences = new()
    {
        ["eth_capabilities/get-capabilities.io"] = "logs are kept as long as blocks, so that there is no window of their own to tell of",
        ["eth_getBlockReceipts/get-block-receipts-by-hash.io"] = NoRoot,
        ["eth_getTransactionReceipt/get-legacy-input.io"] = NoRoot,
        ["eth_simulateV1/ethSimulate-empty-with-block-num-set-firstblock.io"] = "a block on block 1 is simulated by London's rules, the oldest this client has: it has a base fee",
        ["testing_buildBlockV1/build-block-empty-transactions.io"] = NoTesting,
        ["testing_buildBlockV1/build-block-invalid-transaction.io"] = NoTesting,
    };

    private const string NoRoot = "receipts older than Byzantium have a state root in place of a status; no chain this client imports has such receipts";
    private const string NoTesting = "the testing namespace is for test tools that drive a client; blocks are built through the Engine API";

    [VectorFact]
    public async Task Requests_of_the_vectors_get_the_answers_of_the_vectors()
    {
        Dictionary<string, byte[]> files = RpcCompatChain.ReadFiles();
        await using ExecutionClient client = RpcCompatChain.Import(files);
        var rpc = new InProcessRpcClient(client.Registry);
        JsonElement choice = JsonDocument.Parse(files.File("headfcu.json")).RootElement;
        JsonElement chosen = (await AnswerAsync(client, choice)).GetProperty("result");
        Assert.Equal("VALID", chosen.GetProperty("payloadStatus").GetProperty("status").GetString());

        int passed = 0, total = 0;
        List<string> failures = [], unexpected = [];
        foreach ((string name, byte[] data) in files.Where(static f => f.Key.EndsWith(".io", StringComparison.Ordinal)).OrderBy(static f => f.Key, StringComparer.Ordinal))
        {
            total++;
            string test = name[(name.IndexOf('/', StringComparison.Ordinal) is var first && name.Count(static c => c == '/') > 1 ? first + 1 : 0)..];
            string? difference = await RunAsync(client, Encoding.UTF8.GetString(data));
            bool known = KnownDifferences.ContainsKey(test);
            if (difference is null) passed++;
            if (difference is null && known) unexpected.Add($"{test}: passes, and is listed as different");
            if (difference is not null && !known) failures.Add($"{test}: {difference}");
        }

        output.WriteLine($"[count] rpc-compat {passed}/{total}");
        Assert.True(failures.Count == 0 && unexpected.Count == 0, $"{passed}/{total}\n" + string.Join('\n', failures.Concat(unexpected)));
    }

    /// <summary>The first difference, or null.</summary>
    private static async Task<string?> RunAsync(ExecutionClient client, string file)
    {
        bool shapeOnly = file.Contains("// speconly", StringComparison.Ordinal);
        JsonElement answer = default;
        foreach (string line in file.Split('\n'))
        {
            if (line.StartsWith(">> ", StringComparison.Ordinal))
            {
                answer = await AnswerAsync(client, JsonDocument.Parse(line[3..]).RootElement);
            }
            else if (line.StartsWith("<< ", StringComparison.Ordinal))
            {
                JsonElement expected = JsonDocument.Parse(line[3..]).RootElement;
                if (JsonDifference.Find(expected, answer, shapeOnly) is { } difference) return difference;
            }
        }

        return null;
    }

    private static async Task<JsonElement> AnswerAsync(ExecutionClient client, JsonElement request)
    {
        var rpc = new InProcessRpcClient(client.Registry);
        Action<Utf8JsonWriter>? parameters = request.TryGetProperty("params", out JsonElement given) ? json =>
        {
            foreach (JsonElement item in given.EnumerateArray()) item.WriteTo(json);
        } : null;
        RpcReply reply = (await rpc.SendAsync([new RpcRequest(request.GetProperty("method").GetString()!, parameters)], CancellationToken.None))[0];
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { MaxDepth = 4096 }))
        {
            json.WriteStartObject();
            if (reply.Error is { } error)
            {
                json.WriteStartObject("error");
                json.WriteNumber("code", error.Code);
                json.WriteString("message", error.Message);
                if (error.Data is { } data) json.WriteString("data", data);
                json.WriteEndObject();
            }
            else
            {
                json.WritePropertyName("result");
                reply.Result.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return JsonDocument.Parse(text.ToArray(), new JsonDocumentOptions { MaxDepth = 4096 }).RootElement;
    }
}
