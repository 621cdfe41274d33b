using System.Globalization;

namespace Opal.Benchmarks;

/// <summary>A figure that has to reach something: a share of the peer's, or a number.</summary>
/// <param name="Figure">Its name and unit.</param>
/// <param name="Ours">Ours; null when it was not measured.</param>
/// <param name="Peer">The peer's; null without.</param>
/// <param name="Ratio">How many times the peer's speed; null without.</param>
/// <param name="Must">The least that is acceptable.</param>
/// <param name="Goal">What is aimed at.</param>
/// <param name="Of">What must and goal are compared with.</param>
/// <param name="Note">Which workload, or what is doubtful.</param>
internal sealed record Target(string Figure, double? Ours, double? Peer, double? Ratio, double Must, double Goal, TargetKind Of, string Note = "")
{
    private double? Value => Of == TargetKind.Ratio ? Ratio : Ours;

    /// <summary>NO, yes, goal, or nothing when it cannot be said.</summary>
    public string Verdict
    {
        get
        {
            if (Value is not { } value) return "-";
            if (Of == TargetKind.AtMost) return value <= Goal ? "goal" : value <= Must ? "yes" : "NO";
            return value >= Goal ? "goal" : value >= Must ? "yes" : "NO";
        }
    }

    /// <summary>Prints the targets as a table.</summary>
    public static void Write(IEnumerable<Target> targets, BenchOutput output)
    {
        var table = new TextTable("targets", "figure", "ours", "R", "ratio", "must", "goal", "ok?", "note");
        foreach (Target target in targets)
        {
            table.Add(target.Figure, Text(target.Ours), Text(target.Peer), Text(target.Ratio), target.Bound(target.Must), target.Bound(target.Goal), target.Verdict, target.Note);
        }

        table.Write(output);
    }

    private string Bound(double value) => Of switch
    {
        TargetKind.Ratio => $">= {Text(value)} R",
        TargetKind.AtMost => $"<= {Text(value)}",
        _ => $">= {Text(value)}",
    };

    /// <summary>A number with three or four digits that mean something.</summary>
    public static string Text(double? value) => value switch
    {
        null => "-",
        0 => "0",
        >= 1000 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.Value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("F1", CultureInfo.InvariantCulture),
        >= 0.1 => value.Value.ToString("F2", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("G2", CultureInfo.InvariantCulture),
    };
}

/// <summary>How a figure is judged.</summary>
internal enum TargetKind
{
    /// <summary>By how many times the peer's speed it is.</summary>
    Ratio,

    /// <summary>It must be so large.</summary>
    AtLeast,

    /// <summary>It must not be larger.</summary>
    AtMost,
}
