using System.Net;
using System.Text.Json;
using Opal.Testing;
using static Opal.EndToEnd.Tests.LocalRpc;

namespace Opal.EndToEnd.Tests;

/// <summary>The whole classic tutorial with `opal` alone: execution client, rollup node, batcher and proposer as four processes on anvil, with the tutorial's own flags.</summary>
[Collection("devnets run one after another")]
public sealed class TutorialWhole : IAsyncLifetime
{
    private readonly TutorialChain _chain = TutorialChain.Create();

    [Fact]
    public async Task Four_processes_carry_a_deposit_a_transaction_and_a_withdrawal_and_a_batcher_that_is_killed_goes_on()
    {
        // a chain that is quicker than the tutorial's, whose output root is due every 120 blocks of 2 s; the batcher's and the proposer's flags are the tutorial's to the letter
        await _chain.DeployAsync(["--slots-in-an-epoch", "1"], blockSeconds: 1, static config =>
        {
            config["l2BlockTime"] = 1;
            config["l2OutputOracleSubmissionInterval"] = 15;
            config["finalizationPeriodSeconds"] = 2;
        });

        // in the worst order: each waits for what it needs, and says so
        OpalProcess batcher = _chain.StartBatcher(), proposer = _chain.StartProposer();
        await _chain.UntilAsync("a batcher that says what it waits for", () => CallAsync(_chain.Batcher, "opal_status"), static answer => answer.Contains("waiting for the rollup node", StringComparison.Ordinal));
        await _chain.UntilAsync("a proposer that says what it waits for", () => CallAsync(_chain.Proposer, "opal_status"), static answer => answer.Contains("waiting for the rollup node", StringComparison.Ordinal));
        using (var http = new HttpClient())
        {
            using HttpResponseMessage health = await http.GetAsync(_chain.Batcher + "/healthz");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        }

        OpalProcess node = _chain.StartNode("--l1.epoch-poll-interval=2s", "--l1.http-poll-interval=1s");
        OpalProcess geth = _chain.StartGeth();

        await _chain.RunScenarioAsync("withdraw", 120); // deposits first

        batcher.Kill();
        ulong unsafeThen = await HeadAsync("unsafe_l2");
        batcher = _chain.StartBatcher();
        await _chain.RunScenarioAsync("transfer", 60); // and waits until its block is safe
        Assert.True(await HeadAsync("safe_l2") > unsafeThen);
        string status = await CallAsync(_chain.Batcher, "opal_status");
        Assert.Contains("\"healthy\":true", status, StringComparison.Ordinal);
        Assert.Contains("\"running\":true", status, StringComparison.Ordinal);
        Assert.Equal("\"healthy\"", await CallAsync(_chain.Proposer, "health_status"));

        await AreDocumentedAsync(_chain.BatcherMetrics, "opal_batcher_", "batcher.md");
        await AreDocumentedAsync(_chain.ProposerMetrics, "opal_proposer_", "proposer.md");

        foreach (OpalProcess process in new[] { proposer, batcher, node, geth }) Assert.Equal(0, await process.InterruptAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("private-key stands on the command line", batcher.Tail(5000), StringComparison.Ordinal);
    }

    /// <summary>The role's page names every metric that is given out.</summary>
    private static async Task AreDocumentedAsync(string url, string prefix, string page)
    {
        using var http = new HttpClient();
        string[] names = [.. (await http.GetStringAsync(url)).Split('\n').Where(line => line.StartsWith("# TYPE " + prefix, StringComparison.Ordinal)).Select(static line => line.Split(' ')[2])];
        Assert.True(names.Length > 5, $"only {names.Length} metrics");
        string text = await File.ReadAllTextAsync(Path.Combine(Vectors.RepositoryRoot, "docs", page));
        Assert.All(names, name => Assert.Contains($"`{name}", text, StringComparison.Ordinal));
    }

    private async Task<ulong> HeadAsync(string name)
    {
        using JsonDocument json = JsonDocument.Parse(await CallAsync(_chain.Node, "optimism_syncStatus"));
        return json.RootElement.GetProperty(name).GetProperty("number").GetUInt64();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _chain.DisposeAsync();
}
