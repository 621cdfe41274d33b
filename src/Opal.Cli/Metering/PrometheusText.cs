using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Opal.Cli.Metering;

/// <summary>Writes collected metrics in Prometheus' text format 0.0.4.</summary>
/// <remarks>Names: dots become underscores, the unit is appended where it is one of measure (<c>_seconds</c>, <c>_bytes</c>), and <c>_total</c> to counters. What dashboards know by another name follows under that one, too (<see cref="DashboardMetric"/>).</remarks>
internal sealed class PrometheusText : BaseExporter<Metric>
{
    private readonly Lock _gate = new();
    private string _text = "";

    /// <summary>What was collected last.</summary>
    public string Text
    {
        get
        {
            lock (_gate) return _text;
        }
    }

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        var text = new StringBuilder();
        var families = new Dictionary<string, List<(Metric Metric, DashboardMetric? Dashboard)>>(StringComparer.Ordinal);
        foreach (Metric metric in batch)
        {
            Add(NameOf(metric), metric, null);
            foreach ((string name, DashboardMetric dashboard) in DashboardMetric.Of(metric)) Add(name, metric, dashboard);
        }

        foreach ((string name, List<(Metric Metric, DashboardMetric? Dashboard)> family) in families)
        {
            text.Append("# HELP ").Append(name).Append(' ').Append(family[0].Metric.Description.Replace("\\", "\\\\", StringComparison.Ordinal).Replace('\n', ' ')).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(TypeOf(family[0].Metric.MetricType)).Append('\n');
            foreach ((Metric metric, DashboardMetric? dashboard) in family) WritePoints(text, name, metric, dashboard);
        }

        lock (_gate) _text = text.ToString();
        return ExportResult.Success;

        void Add(string name, Metric metric, DashboardMetric? dashboard)
        {
            if (!families.TryGetValue(name, out List<(Metric, DashboardMetric?)>? family)) families[name] = family = [];
            family.Add((metric, dashboard));
        }
    }

    private static void WritePoints(StringBuilder text, string name, Metric metric, DashboardMetric? dashboard)
    {
        double scale = dashboard?.Scale ?? 1;
        foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
        {
            string labels = LabelsOf(metric, in point, dashboard);
            switch (metric.MetricType)
            {
                case MetricType.Histogram or MetricType.ExponentialHistogram:
                    WriteHistogram(text, name, labels, metric, in point);
                    break;
                case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                    WriteSample(text, name, labels, point.GetSumDouble() * scale);
                    break;
                case MetricType.DoubleGauge:
                    WriteSample(text, name, labels, point.GetGaugeLastValueDouble() * scale);
                    break;
                case MetricType.LongGauge:
                    WriteSample(text, name, labels, point.GetGaugeLastValueLong() * scale);
                    break;
                default:
                    WriteSample(text, name, labels, point.GetSumLong() * scale);
                    break;
            }
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, Metric metric, in MetricPoint point)
    {
        if (metric.MetricType == MetricType.Histogram)
        {
            long count = 0;
            foreach (HistogramBucket bucket in point.GetHistogramBuckets())
            {
                count += bucket.BucketCount;
                string bound = double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : Number(bucket.ExplicitBound);
                WriteSample(text, name + "_bucket", labels.Length == 0 ? $"le=\"{bound}\"" : $"{labels},le=\"{bound}\"", count);
            }
        }

        WriteSample(text, name + "_sum", labels, point.GetHistogramSum());
        WriteSample(text, name + "_count", labels, point.GetHistogramCount());
    }

    private static void WriteSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => double.IsNaN(value) ? "NaN" : double.IsInfinity(value) ? value > 0 ? "+Inf" : "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string LabelsOf(Metric metric, in MetricPoint point, DashboardMetric? dashboard)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, object? value) in metric.MeterTags ?? []) labels[Plain(key)] = Escape(value);
        foreach ((string key, object? value) in point.Tags) labels[Plain(key)] = Escape(value);
        IEnumerable<string> written = labels.Select(label => $"{label.Key}=\"{dashboard?.Values.GetValueOrDefault(label.Value) ?? label.Value}\"");
        return string.Join(',', dashboard is { Label.Length: > 0 } ? written.Append(dashboard.Label) : written);
    }

    private static string Escape(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture)!
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string NameOf(Metric metric)
    {
        string name = Plain(metric.Name);
        string unit = metric.Unit switch { "s" => "_seconds", "ms" => "_milliseconds", "By" => "_bytes", _ => "" };
        if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
        return TypeOf(metric.MetricType) == "counter" && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private static string Plain(string name) => string.Concat(name.Select((c, i) => char.IsAsciiLetter(c) || c == '_' || i > 0 && char.IsAsciiDigit(c) ? c : '_'));

    private static string TypeOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.Histogram or MetricType.ExponentialHistogram => "histogram",
        _ => "gauge",
    };
}
