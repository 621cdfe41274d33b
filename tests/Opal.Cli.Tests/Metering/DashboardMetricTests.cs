using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Cli.L1Services;
using Opal.Cli.Metering;
using Opal.Testing;

namespace Opal.Cli.Tests.Metering;

/// <summary>What dashboards made for op-batcher and op-proposer ask for.</summary>
public sealed class DashboardMetricTests
{
    private static Meter Meter(string name, string role = "") => new(new MeterOptions(name) { Tags = role.Length == 0 ? null : [new KeyValuePair<string, object?>("role", role)] });

    [Fact]
    public async Task Measures_come_under_their_names_too_with_their_labels_and_units()
    {
        await using MetricsServer server = await MetricsServer.StartAsync("test", host: null, port: 0, NullLoggerFactory.Instance, CancellationToken.None);
        using Meter batcher = Meter("Opal.Batcher"), sending = Meter("Opal.TxManager", "batcher"), proposing = Meter("Opal.TxManager", "proposer");
        batcher.CreateObservableCounter("opal.batcher.transactions", () => 7L);
        batcher.CreateCounter<long>("opal.batcher.input", "By").Add(1000);
        batcher.CreateHistogram<double>("opal.batcher.ratio", "1").Record(0.5);
        foreach (Meter meter in new[] { sending, proposing })
        {
            meter.CreateCounter<double>("opal.txmanager.fees", "{ether}").Add(0.25);
            Counter<long> confirmed = meter.CreateCounter<long>("opal.txmanager.confirmed");
            confirmed.Add(3, new KeyValuePair<string, object?>("status", "succeeded"));
            confirmed.Add(1, new KeyValuePair<string, object?>("status", "reverted"));
            meter.CreateCounter<long>("opal.txmanager.given_up").Add(2, new KeyValuePair<string, object?>("reason", "nonce_taken"));
        }

        string text = server.Collect();
        foreach (string line in new[]
        {
            "opal_batcher_transactions_total 7",
            "op_batcher_default_batcher_tx_total{stage=\"success\"} 7",
            "op_batcher_default_batcher_tx_total{reason=\"nonce_taken\",role=\"batcher\",stage=\"failed\"} 2",
            "op_batcher_default_input_bytes_total 1000",
            "op_batcher_default_channel_compr_ratio_count 1",
            "op_batcher_default_txmgr_tx_fee_gwei_total{role=\"batcher\"} 250000000",
            "op_proposer_default_txmgr_tx_fee_gwei_total{role=\"proposer\"} 250000000",
            "op_batcher_default_txmgr_confirm_total{role=\"batcher\",status=\"success\"} 3",
            "op_proposer_default_txmgr_confirm_total{role=\"proposer\",status=\"failed\"} 1",
            "opal_txmanager_confirmed_total{role=\"proposer\",status=\"reverted\"} 1",
        }) Assert.Contains(line + "\n", text);
        Assert.DoesNotContain("op_proposer_default_batcher", text);
        Assert.All(text.Split('\n').Where(static line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).CountBy(static line => line.Split(' ')[2]), static family => Assert.Equal(1, family.Value));
        Assert.Contains("# TYPE op_batcher_default_batcher_tx_total counter\n", text);
    }

    [Fact]
    public async Task Up_is_one_once_the_start_is_complete()
    {
        await using MetricsServer server = await MetricsServer.StartAsync("test", host: null, port: 0, NullLoggerFactory.Instance, CancellationToken.None);
        bool isUp = false;
        using var metrics = new ServiceMetrics("proposer", () => isUp);
        Assert.Contains("op_proposer_default_up 0\n", server.Collect());
        isUp = true;
        Assert.Contains("op_proposer_default_up 1\n", server.Collect());
        Assert.Contains("op_proposer_default_info{version=\"", server.Collect());
    }

    /// <summary>An instrument that was renamed would leave a dashboard empty in silence.</summary>
    [Fact]
    public void Every_measure_is_one_that_the_program_takes()
    {
        string root = Path.Combine(Vectors.RepositoryRoot, "src");
        string source = string.Concat(new[] { "Opal.Batcher", "Opal.Proposer", "Opal.TxManager" }.SelectMany(project => Directory.EnumerateFiles(Path.Combine(root, project), "*Metrics.cs", SearchOption.AllDirectories)).Select(File.ReadAllText));
        Assert.All(DashboardMetric.All, known => Assert.True(
            source.Contains($"\"{known.Own}\"", StringComparison.Ordinal) || source.Contains($"$\"opal.{{role}}.{known.Own.Split('.')[^1]}\"", StringComparison.Ordinal), known.Own));
    }

    /// <summary>The pages say which names there are.</summary>
    [Fact]
    public void Every_name_is_in_the_documentation() => Assert.All(DashboardMetric.All, static known =>
    {
        foreach (string role in known.Upstream.Contains("{role}", StringComparison.Ordinal) ? ["batcher", "proposer"] : new[] { known.Upstream.Split('_')[1] })
        {
            string name = known.Upstream.Replace("{role}", role, StringComparison.Ordinal), page = File.ReadAllText(Path.Combine(Vectors.RepositoryRoot, "docs", role + ".md"));
            Assert.Contains(name[$"op_{role}_default_".Length..], page);
        }
    });
}
