using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Opal.TxManager;

/// <summary>The alarms of a program that have not been put right: each is logged once when it is raised and once when it is over. Safe for use by many threads.</summary>
public sealed class OperatorAlarms(TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OperatorAlarm> _current = new(StringComparer.Ordinal);

    /// <summary>What is wrong now, the gravest first and then the oldest.</summary>
    public IReadOnlyList<OperatorAlarm> Current
    {
        get
        {
            lock (_gate) return [.. _current.Values.OrderByDescending(static alarm => alarm.Level).ThenBy(static alarm => alarm.Since)];
        }
    }

    /// <summary>How many alarms of a level there are.</summary>
    public int Count(AlarmLevel level)
    {
        lock (_gate) return _current.Values.Count(alarm => alarm.Level == level);
    }

    /// <summary>The alarm of a kind; null while there is none.</summary>
    public OperatorAlarm? Find(string kind)
    {
        lock (_gate) return _current.GetValueOrDefault(kind);
    }

    /// <summary>Writes alarms as a member <c>alarms</c> of the object that is being written.</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<OperatorAlarm> alarms)
    {
        writer.WriteStartArray("alarms");
        foreach (OperatorAlarm alarm in alarms)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", alarm.Kind);
            writer.WriteString("level", alarm.Level == AlarmLevel.Error ? "error" : "warning");
            writer.WriteString("since", alarm.Since.UtcDateTime);
            writer.WriteString("text", alarm.Text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Raises an alarm. One that is raised already takes the new text, and is logged again only when its level changes.</summary>
    /// <param name="kind">What it is about.</param>
    /// <param name="level">How soon to look.</param>
    /// <param name="text">What is wrong and what to do.</param>
    public void Raise(string kind, AlarmLevel level, string text)
    {
        lock (_gate)
        {
            OperatorAlarm? before = _current.GetValueOrDefault(kind);
            _current[kind] = new OperatorAlarm(kind, level, text, before?.Since ?? time.GetUtcNow());
            if (before?.Level == level) return;
        }

        if (level == AlarmLevel.Error) logger.LogError("{Alarm}", text);
        else logger.LogWarning("{Alarm}", text);
    }

    /// <summary>Ends the alarm of a kind, if there is one.</summary>
    /// <param name="kind">What it was about.</param>
    /// <param name="because">What became of it, for the log.</param>
    public void Clear(string kind, string because)
    {
        lock (_gate)
        {
            if (!_current.Remove(kind)) return;
        }

        logger.LogInformation("The alarm is over: {Reason}", because);
    }
}
