using OpenTelemetry.Metrics;

namespace Opal.Cli.Metering;

/// <summary>A measure of ours under the name by which dashboards and alerts made for op-batcher and op-proposer ask for it.</summary>
/// <param name="Own">Our instrument.</param>
/// <param name="Upstream">Their name; <c>{role}</c> stands for who measures, batcher or proposer.</param>
/// <param name="Label">A label that theirs has and ours has not.</param>
/// <param name="Scale">How many of their unit one of ours is.</param>
/// <remarks>Only what means the same is here; docs/batcher.md and docs/proposer.md list it.</remarks>
internal sealed record DashboardMetric(string Own, string Upstream, string Label = "", double Scale = 1)
{
    private const double GweiPerEther = 1e9;

    /// <summary>The one role for which it is; empty for both.</summary>
    public string Role { get; init; } = "";

    /// <summary>Their words for label values of ours.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    public static IReadOnlyList<DashboardMetric> All { get; } =
    [
        new("opal.batcher.transactions", "op_batcher_default_batcher_tx_total", "stage=\"success\""),
        new("opal.txmanager.given_up", "op_batcher_default_batcher_tx_total", "stage=\"failed\"") { Role = "batcher" },
        new("opal.batcher.channels.closed", "op_batcher_default_channel_total", "stage=\"closed\""),
        new("opal.batcher.input", "op_batcher_default_input_bytes_total"),
        new("opal.batcher.output", "op_batcher_default_output_bytes_total"),
        new("opal.batcher.ratio", "op_batcher_default_channel_compr_ratio"),
        new("opal.batcher.backlog", "op_batcher_default_unsafe_da_bytes"),
        new("opal.batcher.throttle.intensity", "op_batcher_default_throttle_intensity"),
        new("opal.batcher.throttle.block_limit", "op_batcher_default_throttle_max_block_size"),
        new("opal.batcher.throttle.transaction_limit", "op_batcher_default_throttle_max_tx_size"),
        new("opal.batcher.balance_ether", "op_batcher_default_balance"),
        new("opal.proposer.balance_ether", "op_proposer_default_balance"),
        new("opal.proposer.last_block", "op_proposer_default_proposed_sequence_number"),
        new("opal.proposer.last_block", "op_proposer_default_refs_number", "layer=\"l2\",type=\"proposed\""),
        new("opal.txmanager.pending", "op_{role}_default_txmgr_pending_txs"),
        new("opal.txmanager.nonce", "op_{role}_default_txmgr_current_nonce"),
        new("opal.txmanager.published", "op_{role}_default_txmgr_publish_total"),
        new("opal.txmanager.confirmed", "op_{role}_default_txmgr_confirm_total") { Values = new Dictionary<string, string> { ["succeeded"] = "success", ["reverted"] = "failed" } },
        new("opal.txmanager.fees", "op_{role}_default_txmgr_tx_fee_gwei_total", "", GweiPerEther),
    ];

    /// <summary>Their names for a measure of ours; most have none.</summary>
    public static IEnumerable<(string Name, DashboardMetric Dashboard)> Of(Metric metric)
    {
        string role = metric.MeterTags?.FirstOrDefault(static tag => tag.Key == "role").Value as string ?? "";
        return All.Where(known => known.Own == metric.Name && (known.Role.Length == 0 || known.Role == role)).Select(known => (known.Upstream.Replace("{role}", role, StringComparison.Ordinal), known));
    }
}
