using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Opal.Cli.Status;

/// <summary>Shows what a batcher or a proposer says of itself: every value by its name, alarms first.</summary>
internal static class ServiceStatusView
{
    /// <summary>What the first line says already.</summary>
    private static readonly string[] s_said = ["role", "version", "healthy", "trouble", "alarms", "runway_hours", "l1_chain_id", "l2_chain_id"];

    public static IRenderable Render(JsonElement status, string endpoint)
    {
        string chains = status.TryGetProperty("l2_chain_id", out JsonElement l2) ? $", L2 chain {l2} on L1 chain {status.GetProperty("l1_chain_id")}" : "";
        var rows = new List<IRenderable> { new Markup($"[bold]{Markup.Escape($"{Text(status, "role")} {Text(status, "version")}")}[/] at {Markup.Escape(endpoint + chains)}") };
        if (Text(status, "trouble") is { Length: > 0 } trouble) rows.Add(new Markup($"[yellow bold]{Markup.Escape(trouble)}[/]"));
        if (status.TryGetProperty("alarms", out JsonElement alarms))
        {
            foreach (JsonElement alarm in alarms.EnumerateArray()) rows.Add(new Markup($"[{(Text(alarm, "level") == "error" ? "red" : "yellow")} bold]alarm since {Markup.Escape(Text(alarm, "since"))}:[/] {Markup.Escape(Text(alarm, "text"))}"));
        }

        var facts = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (JsonProperty fact in status.EnumerateObject())
        {
            if (!s_said.Contains(fact.Name) && Describe(fact.Value) is { Length: > 0 } described) facts.AddRow(Markup.Escape(Plain(fact.Name)), Markup.Escape(described));
        }

        rows.Add(facts);
        return new Rows(rows);
    }

    private static string Text(JsonElement value, string name) => value.TryGetProperty(name, out JsonElement found) && found.ValueKind == JsonValueKind.String ? found.GetString()! : "";

    private static string Plain(string name) => name.Replace('_', ' ');

    /// <summary>A part by its name; wei as ether.</summary>
    private static (string Name, string Text) NamedText(JsonProperty part)
    {
        string text = Describe(part.Value);
        return part.Name.EndsWith("_wei", StringComparison.Ordinal) && decimal.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out decimal wei)
            ? (part.Name[..^4], (wei / 1_000_000_000_000_000_000m).ToString("0.######### ETH", CultureInfo.InvariantCulture)) : (part.Name, text);
    }

    /// <summary>A value in words; empty where there is none.</summary>
    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Join("; ", value.EnumerateArray().Select(Describe)),
        JsonValueKind.Object => string.Join(", ", value.EnumerateObject().Select(static part => NamedText(part)).Where(static part => part.Text.Length > 0).Select(static part => $"{Plain(part.Name)} {part.Text}")),
        _ => value.ToString(),
    };
}
