using System.Text.Json;

namespace Opal.Cli.Doctor;

/// <summary>The results for programs.</summary>
internal static class DoctorJson
{
    /// <summary>Writes them: <c>{"ok": false, "failed": 1, "warnings": 2, "notChecked": 3, "checks": [{"id", "group", "what", "status", "finding", "fix"}]}</c>.</summary>
    public static void Write(Stream output, IReadOnlyList<(Check Check, CheckResult Result)> results)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteBoolean("ok"u8, Count(CheckStatus.Failed) == 0);
        json.WriteNumber("failed"u8, Count(CheckStatus.Failed));
        json.WriteNumber("warnings"u8, Count(CheckStatus.Warning));
        json.WriteNumber("notChecked"u8, Count(CheckStatus.NotChecked));
        json.WriteStartArray("checks"u8);
        foreach ((Check check, CheckResult result) in results)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, check.Id);
            json.WriteString("group"u8, check.Group);
            json.WriteString("what"u8, check.What);
            json.WriteString("status"u8, WordFor(result.Status));
            json.WriteString("finding"u8, result.Finding);
            if (result.Fix.Length > 0) json.WriteString("fix"u8, result.Fix);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();

        int Count(CheckStatus status) => results.Count(result => result.Result.Status == status);
    }

    /// <summary>The status as tables and programs have it.</summary>
    public static string WordFor(CheckStatus status) => status switch { CheckStatus.Ok => "ok", CheckStatus.Warning => "warning", CheckStatus.Failed => "failed", _ => "not checked" };
}
