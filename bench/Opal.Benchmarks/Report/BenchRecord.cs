using System.Globalization;
using System.Text.Json;

namespace Opal.Benchmarks;

/// <summary>One line of a report in the form that `--json` prints.</summary>
internal sealed record BenchRecord
{
    public required string Name { get; init; }

    public required string Group { get; init; }

    /// <summary>Gas of one run; null where there is none.</summary>
    public long? GasUsed { get; init; }

    /// <summary>What the run gave, checked: return data, a root, a digest.</summary>
    public string? Output { get; init; }

    /// <summary>The times; null when the result was wrong and no time counts.</summary>
    public Samples? Times { get; init; }

    /// <summary>The first, uncached run in seconds; null where it means nothing.</summary>
    public double? First { get; init; }

    /// <summary>Work per run and its unit, where it is not gas: transactions, hashes, accounts.</summary>
    public (double Amount, string Unit)? Work { get; init; }

    /// <summary>The peer's times, without what the connection costs; null without a peer.</summary>
    public PeerTimes? Peer { get; init; }

    /// <summary>More figures, by name with its unit.</summary>
    public IReadOnlyList<(string Name, double Value)> More { get; init; } = [];

    /// <summary>What was wrong; null when everything was right.</summary>
    public string? Problem { get; init; }

    /// <summary>Millions of gas a second, by the median; null without gas or time.</summary>
    public double? MgasPerSecond => GasUsed is { } gas && Times is { } times ? gas / times.Median / 1e6 : null;

    /// <summary>Prints an array of records.</summary>
    public static void Write(IEnumerable<BenchRecord> records, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (BenchRecord record in records) record.Write(json);
            json.WriteEndArray();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteString("group", Group);
        Number(json, "gasUsed", GasUsed);
        json.WriteString("output", Output);
        json.WriteNumber("runs", Times?.Runs ?? 0);
        Number(json, "min_s", Times?.Min);
        Number(json, "median_s", Times?.Median);
        Number(json, "max_s", Times?.Max);
        Number(json, "mgas_s", MgasPerSecond);
        Number(json, "first_s", First);
        if (Work is { } work && Times is { } times)
        {
            json.WriteString("unit", work.Unit);
            Number(json, "per_s", work.Amount / times.Median);
        }

        foreach ((string name, double value) in More) Number(json, name, value);
        if (Peer is { } peer)
        {
            json.WriteString("peer", peer.Name);
            Number(json, "peer_min_s", peer.Times?.Min);
            Number(json, "peer_median_s", peer.Times?.Median);
            Number(json, "peer_max_s", peer.Times?.Max);
            json.WriteBoolean("peer_unsure", peer.IsUnsure);
            if (peer.Problem is not null) json.WriteString("peer_problem", peer.Problem);
        }

        if (Problem is not null) json.WriteString("problem", Problem);
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        // nine significant digits: below a nanosecond in a second, and readable
        if (value is { } known && double.IsFinite(known)) json.WriteNumber(name, double.Parse(known.ToString("G9", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
        else json.WriteNull(name);
    }

    private static void Number(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } known) json.WriteNumber(name, known);
        else json.WriteNull(name);
    }
}
