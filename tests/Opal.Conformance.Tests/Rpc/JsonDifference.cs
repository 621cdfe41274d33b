using System.Text.Json;

namespace Opal.Conformance.Tests.Rpc;

/// <summary>Compares an answer with the one expected.</summary>
internal static class JsonDifference
{
    /// <summary>The first difference, or null. An error's code counts, its message does not.</summary>
    /// <param name="expected">An object with <c>result</c> or <c>error</c>.</param>
    /// <param name="answer">Likewise.</param>
    /// <param name="shapeOnly">Whether fields and types count, and values do not.</param>
    public static string? Find(JsonElement expected, JsonElement answer, bool shapeOnly)
    {
        if (expected.TryGetProperty("error", out JsonElement wanted))
        {
            if (!answer.TryGetProperty("error", out JsonElement got)) return $"expected error {wanted}, got {Shorten(answer)}";
            if (wanted.GetProperty("code").GetInt32() != got.GetProperty("code").GetInt32()) return $"expected error {wanted}, got {got}";
            bool hasData = wanted.TryGetProperty("data", out JsonElement data);
            return hasData && (!got.TryGetProperty("data", out JsonElement other) || (!shapeOnly && other.GetString() != data.GetString())) ? $"expected error data {data}, got {got}" : null;
        }

        return answer.TryGetProperty("result", out JsonElement result)
            ? Find(expected.GetProperty("result"), result, shapeOnly, "result")
            : $"expected a result, got {Shorten(answer)}";
    }

    private static string? Find(JsonElement expected, JsonElement answer, bool shapeOnly, string path)
    {
        bool bothBooleans = expected.ValueKind is JsonValueKind.True or JsonValueKind.False && answer.ValueKind is JsonValueKind.True or JsonValueKind.False;
        if (expected.ValueKind != answer.ValueKind && !(shapeOnly && bothBooleans)) return $"{path}: expected {Shorten(expected)}, got {Shorten(answer)}";
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in expected.EnumerateObject())
                {
                    if (!answer.TryGetProperty(property.Name, out JsonElement value)) return $"{path}: no {property.Name}";
                    if (Find(property.Value, value, shapeOnly, $"{path}.{property.Name}") is { } difference) return difference;
                }

                foreach (JsonProperty property in answer.EnumerateObject())
                {
                    if (!expected.TryGetProperty(property.Name, out _)) return $"{path}: {property.Name} is not expected, got {Shorten(property.Value)}";
                }

                return null;
            case JsonValueKind.Array:
                if (expected.GetArrayLength() != answer.GetArrayLength() && !shapeOnly) return $"{path}: expected {expected.GetArrayLength()} items, got {answer.GetArrayLength()}";
                if (expected.GetArrayLength() > 0 && answer.GetArrayLength() == 0) return $"{path}: got no items";
                for (int i = 0; i < Math.Min(expected.GetArrayLength(), answer.GetArrayLength()); i++)
                {
                    if (Find(expected[i], answer[i], shapeOnly, $"{path}[{i}]") is { } difference) return difference;
                }

                return null;
            default:
                return shapeOnly || expected.ToString() == answer.ToString() ? null : $"{path}: expected {Shorten(expected)}, got {Shorten(answer)}";
        }
    }

    private static string Shorten(JsonElement element)
    {
        string text = element.ValueKind == JsonValueKind.Undefined ? "nothing" : element.GetRawText();
        return text.Length > 200 ? text[..200] + "…" : text;
    }
}
