using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Opal.Cli.Logs;

/// <summary>The three forms of a log line, as geth has them. A line ends with its newline; no value can begin another one.</summary>
internal static class LogFormat
{
    private const string TemplateKey = "{OriginalFormat}";

    /// <summary>A value this long that the message holds whole is not said a second time in a line for people.</summary>
    private const int LongValue = 40;

    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The form of a name: terminal, logfmt or json.</summary>
    public static Func<LogEvent, string> Named(string name, bool colour) => name switch
    {
        "logfmt" => Logfmt,
        "json" => Json,
        _ => e => Terminal(e, colour),
    };

    /// <summary><c>INFO [11-28|23:21:05.123] Serving http at …</c></summary>
    public static string Terminal(LogEvent e, bool colour)
    {
        string time = e.Time.ToString("MM-dd|HH:mm:ss.fff", CultureInfo.InvariantCulture), level = Short(e.Level).ToUpperInvariant().PadRight(5);
        if (colour) level = $"\e[{Colour(e.Level)}m{level}\e[0m";
        string error = e.Error is null ? "" : $": {(e.Level >= LogLevel.Error ? e.Error.ToString() : e.Error.Message)}";
        return $"{level}[{time}] {Printable(e.Message)}{(e.Error is null ? "" : Printable(error, keepLines: true))}\n";
    }

    /// <summary><c>t=2026-11-28T23:21:05.123Z lvl=info msg="…" category=Opal.JsonRpc endpoint=http</c></summary>
    public static string Logfmt(LogEvent e)
    {
        var line = new StringBuilder();
        line.Append("t=").Append(Iso(e.Time)).Append(" lvl=").Append(Short(e.Level)).Append(" msg=").Append(Quoted(e.Message)).Append(" category=").Append(Quoted(e.Category));
        foreach ((string key, object? value) in e.Values)
        {
            string text = TextOf(value);
            if (key == TemplateKey || text.Length >= LongValue && text.Contains(' ', StringComparison.Ordinal) && e.Message.Contains(text, StringComparison.Ordinal)) continue;
            line.Append(' ').Append(KeyOf(key)).Append('=').Append(Quoted(text));
        }

        if (e.Error is not null) line.Append(" err=").Append(Quoted(e.Error.ToString()));
        return line.Append('\n').ToString();
    }

    /// <summary>One object a line: <c>t</c>, <c>lvl</c>, <c>msg</c>, <c>category</c>, the values, <c>err</c>.</summary>
    public static string Json(LogEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("t", Iso(e.Time));
            json.WriteString("lvl", Short(e.Level));
            json.WriteString("msg", e.Message);
            json.WriteString("category", e.Category);
            foreach ((string key, object? value) in e.Values)
            {
                if (key == TemplateKey) continue;
                json.WritePropertyName(KeyOf(key));
                switch (value)
                {
                    case null: json.WriteNullValue(); break;
                    case bool flag: json.WriteBooleanValue(flag); break;
                    case int number: json.WriteNumberValue(number); break;
                    case long number: json.WriteNumberValue(number); break;
                    case ulong number: json.WriteNumberValue(number); break;
                    case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
                    default: json.WriteStringValue(TextOf(value)); break;
                }
            }

            if (e.Error is not null) json.WriteString("err", e.Error.ToString());
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static string Iso(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string KeyOf(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private static string TextOf(object? value) => value switch
    {
        null => "null",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Quoted(string text)
    {
        bool plain = text.Length > 0;
        foreach (char c in text) plain = plain && c > ' ' && c is not ('"' or '=' or '\\') && !char.IsControl(c);
        return plain ? text : "\"" + JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text) + "\"";
    }

    /// <summary>Text that cannot move the cursor or pass for a line of its own: values come from callers.</summary>
    private static string Printable(string text, bool keepLines = false)
    {
        if (!text.Any(char.IsControl)) return text;
        return string.Concat(text.Select(c => !char.IsControl(c) || keepLines && c is '\n' or '\t' ? c : ' '));
    }

    private static string Short(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace", LogLevel.Debug => "debug", LogLevel.Information => "info", LogLevel.Warning => "warn", LogLevel.Error => "error", _ => "crit",
    };

    private static int Colour(LogLevel level) => level switch { LogLevel.Trace => 34, LogLevel.Debug => 36, LogLevel.Information => 32, LogLevel.Warning => 33, LogLevel.Error => 31, _ => 35 };
}
